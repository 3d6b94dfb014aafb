import { devices } from '../../devices/device.ts';
import { links } from '../../hardware/pcie/link.ts';
import { groupOf } from '../../iommu/attach.ts';
import { bondsOf, contextOf } from '../../iommu/context.ts';
import { lockedHandlerOf } from '../../iommu/exit-handler.ts';
import { membersOf } from '../../iommu/group.ts';
import { exitHandler } from '../../iommu/ops.ts';
import { processes } from '../../iommu/process.ts';
import { decides, hasBug } from '../../policy/policy.ts';
import { call, done, fail, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { EVERYTHING } from '../atc.ts';
import { issueSync } from './command-queue.ts';
import { mayStall, smmuDomainOf } from './domain.ts';
import { whyNotShare } from './features.ts';
import { invalidateAtc, invalidatePages } from './invalidate.ts';
import { entries } from './pasid-entries.ts';
import { quietContext } from './quiet-context.ts';

const pasidOf = (world: World, process: number): number => processes.get(world, process).pasid;

/** A fault of the device reaches the kernel and is answered: a page request, or a transaction that stalls. RFCv2 21/36. */
function canFault(world: World, device: number): boolean {
  const { pri, ats } = devices.get(world, device);
  return (pri === 1 && ats === 1) || mayStall(world, device);
}

/** The devices of the group of a device that have an ATC, itself included. */
function siblingsWithAtc(world: World, device: number): number[] {
  const siblings = membersOf(world, groupOf(world, device)).map((member) => member.device);
  return siblings.filter((each) => devices.get(world, each).ats === 1).sort((one, other) => one - other);
}

/** arm_smmu_process_attach(): under iommu_process_lock; the first device of a domain installs the descriptor. */
export const processAttach = procedure(
  'arm_smmu_process_attach',
  'smmu-driver',
  { check: ['device', 'process', 'first'], unsuited: ['smmu'] },
  (go) => ({
    check: step(
      'checks that {device} can fault and installs {what}',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 21/36' },
      (world, { device, process, first }) => {
        const { pasidBits } = devices.get(world, device);
        tell(world, { what: first === 1 ? 'the entry of its domain' : 'nothing: its domain has the entry already' });
        if (pasidBits === 0) return fail('EINVAL');
        const { smmu } = links.get(world, devices.get(world, device).link);
        if (whyNotShare(world, smmu) !== null) return go.unsuited({ smmu });
        if (!canFault(world, device) && decides(world, 'needs-iopf', 'refused')) return fail('ENODEV');
        if (pasidOf(world, process) >= 2 ** pasidBits) return fail('ENOSPC');
        const installs = decides(world, 'pasid-table', 'domain')
          ? first === 1
          : !entries.hasAll(world, device, process);
        return installs ? entries.installFor(world, device, process) : done();
      },
    ),
    unsuited: step(
      'finds that {smmu} cannot walk page tables of the CPUs: {why}',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 18/36; arm_smmu_sva_supported() since v5.10' },
      (world, { smmu }) => {
        tell(world, { why: whyNotShare(world, smmu) ?? '' });
        return fail('ENODEV');
      },
    ),
  }),
);

/**
 * arm_smmu_process_detach(): the last device takes the entry with it: V, then the cached descriptors, then IOTLB and
 * ATCs. A device that leaves others behind gets its own ATC_INV (RFCv2 repaired).
 */
export const processDetach = procedure(
  'arm_smmu_process_detach',
  'smmu-driver',
  {
    begin: ['domain', 'device', 'process', 'last'],
    caches: ['domain', 'process'],
    atcs: ['domain', 'device', 'process', 'after'],
    sync: ['domain'],
  },
  (go) => ({
    begin: step(
      'takes {pasid} away from {device}: {how}',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 21/36' },
      (world, { domain, device, process, last }) => {
        const pasid = pasidOf(world, process);
        tell(world, { pasid, how: last === 1 ? 'the count of its domain is down to 0' : 'its domain counts others' });
        if (last === 1) return call(entries.clearFor(world, domain, process, 1), go.caches({ domain, process }));
        if (entries.having(world, domain, process, 0).length > 0)
          return call(entries.clearFor(world, domain, process, 0), go.atcs({ domain, device, process, after: -1 }));
        if (devices.get(world, device).ats === 0 || decides(world, 'leaving-atc', 'kept')) return done();
        return call(invalidateAtc(world, device, pasid, EVERYTHING, EVERYTHING), go.sync({ domain }));
      },
    ),
    caches: step(
      'has everything cached for it invalidated',
      { cite: 'RFCv2 21/36, 32/36' },
      (_world, { domain, process }) => invalidatePages({ domain, process, start: EVERYTHING, end: EVERYTHING }),
    ),
    atcs: step(
      'has the ATC of the next device of its group invalidated: others in the domain stay',
      { cite: 'drivers/iommu/iommu.c __iommu_remove_group_pasid()' },
      (world, { domain, device, process, after }) => {
        const [next, ...others] = siblingsWithAtc(world, device).filter((each) => each > after);
        if (next === undefined) return go.sync({ domain });
        const then = others.length === 0 ? go.sync({ domain }) : go.atcs({ domain, device, process, after: next });
        return call(invalidateAtc(world, next, pasidOf(world, process), EVERYTHING, EVERYTHING), then);
      },
    ),
    sync: step('waits until what was invalidated is clean', { cite: 'SMMUv3 4.7.3' }, (world, { domain }) =>
      issueSync.at.insert({ smmu: smmuDomainOf(world, domain).smmu }),
    ),
  }),
);

/**
 * arm_smmu_process_exit(): notifier release, once per domain, under a spinlock: nothing here may sleep. The page tables are
 * about to go, so the drivers are told, then the entry goes, or goes quiet, and then all cached copies. Where no driver is
 * told it begins with the entry, as arm_smmu_mm_release() of mainline.
 */
export const processExit = procedure(
  'arm_smmu_process_exit',
  'smmu-driver',
  {
    handlers: ['domain', 'process', 'next'],
    entry: ['domain', 'process', 'after'],
    caches: ['domain', 'process'],
  },
  (go) => ({
    handlers: step(
      'calls the exit handler for the next device of the domain: {whose}',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 02/36' },
      (world, { domain, process, next }) => {
        const context = contextOf(world, process, domain);
        const bond = context && bondsOf(world, context.id)[next];
        tell(world, { whose: bond === undefined ? 'there is no other' : devices.get(world, bond.device).name });
        if (bond === undefined) return go.entry({ domain, process, after: -1 });
        const then = go.handlers({ domain, process, next: next + 1 });
        const handler = lockedHandlerOf(world, bond.device);
        if (handler === undefined) return then;
        const { token } = handler;
        return call(exitHandler.begin({ device: bond.device, pasid: pasidOf(world, process), token }), then);
      },
    ),
    entry: step(
      'keeps the SMMU from the page tables of {process}: {how}',
      { cite: 'RFCv2 21/36' },
      (world, { domain, process, after }) => {
        if (hasBug(world, 'entry-left-live')) {
          tell(world, { how: 'it leaves the entry as it is' });
          return go.caches({ domain, process });
        }
        const isCleared = decides(world, 'exited-entry', 'cleared');
        const [table, ...others] = entries.having(world, domain, process, 1).filter(({ id }) => id > after);
        const quiet = table === undefined ? 'there is no entry' : 'the entry goes quiet';
        tell(world, { how: isCleared ? 'the entry goes' : quiet });
        if (isCleared) return call(entries.clearFor(world, domain, process, 1), go.caches({ domain, process }));
        if (table === undefined) return go.caches({ domain, process });
        const pasid = pasidOf(world, process);
        const isLast = others.length === 0;
        const then = isLast ? go.caches({ domain, process }) : go.entry({ domain, process, after: table.id });
        return call(quietContext.at.quiet({ cdTable: table.id, pasid }), then);
      },
    ),
    caches: step(
      'has everything cached for it invalidated',
      { cite: 'RFCv2 21/36, 32/36' },
      (_world, { domain, process }) => invalidatePages({ domain, process, start: EVERYTHING, end: EVERYTHING }),
    ),
  }),
);
