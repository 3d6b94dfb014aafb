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
import { hasBug, tellBug } from '../../policy/policy.ts';
import { call, done, type Next, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { type CacheDriver, covering, EVERYTHING, nextCache } from '../atc.ts';
import { tagOf } from './asid-map.ts';
import { issue, issueSync } from './command-queue.ts';
import { smmuDomainOf, streamOf } from './domain.ts';
import { listens } from './unit.ts';

/** From so many pages on, one TLBI by ASID is cheaper than one each (CMDQ_MAX_TLBI_OPS, arm-smmu-v3-sva.c). */
const MAX_TLBI_OPS = 512;

/** What comes after the half of an invalidation that is under way. */
const REST = { atcs: 0, iotlb: 1, nothing: 2 } as const;

const asidOf = (world: World, process: number): number => tagOf(world, processes.get(world, process).mm).asid;

/**
 * The IOTLB first, then each ATC: the other way round a device could refill its ATC from the stale IOTLB (353e3cf8590c
 * "Fix ATC invalidation ordering wrt main TLBs"). An SMMU that hears the broadcasts of the CPUs has dropped a range that
 * they flushed before the notifier was called; to drop all of an ASID is for the driver to say.
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
    tlb: step('{order}', { cite: 'SMMUv3 3.9.1, 4.4; Linux 353e3cf8590c' }, (world, locals) => {
      const { domain, process, start, end, rest } = locals;
      tell(world, { order: `sees to the IOTLB of the SMMU ${rest === REST.atcs ? 'first' : 'only now'}` });
      if (rest === REST.atcs && hasBug(world, 'atc-before-iotlb')) {
        tellBug(world, { order: 'leaves the IOTLB of the SMMU for later, and sees to the ATCs first' });
        return go.atc({ ...locals, rest: REST.iotlb, after: -1 });
      }
      if (start !== EVERYTHING && hasHeard(world, domain, process)) return go.heard(locals);
      if (start !== EVERYTHING && end - start < MAX_TLBI_OPS) return go.page({ ...locals, page: start });
      if (start !== EVERYTHING && hasBug(world, 'range-wraps')) {
        tellBug(world, { order: 'rounds the end up past the last address: a range of 0 bytes, so nothing is to do' });
        return done();
      }
      const { smmu } = smmuDomainOf(world, domain);
      const command = issue(smmu, CMD_TLBI_NH_ASID, OPCODE.TLBI_NH_ASID, { ASID: asidOf(world, process) });
      return call(command, go.sync(locals));
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
      (_world, locals) => afterIotlb(locals),
    ),
    sync: step('waits until the IOTLB is clean', { cite: 'SMMUv3 4.7.3' }, (world, locals) =>
      followed(issueSync.at.insert({ smmu: smmuDomainOf(world, locals.domain).smmu }), afterIotlb(locals)),
    ),
    atc: step(
      'then sees to the ATCs: {whose}{span}',
      { cite: 'RFCv2 32/36; SMMUv3 4.5.1' },
      (world, { after, ...locals }) => {
        const { domain, process, start, end } = locals;
        const { pasid } = processes.get(world, process);
        const device = nextCache(world, domain, after, pasid);
        tell(world, {
          whose: device === undefined ? 'no device has one' : `that of ${devices.get(world, device).name}`,
          span: '',
        });
        if (device === undefined) return afterAtcs(locals);
        const isLast = nextCache(world, domain, device, pasid) === undefined;
        const then = isLast ? go.done(locals) : go.atc({ ...locals, after: device });
        return call(invalidateAtc(world, device, pasid, start, end), then);
      },
    ),
    done: step('waits until the ATCs are clean', { cite: 'SMMUv3 3.9.1' }, (world, locals) =>
      followed(issueSync.at.insert({ smmu: smmuDomainOf(world, locals.domain).smmu }), afterAtcs(locals)),
    ),
  }),
);

interface Range {
  readonly domain: number;
  readonly process: number;
  readonly start: number;
  readonly end: number;
  readonly rest: number;
}

const afterIotlb = (range: Range): Next =>
  range.rest === REST.atcs ? invalidate.at.atc({ ...range, rest: REST.nothing, after: -1 }) : done();

const afterAtcs = (range: Range): Next =>
  range.rest === REST.iotlb ? invalidate.at.tlb({ ...range, rest: REST.nothing }) : done();

/** Calls a procedure, and goes on at what comes after it if anything does. */
const followed = (callee: Next, then: Next): Next => (then.kind === 'done' ? callee : call(callee, then));

/** The invalidation of pages of a process from `start` up to, not including, `end`; all of them from EVERYTHING on. */
export const invalidatePages = (pages: Omit<Range, 'rest'>): Next & { kind: 'go' | 'call' } =>
  invalidate.at.tlb({ ...pages, rest: REST.atcs });

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

/** How this driver has caches forget; the order is in drivers/process-ends.ts and drivers/private-pasids.ts. */
export const CACHES: CacheDriver = {
  forgetInAtc: (world, device, pasid) => invalidateAtc(world, device, pasid, EVERYTHING, EVERYTHING),
  sync: (world, domain) => issueSync.at.insert({ smmu: smmuDomainOf(world, domain).smmu }),
  syncCite: 'SMMUv3 4.7.3',
};
