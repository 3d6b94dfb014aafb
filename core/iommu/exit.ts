import { isStopped } from '../devices/pasid-use.ts';
import { free, release, take } from '../sim/lock.ts';
import { call, done, procedure, step } from '../sim/procedure.ts';
import { bondsOf, contexts, contextsOf, removeBond } from './context.ts';
import { domains } from './domain.ts';
import { faultQueueFlush, processExit } from './ops.ts';
import { getProcess, processes, processLock, processOf } from './process.ts';
import { dropReference, putProcess } from './put.ts';

const LOCKED = { wait: 'spin', awaits: 'iommu_process_lock', atomic: 'iommu_process_lock' } as const;

/**
 * The mmu_notifier's release(): the address space dies while devices are bound to it. RFCv2 04/36 and 05/36, repaired:
 * the PASID is given back only after every device has stopped and the queues were flushed once more.
 */
export const releaseProcess = procedure(
  'iommu_notifier_release',
  'iommu',
  {
    find: ['mm'],
    exit: ['process'],
    drop: ['process', 'context'],
    unlock: ['process'],
    stopped: ['process'],
    put: ['process'],
  },
  (go) => ({
    find: step(
      'looks for what is bound to {mm}',
      { ...LOCKED, when: free(processLock), cite: 'RFCv2 04/36 release()', chapter: 'Unbind' },
      (world, { mm }) => {
        const process = processOf(world, mm);
        if (process === undefined || process.kref === 0) return done();
        take(world, processLock.id);
        getProcess(world, process.id);
        processes.edit(world, process.id, (row) => {
          row.state = 'exiting';
        });
        return go.exit({ process: process.id });
      },
    ),
    exit: step(
      'tells the next domain that {process} exits',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 04/36' },
      (world, { process }) => {
        const [context] = contextsOf(world, process);
        if (context === undefined) return go.unlock({ process });
        const { backend } = domains.get(world, context.domain);
        const exit = processExit.begin({ domain: context.domain, process }, backend);
        return call(exit, go.drop({ process, context: context.id }));
      },
    ),
    drop: step(
      'ends the bonds of this domain with {process}',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 04/36' },
      (world, { process, context }) => {
        for (const bond of bondsOf(world, context)) removeBond(world, bond);
        contexts.remove(world, context);
        dropReference(world, process);
        return go.exit({ process });
      },
    ),
    unlock: step('releases the lock and flushes the fault queues', { cite: 'RFCv2 04/36' }, (world, { process }) => {
      release(world, processLock.id);
      return call(faultQueueFlush.begin({ device: -1 }), go.stopped({ process }));
    }),
    stopped: step(
      'waits until each device has stopped, then flushes once more',
      {
        when: (world, { process }) => isStopped(world, processes.get(world, process).pasid),
        wait: 'sleep',
        awaits: 'the devices to stop',
        cite: 'RFCv2 02/36, repaired',
      },
      (_world, { process }) => call(faultQueueFlush.begin({ device: -1 }), go.put({ process })),
    ),
    put: step(
      'lets go of {process}: its PASID can be given to another',
      { cite: 'RFCv2 04/36' },
      (_world, { process }) => putProcess.at.put({ process }),
    ),
  }),
);
