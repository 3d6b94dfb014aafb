import { devices } from '../devices/device.ts';
import { backendOf } from '../iommu/group.ts';
import { findProcess, processes, processLock } from '../iommu/process.ts';
import { putProcess } from '../iommu/put.ts';
import { isError } from '../lib/errno.ts';
import { decides, hasBug, tellBug } from '../policy/policy.ts';
import { handleMmFault } from '../process/fault.ts';
import { grants } from '../process/fault-result.ts';
import { mmgetNotZero, mms } from '../process/mm.ts';
import { mmputAsync } from '../process/mmput.ts';
import { findExtendVma, type Vma, vmaLookup } from '../process/vma.ts';
import { spawn } from '../sim/actor.ts';
import { canRead, free, releaseRead, takeRead } from '../sim/lock.ts';
import { call, procedure, RESULT, step } from '../sim/procedure.ts';
import { reach, tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { accessOf, askHandler, handlerOf, responseFor, STATUS, statusName } from './domain-handler.ts';
import { type Fault, faults, faultsIn, type IopfGroup, iopfGroups, RESPONSE } from './fault.ts';
import { createFaultQueues } from './queue.ts';
import { pageResponse } from './report.ts';

/**
 * The fault worker: takes one group after another, resolves each page as a fault of the CPU would be resolved, in
 * order, and answers the group once. iommu_fault_handle_group() and iommu_fault_handle_mm(), RFCv2 07/36 and 08/36.
 */
export const faultWorker = procedure(
  'iommu_fault_handle_group',
  'faults',
  {
    wait: ['queue'],
    next: ['iopf'],
    handler: ['iopf', 'fault'],
    status: ['iopf', 'fault', 'status'],
    process: ['iopf', 'fault'],
    mm: ['iopf', 'fault', 'process'],
    lock: ['iopf', 'fault', 'process', 'mm'],
    vma: ['iopf', 'fault', 'process', 'mm'],
    unlock: ['iopf', 'fault', 'process', 'mm', 'result'],
    putmm: ['iopf', 'process', 'mm'],
    putprocess: ['iopf', 'process'],
    respond: ['iopf'],
    finish: ['iopf'],
  },
  (go) => ({
    wait: step(
      'wakes up for page request group {prgi}',
      {
        when: (world, { queue }) => firstQueued(world, queue) !== undefined,
        wait: 'sleep',
        awaits: 'a page request group',
        cost: 'wakeup',
        cite: 'RFCv2 07/36',
      },
      (world, { queue }) => {
        const group = firstQueued(world, queue) as IopfGroup;
        tell(world, { prgi: group.prgi, pasid: group.pasid });
        for (const row of iopfGroups.all(world)) {
          if (row.state !== 'queued' || row.queue !== queue) continue;
          iopfGroups.edit(world, row.id, (draft) => {
            draft.place -= 1;
          });
        }
        iopfGroups.edit(world, group.id, (row) => {
          row.state = 'running';
        });
        return go.next({ iopf: group.id });
      },
    ),
    next: step('looks at the next request of {iopf}', { cite: 'RFCv2 07/36' }, (world, { iopf }) => {
      const [fault] = faultsIn(world, iopf);
      if (fault === undefined) return go.respond({ iopf });
      if (iopfGroups.get(world, iopf).response === RESPONSE.success)
        return handlerOf(world, fault.device)?.blocking === 1
          ? go.handler({ iopf, fault: fault.id })
          : go.process({ iopf, fault: fault.id });
      faults.remove(world, fault.id);
      return go.next({ iopf });
    }),
    handler: step(
      'asks the handler of the domain, which may sleep here',
      { wait: 'sleep', cite: 'RFCv2 09/36' },
      (world, { iopf, fault }) => {
        const request = faults.get(world, fault);
        const { device, pasid, page, prgi } = request;
        const ask = askHandler.begin({ device, pasid, page, prgi, last: 1, access: accessOf(request) });
        return call(ask, go.status({ iopf, fault, status: RESULT }));
      },
    ),
    status: step(
      'hears {answer} from the handler of the domain',
      { cite: 'RFCv2 09/36 iommu_fault_finish()' },
      (world, { iopf, fault, status }) => {
        tell(world, { answer: statusName(status) });
        if (status === STATUS.none) return go.process({ iopf, fault });
        if (status !== STATUS.handled) return failed(world, iopf, fault, () => go.next({ iopf }), responseFor(status));
        faults.remove(world, fault);
        return go.next({ iopf });
      },
    ),
    process: step(
      'looks for the process behind {pasid}: {found}',
      {
        when: free(processLock),
        wait: 'spin',
        awaits: 'iommu_process_lock',
        atomic: 'iommu_process_lock',
        cite: 'RFCv2 08/36 iommu_process_find()',
      },
      (world, { iopf, fault }) => {
        const { pasid } = faults.get(world, fault);
        const process = pasid < 0 ? null : findProcess(world, pasid);
        tell(world, { pasid, found: process === null ? 'there is none' : 'it takes a reference' });
        if (process === null) return failed(world, iopf, fault, () => go.next({ iopf }));
        return go.mm({ iopf, fault, process: process.id });
      },
    ),
    mm: step(
      'holds on to the address space of {process} if it has a user: {if}',
      { atomic: 'mmget_not_zero()', cite: 'RFCv2 08/36' },
      (world, { iopf, fault, process }) => {
        const { mm } = processes.get(world, process);
        const alive = mmgetNotZero(world, mm);
        tell(world, { if: alive ? 'it has' : 'it has none' });
        if (alive) reach(world, 'fault.held');
        if (alive) return go.lock({ iopf, fault, process, mm });
        return failed(world, iopf, fault, () => go.putprocess({ iopf, process }));
      },
    ),
    lock: step(
      'takes mmap_lock of {mm} for reading',
      {
        when: (world, { mm }) => canRead(world, mms.get(world, mm).mmapLock),
        wait: 'sleep',
        awaits: 'mmap_lock of {mm}',
        cite: 'RFCv2 08/36 down_read()',
      },
      (world, { iopf, fault, process, mm }) => {
        takeRead(world, mms.get(world, mm).mmapLock);
        return go.vma({ iopf, fault, process, mm });
      },
    ),
    vma: step(
      'looks for the VMA of {page}: {found}',
      { cite: 'RFCv2 08/36 find_extend_vma()' },
      (world, { iopf, fault, process, mm }) => {
        const request = faults.get(world, fault);
        const found = findArea(world, mm, request.page);
        const refusal = whyInvalid(found, request);
        tell(world, { page: request.page, found: refusal ?? 'the access is allowed', fault: refusal === null ? 0 : 1 });
        const then = { iopf, fault, process, mm };
        if (refusal !== null || found === null) return go.unlock({ ...then, result: -1 });
        return call(
          handleMmFault.at.look({ mm, page: request.page, write: request.write, vma: found.id }),
          go.unlock({ ...then, result: RESULT }),
        );
      },
    ),
    unlock: step(
      'lets go of mmap_lock: the page is {outcome}',
      { cite: 'RFCv2 08/36 up_read()' },
      (world, { iopf, fault, process, mm, result }) => {
        releaseRead(world, mms.get(world, mm).mmapLock);
        const isThere = !isError(result) && grants(result, faults.get(world, fault).write);
        const missing = isError(result) ? 'not to be had' : 'not there yet, but somebody is at it: try again';
        tell(world, { outcome: isThere ? 'there' : missing });
        if (!isError(result)) {
          faults.remove(world, fault);
          return go.putmm({ iopf, process, mm });
        }
        return failed(world, iopf, fault, () => go.putmm({ iopf, process, mm }));
      },
    ),
    putmm: step(
      'gives the address space back by mmput_async: the last put must not run here',
      { cite: 'RFCv2 08/36 mmput_async()' },
      (_world, { iopf, process, mm }) => call(mmputAsync.at.put({ mm }), go.putprocess({ iopf, process })),
    ),
    putprocess: step('lets go of {process}', { cite: 'RFCv2 08/36 iommu_process_put()' }, (_world, { iopf, process }) =>
      call(putProcess.at.put({ process }), go.next({ iopf })),
    ),
    respond: step(
      'answers {iopf}{unmatched}: {response}',
      {
        atomic: 'fault_param->lock',
        cite: 'RFCv2 07/36 iommu_fault_finish()',
        chapter: 'Respond',
      },
      (world, { iopf }) => {
        const { device, pasid, prgi, response, pending } = iopfGroups.get(world, iopf);
        const isUnmatched = pending !== 1 && hasBug(world, 'answered-unmatched');
        const isOwed = (pending === 1 || isUnmatched) && isThere(world, device);
        tell(world, { response: isOwed ? response : 'nobody waits for that any more', unmatched: '' });
        if (isUnmatched) tellBug(world, { unmatched: ', for which nobody waits any more' });
        reach(world, 'fault.handled');
        if (!isOwed) return go.finish({ iopf });
        settle(world, iopf);
        return call(
          pageResponse.begin({ device, pasid, prgi, response }, backendOf(world, device)),
          go.finish({ iopf }),
        );
      },
    ),
    finish: step('is done with {iopf}', { cite: 'RFCv2 07/36' }, (world, { iopf }) => {
      const { queue } = iopfGroups.get(world, iopf);
      iopfGroups.remove(world, iopf);
      reach(world, 'fault.answered');
      return go.wait({ queue });
    }),
  }),
);

const firstQueued = (world: World, queue: number): IopfGroup | undefined =>
  iopfGroups.first(world, (row) => row.queue === queue && row.state === 'queued' && row.place === 0);

/** A device that was removed is not: the posted code would answer it all the same, by a pointer to freed memory. */
const isThere = (world: World, device: number): boolean => devices.find(world, device) !== undefined;

/** Off the list of what is pending before it is answered: who removes the device meanwhile does not answer it too. */
function settle(world: World, iopf: number): void {
  iopfGroups.edit(world, iopf, (row) => {
    row.pending = 0;
  });
}

/** The request failed: the error sticks to its group. */
function failed<T>(world: World, iopf: number, fault: number, then: () => T, response: number = RESPONSE.invalid): T {
  iopfGroups.edit(world, iopf, (row) => {
    row.response = response;
  });
  faults.remove(world, fault);
  return then();
}

/** The area that the page lies in, after growing a stack down to it if the policy lets devices do that. */
function findArea(world: World, mm: number, page: number): Vma | null {
  return decides(world, 'stack-growth', 'as-cpu') ? findExtendVma(world, mm, page) : vmaLookup(world, mm, page);
}

/** Why a request gets INVALID, null if handle_mm_fault() is to decide. RFCv2 08/36. */
function whyInvalid(vma: Vma | null, request: Fault): string | null {
  if (vma === null) return 'there is none';
  if (request.write === 1 && vma.write === 0) return 'it may not be written';
  if (request.exec === 1 && vma.exec === 0) return 'it may not be executed';
  if (request.read === 1 && vma.read === 0) return 'it may not be read';
  return null;
}

/** The fault queues of a machine with so many IOMMUs, and a worker for each. At boot. */
export function spawnFaultWorkers(world: World, smmus: number): void {
  const queues = createFaultQueues(world, smmus);
  for (const { id, smmu } of queues) {
    const name = queues.length === 1 ? 'fault worker' : `fault worker ${smmu}`;
    spawn(world, name, 'faults', faultWorker.at.wait({ queue: id }));
  }
}
