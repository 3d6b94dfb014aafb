import { ERRNO, isError } from '../lib/errno.ts';
import { decides } from '../policy/policy.ts';
import { mmget, mms } from '../process/mm.ts';
import { mmput } from '../process/mmput.ts';
import { registerNotifier } from '../process/notifier.ts';
import { tasks } from '../process/task.ts';
import { free, isFree, release, take } from '../sim/lock.ts';
import { call, done, fail, procedure, RESULT, step } from '../sim/procedure.ts';
import { reach, tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { addBind, bondOf, contextOf, contexts, dropBind, raiseCount } from './context.ts';
import { isHeeded } from './detach.ts';
import { domains } from './domain.ts';
import { backendOf, domainOf, memberOf } from './group.ts';
import { processAlloc, processAttach, processFree } from './ops.ts';
import { pasidFor } from './pasid.ts';
import { getProcess, processes, processFor, processLock } from './process.ts';
import { dropReference } from './put.ts';

const LOCKED = { wait: 'spin', awaits: 'iommu_process_lock', atomic: 'iommu_process_lock' } as const;

/** What is to be bound, all through the search for its process: `domain` is that of the device when the bind began. */
const SOUGHT = ['device', 'task', 'mm', 'domain'] as const;

/**
 * iommu_process_bind_device(), RFCv2 05/36, as posted and repaired, for the memory that `task` had when the caller was
 * asked. The caller sees to it that the mm_struct stays, but not the memory. Returns the PASID, or a negative error number.
 */
export const bindDevice = procedure(
  'iommu_process_bind_device',
  'iommu',
  {
    domain: ['device', 'task', 'mm'],
    lookup: SOUGHT,
    alloc: SOUGHT,
    insert: [...SOUGHT, 'result'],
    notifier: ['device', 'domain', 'process'],
    publish: ['device', 'domain', 'process'],
    putmm: ['device', 'domain', 'process'],
    attach: ['device', 'domain', 'process'],
    attached: ['device', 'context', 'process', 'result'],
    join: ['device', 'context', 'process'],
    joined: ['device', 'context', 'process', 'result'],
    unwind: [...SOUGHT, 'errno'],
    unwound: [...SOUGHT, 'errno'],
    abandon: ['process', 'errno'],
  },
  (go) => ({
    domain: step(
      'looks up the domain of {device}',
      { cite: 'RFCv2 05/36 iommu_get_domain_for_dev()' },
      (world, { device, task, mm }) => {
        const domain = domainOf(world, device);
        const hasIt = tasks.get(world, task).mm === mm;
        return domain < 0 || !hasIt ? fail('EINVAL') : go.lookup({ device, task, mm, domain });
      },
    ),
    lookup: step(
      'looks for a process already known for {mm} and finds {found}',
      { ...LOCKED, when: (world, { task, mm }) => canLookUp(world, task, mm), cite: 'RFCv2 05/36' },
      (world, { device, task, mm, domain }) => {
        const known = processFor(world, task, mm);
        const found = known === undefined ? 'none' : `PASID ${known.pasid}`;
        tell(world, { found: known?.kref === 0 ? 'one without a reference, which it takes for dead' : found });
        if (known === undefined || known.kref === 0) return go.alloc({ device, task, mm, domain });
        const process = getProcess(world, known.id).id;
        const context = contextOf(world, process, domain);
        if (context === undefined) return go.attach({ device, domain, process });
        take(world, processLock.id);
        return go.join({ device, context: context.id, process });
      },
    ),
    alloc: step(
      'asks the IOMMU driver to prepare for {mm}',
      { wait: 'sleep', cite: 'RFCv2 01/36 process_alloc()' },
      (world, sought) =>
        call(
          processAlloc.begin({ mm: sought.mm }, backendOf(world, sought.device)),
          go.insert({ ...sought, result: RESULT }),
        ),
    ),
    insert: step(
      '{again}gives {mm} a PASID of the system-wide space: {pasid}',
      { ...LOCKED, when: free(processLock), cite: 'RFCv2 01/36 idr_alloc_cyclic()' },
      (world, { result, ...sought }) => {
        const { device, task, mm, domain } = sought;
        tell(world, { pasid: -1, again: looksAgain(world) ? 'looks again, then ' : '' });
        if (isError(result)) return fail(result);
        if (looksAgain(world) && processFor(world, task, mm) !== undefined) return go.unwind({ ...sought, errno: 0 });
        const { pid, mm: own } = tasks.get(world, task);
        // get_task_mm() finds no memory any more; or the task has become another program since the bind began.
        if (own !== mm) return go.unwind({ ...sought, errno: ERRNO.EINVAL });
        const { minPasid, maxPasid } = domains.get(world, domain);
        const pasid = pasidFor(world, mm, minPasid, maxPasid);
        if (pasid < 0) return go.unwind({ ...sought, errno: ERRNO.ENOSPC });
        mmget(world, mm);
        tell(world, { pasid });
        const backend = backendOf(world, device);
        const process = processes.insert(world, { mm, pid, pasid, kref: 0, state: 'constructing', backend });
        return go.notifier({ device, domain, process: process.id });
      },
    ),
    notifier: step(
      'registers an mmu_notifier, so that changes of the page tables of {process} are heard of',
      { wait: 'sleep', cite: 'RFCv2 04/36 mmu_notifier_register()' },
      (world, { device, domain, process }) => {
        registerNotifier(world, processes.get(world, process).mm);
        return go.publish({ device, domain, process });
      },
    ),
    publish: step(
      'publishes the process with its first reference',
      { atomic: 'write barrier, then kref_init()', cite: 'RFCv2 01/36' },
      (world, { device, domain, process }) => {
        processes.edit(world, process, (row) => {
          row.kref = 1;
          row.state = 'live';
        });
        return go.putmm({ device, domain, process });
      },
    ),
    putmm: step(
      'gives back its hold on the address space: being bound does not keep {process} alive',
      { cite: 'RFCv2 01/36 mmput()' },
      (world, { device, domain, process }) =>
        call(mmput.at.put({ mm: processes.get(world, process).mm }), go.attach({ device, domain, process })),
    ),
    attach: step(
      'links {process} to {domain}: {how}',
      { ...LOCKED, when: free(processLock), cite: 'RFCv2 05/36 iommu_process_attach()' },
      (world, { device, domain, process }) => {
        take(world, processLock.id);
        const known = decides(world, 'context-lookup', 'again') ? contextOf(world, process, domain) : undefined;
        tell(world, { how: known === undefined ? 'a new context' : 'another has done it meanwhile' });
        if (known !== undefined) return go.join({ device, context: known.id, process });
        const errno = whyNot(world, device, domain, process);
        if (errno !== 0) tell(world, { how: errno === ERRNO.ENODEV ? 'the device is leaving' : 'it may not' });
        if (errno !== 0) return go.abandon({ process, errno });
        const context = contexts.insert(world, { process, domain, devices: 0 }).id;
        addBind(world, context, device);
        const attach = processAttach.begin({ domain, device, process, first: 1 }, backendOf(world, device));
        return call(attach, go.attached({ device, context, process, result: RESULT }));
      },
    ),
    attached: step(
      'releases the lock and answers {pasid}',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 05/36' },
      (world, { device, context, process, result }) => {
        tell(world, { pasid: processes.get(world, process).pasid });
        if (!isError(result)) return bound(world, process);
        dropBind(world, context, device);
        contexts.remove(world, context);
        return go.abandon({ process, errno: -result });
      },
    ),
    join: step(
      'counts {device} in the context of {process}, which its domain has already',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 05/36 iommu_process_attach_locked()' },
      (world, { device, context, process }) => {
        const { domain } = contexts.get(world, context);
        const errno = whyNot(world, device, domain, process) || whyNotAgain(world, device, context);
        if (errno !== 0) return go.abandon({ process, errno });
        addBind(world, context, device);
        const attach = processAttach.begin({ domain, device, process, first: 0 }, backendOf(world, device));
        return call(attach, go.joined({ device, context, process, result: RESULT }));
      },
    ),
    joined: step(
      'releases the lock and answers {pasid}; the reference that it took is {reference}',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 05/36' },
      (world, { device, context, process, result }) => {
        const leaks = decides(world, 'lookup-reference', 'leaked');
        tell(world, { pasid: processes.get(world, process).pasid, reference: leaks ? 'kept by nobody' : 'dropped' });
        if (isError(result)) {
          dropBind(world, context, device);
          if (leaks) raiseCount(world, context);
          return go.abandon({ process, errno: -result });
        }
        if (!leaks) dropReference(world, process);
        return bound(world, process);
      },
    ),
    unwind: step(
      'gives back what the IOMMU driver had prepared',
      { cite: 'RFCv2 01/36, error path' },
      (world, locals) =>
        call(processFree.begin({ mm: locals.mm }, backendOf(world, locals.device)), go.unwound(locals)),
    ),
    unwound: step(
      'starts over, or returns the error',
      { cite: 'RFCv2 01/36, error path' },
      (_world, { errno, ...sought }) => (errno === 0 ? go.lookup(sought) : fail(errno)),
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

const looksAgain = (world: World): boolean => decides(world, 'process-lookup', 'again');

/** Nobody is in the middle of creating this process, for one who minds: a waiter holds no reference and looks again. */
function canLookUp(world: World, task: number, mm: number): boolean {
  if (!isFree(world, processLock.id)) return false;
  return !looksAgain(world) || processFor(world, task, mm)?.state !== 'constructing';
}

function bound(world: World, process: number) {
  release(world, processLock.id);
  reach(world, 'bind.done');
  return done(processes.get(world, process).pasid);
}

/** Why a process cannot be attached to a domain for a device now: an error number, 0 if it can. */
function whyNot(world: World, device: number, domain: number, process: number): number {
  const { mm, pasid, state } = processes.get(world, process);
  const isLeaving = domainOf(world, device) !== domain || memberOf(world, device)?.leaving === 1;
  if (isLeaving && isHeeded(world)) return ERRNO.ENODEV;
  const isDying = state !== 'live' || mms.get(world, mm).users === 0;
  if (isDying && decides(world, 'dying-mm', 'refused')) return ERRNO.ESRCH;
  const { minPasid, maxPasid } = domains.get(world, domain);
  return pasid < minPasid || pasid > maxPasid ? ERRNO.ENOSPC : 0;
}

/** Why a device cannot be bound to a process once more: an error number, 0 if it can. */
function whyNotAgain(world: World, device: number, context: number): number {
  if (bondOf(world, context, device) === undefined) return 0;
  return decides(world, 'repeat-bind', 'refused') ? ERRNO.EEXIST : 0;
}
