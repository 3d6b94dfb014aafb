import { type Device, devices } from '../../devices/device.ts';
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
import { call, done, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { tagOf } from './asid-map.ts';
import { issue, issueSync } from './command-queue.ts';
import { nextMaster, smmuDomainOf, streamOf } from './domain.ts';
import { listens } from './unit.ts';

/** From so many pages on, one TLBI by ASID is cheaper than one each (CMDQ_MAX_TLBI_OPS, arm-smmu-v3-sva.c). */
const MAX_TLBI_OPS = 512;

/** The pages of an invalidation; EVERYTHING as start means all of the PASID. */
export const EVERYTHING = -1;
/** Translations that were asked for without a PASID: those of DMA addresses. */
export const NO_PASID = -1;

const asidOf = (world: World, process: number): number => tagOf(world, processes.get(world, process).mm).asid;

/**
 * The IOTLB first, then each ATC: the other way round a device could refill its ATC from the stale IOTLB (353e3cf8590c
 * "Fix ATC invalidation ordering wrt main TLBs"). An SMMU that hears the broadcasts of the CPUs has dropped a range that
 * they flushed before the notifier was called; to drop all of an ASID is for the driver to say.
 */
export const invalidate = procedure(
  'arm_smmu_process_invalidate',
  'smmu-driver',
  {
    tlb: ['domain', 'process', 'start', 'end'],
    page: ['domain', 'process', 'start', 'end', 'page'],
    heard: ['domain', 'process', 'start', 'end'],
    sync: ['domain', 'process', 'start', 'end'],
    atc: ['domain', 'process', 'start', 'end', 'after'],
    done: ['domain'],
  },
  (go) => ({
    tlb: step(
      'sees to the IOTLB of the SMMU first',
      { cite: 'SMMUv3 3.9.1, 4.4; Linux 353e3cf8590c' },
      (world, { domain, process, start, end }) => {
        if (start !== EVERYTHING && hasHeard(world, domain, process)) return go.heard({ domain, process, start, end });
        if (start !== EVERYTHING && end - start < MAX_TLBI_OPS)
          return go.page({ domain, process, start, end, page: start });
        const { smmu } = smmuDomainOf(world, domain);
        const command = issue(smmu, CMD_TLBI_NH_ASID, OPCODE.TLBI_NH_ASID, { ASID: asidOf(world, process) });
        return call(command, go.sync({ domain, process, start, end }));
      },
    ),
    page: step(
      'invalidates the IOTLB for {page}',
      { cite: 'SMMUv3 4.4.2.4' },
      (world, { domain, process, start, end, page }) => {
        const { smmu } = smmuDomainOf(world, domain);
        const fields = { ASID: asidOf(world, process), Leaf: 0, Address: page };
        const more = page + 1 < end;
        const then = { domain, process, start, end };
        return call(
          issue(smmu, CMD_TLBI_NH_VA, OPCODE.TLBI_NH_VA, fields),
          more ? go.page({ ...then, page: page + 1 }) : go.sync(then),
        );
      },
    ),
    heard: step(
      'relies on the broadcast of the CPU, which has reached the IOTLB',
      {
        when: (world, { domain }) => smmus.get(world, smmuDomainOf(world, domain).smmu).unit !== UNIT.overtaken,
        ...{ wait: 'spin', awaits: 'translations that the broadcast overtook', cite: 'SMMUv3 3.17; RFCv2 17/36' },
      },
      (_world, locals) => go.atc({ ...locals, after: -1 }),
    ),
    sync: step('waits until the IOTLB is clean', { cite: 'SMMUv3 4.7.3' }, (world, { domain, process, start, end }) =>
      call(
        issueSync.at.insert({ smmu: smmuDomainOf(world, domain).smmu }),
        go.atc({ domain, process, start, end, after: -1 }),
      ),
    ),
    atc: step(
      'then sees to the ATCs: {whose}',
      { cite: 'RFCv2 32/36; SMMUv3 4.5.1' },
      (world, { domain, process, start, end, after }) => {
        const { pasid } = processes.get(world, process);
        const device = nextCache(world, domain, after, pasid);
        tell(world, {
          whose: device === undefined ? 'no device has one' : `that of ${devices.get(world, device).name}`,
        });
        if (device === undefined) return done();
        const isLast = nextCache(world, domain, device, pasid) === undefined;
        const then = isLast ? go.done({ domain }) : go.atc({ domain, process, start, end, after: device });
        return call(invalidateAtc(world, device, pasid, start, end), then);
      },
    ),
    done: step('waits until the ATCs are clean', { cite: 'SMMUv3 3.9.1' }, (world, { domain }) =>
      issueSync.at.insert({ smmu: smmuDomainOf(world, domain).smmu }),
    ),
  }),
);

/** The next device of the domain whose ATC may keep translations of a PASID (-1: of none), undefined behind the last; -1 stands before the first. */
export function nextCache(world: World, domain: number, after: number, pasid: number): number | undefined {
  const keeps = ({ ats, pasidBits }: Device): boolean => ats === 1 && (pasid < 0 || pasidBits > 0);
  let device = nextMaster(world, domain, after);
  while (device !== undefined && !keeps(devices.get(world, device))) device = nextMaster(world, domain, device);
  return device;
}

/** The TLBI of the CPU was meant for the SMMU too, and it listens. */
function hasHeard(world: World, domain: number, process: number): boolean {
  const { mm } = processes.get(world, process);
  return tagOf(world, mm).shared === 1 && listens(world, smmuDomainOf(world, domain).smmu);
}

/** CMD_ATC_INV for the smallest naturally aligned power of two of pages that covers the range. arm_smmu_atc_inv_to_cmd(). */
export function invalidateAtc(world: World, device: number, pasid: number, start: number, end: number) {
  const { smmu } = links.get(world, devices.get(world, device).link);
  const { first, size } = start === EVERYTHING ? { first: 0, size: ATC_INV_ALL } : covering(start, end - 1);
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

function covering(first: number, last: number): { first: number; size: number } {
  let size = 0;
  while (Math.floor(first / 2 ** size) !== Math.floor(last / 2 ** size)) size++;
  return { first: first - (first % 2 ** size), size };
}
