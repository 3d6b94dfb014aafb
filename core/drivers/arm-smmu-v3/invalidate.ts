import { devices } from '../../devices/device.ts';
import { links } from '../../hardware/pcie/link.ts';
import {
  ATC_INV_ALL,
  CMD_ATC_INV,
  CMD_TLBI_NH_ASID,
  CMD_TLBI_NH_VA,
  OPCODE,
} from '../../hardware/smmuv3/commands.layout.ts';
import { smmus, UNIT } from '../../hardware/smmuv3/smmu.ts';
import { processes } from '../../iommu/process.ts';
import { call, done, type Next, procedure, step } from '../../sim/procedure.ts';
import type { World } from '../../world/world.ts';
import { type CacheDriver, covering, EVERYTHING } from '../atc.ts';
import { afterIotlb, atcsOf, type Pages, syncsIotlb, wayToForget, wholeRange } from '../process-invalidation.ts';
import { tagOf } from './asid-map.ts';
import { issue, issueSync } from './command-queue.ts';
import { smmuDomainOf, streamOf } from './domain.ts';
import { listens } from './unit.ts';

/** How this driver has caches forget; the orders in which it does are in the files above that both drivers share. */
export const CACHES: CacheDriver = {
  forgetInAtc: invalidateAtc,
  syncUnit: (smmu) => issueSync.at.insert({ smmu }),
  syncCite: 'SMMUv3 4.7.3',
  cleanCite: 'SMMUv3 3.9.1',
};

const asidOf = (world: World, process: number): number => tagOf(world, processes.get(world, process).mm).asid;

/**
 * An SMMU that hears the broadcasts of the CPUs has dropped a range that they flushed before the notifier was called; to
 * drop all of an ASID is for the driver to say.
 */
const invalidate = procedure(
  'arm_smmu_process_invalidate',
  'smmu-driver',
  {
    tlb: ['domain', 'process', 'start', 'end', 'rest'],
    page: ['domain', 'process', 'start', 'end', 'rest', 'page'],
    heard: ['domain', 'process', 'start', 'end', 'rest'],
    sync: ['domain', 'process', 'start', 'end', 'rest'],
    atc: ['domain', 'process', 'start', 'end', 'rest', 'after'],
    done: ['domain', 'process', 'start', 'end', 'rest'],
  },
  (go) => ({
    tlb: step('{order}', { cite: 'SMMUv3 3.9.1, 4.4; Linux 353e3cf8590c' }, (world, range) => {
      const { domain, process, start } = range;
      const way = wayToForget(world, 'SMMU', range, hasHeard(world, domain, process));
      if (way === 'heard') return go.heard(range);
      if (way === 'pages') return go.page({ ...range, page: start });
      if (way === 'nothing') return done();
      if (way !== 'all') return go.atc(way.first);
      const { smmu } = smmuDomainOf(world, domain);
      const command = issue(smmu, CMD_TLBI_NH_ASID, OPCODE.TLBI_NH_ASID, { ASID: asidOf(world, process) });
      return call(command, go.sync(range));
    }),
    page: step('invalidates the IOTLB for {page}', { cite: 'SMMUv3 4.4.2.4' }, (world, { page, ...then }) => {
      const { smmu } = smmuDomainOf(world, then.domain);
      const fields = { ASID: asidOf(world, then.process), Leaf: 0, Address: page };
      const more = page + 1 < then.end;
      return call(
        issue(smmu, CMD_TLBI_NH_VA, OPCODE.TLBI_NH_VA, fields),
        more ? go.page({ ...then, page: page + 1 }) : go.sync(then),
      );
    }),
    heard: step(
      'relies on the broadcast of the CPU, which has reached the IOTLB',
      {
        when: (world, { domain }) => smmus.get(world, smmuDomainOf(world, domain).smmu).unit !== UNIT.overtaken,
        ...{ wait: 'spin', awaits: 'translations that the broadcast overtook', cite: 'SMMUv3 3.17; RFCv2 17/36' },
      },
      (_world, range) => afterIotlb(go, range),
    ),
    sync: syncsIotlb(CACHES, go),
    ...atcsOf({ ...CACHES, atcCite: 'RFCv2 32/36; SMMUv3 4.5.1' }, go),
  }),
);

/** The invalidation of pages of a process. */
export const invalidatePages = (pages: Pages): Next & { kind: 'go' | 'call' } => invalidate.at.tlb(wholeRange(pages));

/** The TLBI of the CPU was meant for the SMMU too, and it listens. */
function hasHeard(world: World, domain: number, process: number): boolean {
  const { mm } = processes.get(world, process);
  return tagOf(world, mm).shared === 1 && listens(world, smmuDomainOf(world, domain).smmu);
}

/** CMD_ATC_INV for the smallest naturally aligned power of two of pages that covers the range. arm_smmu_atc_inv_to_cmd(). */
export function invalidateAtc(world: World, device: number, pasid: number, start: number, end: number) {
  const { smmu } = links.get(world, devices.get(world, device).link);
  const { first, size } = start === EVERYTHING ? { first: 0, size: ATC_INV_ALL } : covering(world, start, end - 1);
  return issue(smmu, CMD_ATC_INV, OPCODE.ATC_INV, {
    SSV: pasid < 0 ? 0 : 1,
    SubstreamID: Math.max(pasid, 0),
    StreamID: streamOf(world, device),
    Size: size,
    Address: first,
  });
}

/** CMD_ATC_INV that goes for the whole ATC of a device, whatever the PASID. */
export function invalidateEveryPasid(world: World, device: number) {
  const { smmu } = links.get(world, devices.get(world, device).link);
  const whole = { G: 1, SSV: 1, Size: ATC_INV_ALL };
  return issue(smmu, CMD_ATC_INV, OPCODE.ATC_INV, { ...whole, StreamID: streamOf(world, device) });
}
