import { ERRNO, isError } from '../lib/errno.ts';
import { decides } from '../policy/policy.ts';
import { mmgetNotZero, mms } from '../process/mm.ts';
import { mmput } from '../process/mmput.ts';
import { registerNotifier } from '../process/notifier.ts';
import { free, isFree, release, take } from '../sim/lock.ts';
import { call, done, fail, procedure, RESULT, step } from '../sim/procedure.ts';
import { reach, tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { addBond, bondOf, bonds, contextOf, contexts, removeBond } from './context.ts';
import { domains } from './domain.ts';
import { backendOf, domainOf, memberOf } from './group.ts';
import { processAlloc, processAttach, processFree } from './ops.ts';
import { pasidFor } from './pasid.ts';
import { getProcess, processes, processLock, processOf } from './process.ts';
import { dropReference } from './put.ts';

const LOCKED = { wait: 'spin', awaits: 'iommu_process_lock', atomic: 'iommu_process_lock' } as const;

/** Nobody is in the middle of creating the process of this mm: a waiter holds no reference and looks again. */
const canLookUp = (world: World, mm: number): boolean =>
  isFree(world, processLock.id) && processOf(world, mm)?.state !== 'constructing';

/** iommu_process_bind_device(), RFCv2 05/36, repaired. Returns the PASID, or a negative error number. */
export const bindDevice = procedure(
  'iommu_process_bind_device',
  'iommu',
  {
    domain: ['device', 'mm'],
    lookup: ['device', 'mm'],
    alloc: ['device', 'mm'],
    insert: ['device', 'mm', 'result'],
    notifier: ['device', 'process'],
    publish: ['device', 'process'],
    putmm: ['device', 'process'],
    attach: ['device', 'process'],
    attached: ['bond', 'process', 'result'],
    unwind: ['device', 'mm', 'errno'],
    unwound: ['device', 'mm', 'errno'],
    abandon: ['process', 'errno'],
  },
  (go) => ({
    domain: step(
      'looks up the domain of {device}',
      { cite: 'RFCv2 05/36 iommu_get_domain_for_dev()' },
      (world, { device, mm }) => (domainOf(world, device) < 0 ? fail('EINVAL') : go.lookup({ device, mm })),
    ),
    lookup: step(
      'looks for a process already known for {mm} and finds {found}',
      { ...LOCKED, when: (world, { mm }) => canLookUp(world, mm), cite: 'RFCv2 05/36' },
      (world, { device, mm }) => {
        const known = processOf(world, mm);
        tell(world, { found: known === undefined ? 'none' : `PASID ${known.pasid}` });
        if (known === undefined) return go.alloc({ device, mm });
        if (known.state !== 'live') return fail('ESRCH');
        return go.attach({ device, process: getProcess(world, known.id).id });
      },
    ),
    alloc: step(
      'asks the IOMMU driver to prepare for {mm}',
      { wait: 'sleep', cite: 'RFCv2 01/36 process_alloc()' },
      (world, { device, mm }) =>
        call(processAlloc.begin({ mm }, backendOf(world, device)), go.insert({ device, mm, result: RESULT })),
    ),
    insert: step(
      'looks again, then gives {mm} a PASID of the system-wide space: {pasid}',
      { ...LOCKED, when: free(processLock), cite: 'RFCv2 01/36 idr_alloc_cyclic()' },
      (world, { device, mm, result }) => {
        tell(world, { pasid: -1 });
        if (isError(result)) return fail(result);
        if (processOf(world, mm) !== undefined) return go.unwind({ device, mm, errno: 0 });
        const domain = domainOf(world, device);
        if (domain < 0) return go.unwind({ device, mm, errno: ERRNO.ENODEV });
        const { minPasid, maxPasid } = domains.get(world, domain);
        if (mms.get(world, mm).users === 0) return go.unwind({ device, mm, errno: ERRNO.ESRCH });
        const pasid = pasidFor(world, mm, minPasid, maxPasid);
        if (pasid < 0) return go.unwind({ device, mm, errno: ERRNO.ENOSPC });
        mmgetNotZero(world, mm);
        tell(world, { pasid });
        const backend = backendOf(world, device);
        const process = processes.insert(world, { mm, pasid, kref: 0, state: 'constructing', backend });
        return go.notifier({ device, process: process.id });
      },
    ),
    notifier: step(
      'registers an mmu_notifier, so that changes of the page tables of {process} are heard of',
      { wait: 'sleep', cite: 'RFCv2 04/36 mmu_notifier_register()' },
      (world, { device, process }) => {
        registerNotifier(world, processes.get(world, process).mm);
        return go.publish({ device, process });
      },
    ),
    publish: step(
      'publishes the process with its first reference',
      { atomic: 'write barrier, then kref_init()', cite: 'RFCv2 01/36' },
      (world, { device, process }) => {
        processes.edit(world, process, (row) => {
          row.kref = 1;
          row.state = 'live';
        });
        return go.putmm({ device, process });
      },
    ),
    putmm: step(
      'gives back its hold on the address space: being bound does not keep {process} alive',
      { cite: 'RFCv2 01/36 mmput()' },
      (world, { device, process }) =>
        call(mmput.at.put({ mm: processes.get(world, process).mm }), go.attach({ device, process })),
    ),
    attach: step(
      'links {process} to the domain of {device}, unless the mm is dying or the device leaving',
      { ...LOCKED, when: free(processLock), cite: 'RFCv2 05/36 iommu_process_attach()' },
      (world, { device, process }) => {
        take(world, processLock.id);
        const errno = whyNot(world, device, process);
        if (errno !== 0) return go.abandon({ process, errno });
        const { bond, first } = link(world, device, process);
        if (!first && bonds.get(world, bond).binds > 1) return go.attached({ bond, process, result: 0 });
        const locals = { domain: domainOf(world, device), device, process, first: first ? 1 : 0 };
        const attach = processAttach.begin(locals, backendOf(world, device));
        return call(attach, go.attached({ bond, process, result: RESULT }));
      },
    ),
    attached: step(
      'releases the lock and answers {pasid}',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 05/36' },
      (world, { bond, process, result }) => {
        const { pasid } = processes.get(world, process);
        tell(world, { pasid });
        if (isError(result)) {
          unlink(world, bond);
          return go.abandon({ process, errno: -result });
        }
        release(world, processLock.id);
        reach(world, 'bind.done');
        return done(pasid);
      },
    ),
    unwind: step(
      'gives back what the IOMMU driver had prepared',
      { cite: 'RFCv2 01/36, error path' },
      (world, { device, mm, errno }) =>
        call(processFree.begin({ mm }, backendOf(world, device)), go.unwound({ device, mm, errno })),
    ),
    unwound: step(
      'starts over, or returns the error',
      { cite: 'RFCv2 01/36, error path' },
      (_world, { device, mm, errno }) => (errno === 0 ? go.lookup({ device, mm }) : fail(errno)),
    ),
    abandon: step(
      'drops its reference, releases the lock and returns {errno}',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 05/36, error path' },
      (world, { process, errno }) => {
        dropReference(world, process);
        release(world, processLock.id);
        return fail(errno);
      },
    ),
  }),
);

/** Why a process cannot be attached to the domain of a device now: an error number, 0 if it can. */
function whyNot(world: World, device: number, process: number): number {
  const { mm, pasid, state } = processes.get(world, process);
  const domain = domainOf(world, device);
  if (domain < 0 || memberOf(world, device)?.leaving === 1) return ERRNO.ENODEV;
  if (state !== 'live' || mms.get(world, mm).users === 0) return ERRNO.ESRCH;
  const { minPasid, maxPasid } = domains.get(world, domain);
  if (pasid < minPasid || pasid > maxPasid) return ERRNO.ENOSPC;
  const context = contextOf(world, process, domain);
  const bond = context && bondOf(world, context.id, device);
  return bond !== undefined && decides(world, 'repeat-bind', 'refused') ? ERRNO.EEXIST : 0;
}

/** Counts the bind; the reference that the caller holds goes to a new context, and is dropped where there is one. */
function link(world: World, device: number, process: number): { bond: number; first: boolean } {
  const domain = domainOf(world, device);
  const known = contextOf(world, process, domain);
  const context = known ?? contexts.insert(world, { process, domain, devices: 0 });
  if (known !== undefined) dropReference(world, process);
  const bond = bondOf(world, context.id, device);
  if (bond === undefined) return { bond: addBond(world, context.id, device).id, first: known === undefined };
  bonds.edit(world, bond.id, (row) => {
    row.binds += 1;
  });
  return { bond: bond.id, first: false };
}

/** Takes back what `link` did after the driver refused; the reference of a context that goes is the caller's again. */
function unlink(world: World, id: number): void {
  const bond = bonds.get(world, id);
  const { process } = contexts.get(world, bond.context);
  if (removeBond(world, bond)) contexts.remove(world, bond.context);
  else getProcess(world, process);
}
