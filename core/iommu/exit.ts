import { isStopped } from '../devices/pasid-use.ts';
import { decides } from '../policy/policy.ts';
import { free, release, take } from '../sim/lock.ts';
import { call, done, type Next, procedure, step } from '../sim/procedure.ts';
import { inWords, tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { bondsOf, contexts, contextsOf, removeBond } from './context.ts';
import { domains } from './domain.ts';
import { exitBonds } from './exit-bonds.ts';
import { devicesIn } from './group.ts';
import { faultQueueFlush, mmRelease, processDetach, processExit } from './ops.ts';
import { getProcess, type IommuProcess, processes, processesOf, processLock } from './process.ts';
import { dropReference, putProcess } from './put.ts';

const LOCKED = { wait: 'spin', awaits: 'iommu_process_lock', atomic: 'iommu_process_lock' } as const;
const HELD = { atomic: 'iommu_process_lock' } as const;

/**
 * The mmu_notifier's release(): the address space dies while devices are bound to it. RFCv2 04/36 and 05/36: the driver
 * of each device is told under the lock, and the bonds end at once. v2 05/40: mm_exit() of each bond may sleep. Mainline:
 * no driver is told, and the bonds stay until their files are closed.
 */
export const releaseProcess = procedure(
  'iommu_notifier_release',
  'iommu',
  {
    find: ['mm'],
    exit: ['process', 'next'],
    drop: ['process', 'context'],
    unlock: ['process'],
    stopped: ['process'],
    clear: ['process'],
    cleared: ['process', 'context'],
    keep: ['process'],
    put: ['process'],
  },
  (go) => ({
    find: step(
      'looks for what is bound to {mm}',
      { ...LOCKED, when: free(processLock), cite: 'RFCv2 04/36 release()', chapter: 'Unbind' },
      (world, { mm }) => {
        const process = nextToRelease(world, mm);
        if (process === undefined) return done();
        take(world, processLock.id);
        getProcess(world, process.id);
        processes.edit(world, process.id, (row) => {
          row.state = 'exiting';
        });
        const isLeft = decides(world, 'exit-callback', 'sleepable') && !staysQuiet(world);
        return isLeft ? afterDomains(world, process.id) : go.exit({ process: process.id, next: 0 });
      },
    ),
    exit: step(
      'looks for the next domain of {process}: {found}',
      { ...HELD, cite: 'RFCv2 04/36' },
      (world, { process, next }) => {
        const context = contextsOf(world, process)[next];
        const isTold = tellsUnderLock(world);
        tell(world, { found: context === undefined ? 'there is no other' : inWords(world, 'domain', context.domain) });
        if (context === undefined) return afterDomains(world, process);
        const { domain, id } = context;
        const { backend } = domains.get(world, domain);
        const ends = isTold && !staysQuiet(world);
        const then = ends ? go.drop({ process, context: id }) : go.exit({ process, next: next + 1 });
        return call((isTold ? processExit : mmRelease).begin({ domain, process }, backend), then);
      },
    ),
    drop: step(
      'ends the bonds of this domain with {process}',
      { ...HELD, cite: 'RFCv2 04/36' },
      (world, { process, context }) => {
        endAll(world, process, context);
        return go.exit({ process, next: 0 });
      },
    ),
    unlock: step('releases the lock and flushes the fault queues', { cite: 'RFCv2 04/36' }, (world, { process }) => {
      release(world, processLock.id);
      const then = decides(world, 'pasid-lifetime', 'flushed') ? afterStop(world, process) : go.stopped({ process });
      return call(faultQueueFlush.begin({ device: -1 }), then);
    }),
    stopped: step(
      'waits until each device has stopped, then flushes once more',
      {
        when: (world, { process }) => isStopped(world, processes.get(world, process).pasid),
        wait: 'sleep',
        awaits: 'the devices to stop',
        cite: 'RFCv2 02/36, repaired',
      },
      (world, { process }) => call(faultQueueFlush.begin({ device: -1 }), afterStop(world, process)),
    ),
    clear: step(
      'takes the lock again and has the next entry of {process} cleared',
      { ...LOCKED, when: free(processLock), cite: 'RFCv2 04/36' },
      (world, { process }) => {
        const [context] = contextsOf(world, process);
        if (context === undefined) return go.put({ process });
        take(world, processLock.id);
        const { id, domain } = context;
        const [device = -1] = devicesIn(world, domain);
        const detach = processDetach.begin({ domain, device, process, last: 1 }, domains.get(world, domain).backend);
        return call(detach, go.cleared({ process, context: id }));
      },
    ),
    cleared: step(
      'ends the bonds of this domain with {process} and releases the lock',
      { ...HELD, cite: 'RFCv2 04/36' },
      (world, { process, context }) => {
        endAll(world, process, context);
        release(world, processLock.id);
        return afterStop(world, process);
      },
    ),
    keep: step(
      'releases the lock: the bonds of {process} stay until their files are closed',
      { ...HELD, cite: 'include/linux/mmu_notifier.h mmu_notifier_ops.release()' },
      (world, { process }) => {
        release(world, processLock.id);
        return go.put({ process });
      },
    ),
    put: step('lets go of {process}: {outcome}', { cite: 'RFCv2 04/36' }, (world, { process }) => {
      const isLast = processes.get(world, process).kref === 1 && !decides(world, 'pasid-lifetime', 'mm');
      tell(world, { outcome: isLast ? 'its PASID can be given to another' : 'its PASID stays taken' });
      const { mm } = processes.get(world, process);
      const put = putProcess.at.put({ process });
      return nextToRelease(world, mm) === undefined ? put : call(put, go.find({ mm }));
    }),
  }),
);

/** A process of the mm whose notifier was not called yet: each has registered one of its own. */
function nextToRelease(world: World, mm: number): IommuProcess | undefined {
  return processesOf(world, mm).find(({ state }) => state === 'live');
}

/** The driver of each device is called under the lock, so it cannot wait there until its device has stopped. */
const tellsUnderLock = (world: World): boolean =>
  !decides(world, 'exit-callback', 'sleepable') && !decides(world, 'exit-callback', 'none');

/** The entries go quiet first, and are cleared when no device uses them any more. */
const staysQuiet = (world: World): boolean => decides(world, 'exited-entry', 'quiet');

/** When all domains were left alone, with the lock held. */
function afterDomains(world: World, process: number): Next {
  if (tellsUnderLock(world)) return releaseProcess.at.unlock({ process });
  if (decides(world, 'exit-callback', 'none')) return releaseProcess.at.keep({ process });
  const areKnown = contextsOf(world, process).every(({ id }) => bondsOf(world, id).length > 0);
  return call(
    exitBonds.at.bond({ process }),
    areKnown ? releaseProcess.at.put({ process }) : releaseProcess.at.clear({ process }),
  );
}

/** When no device uses the PASID any more: entries that stayed are cleared, and the process is let go. */
function afterStop(world: World, process: number): Next & { kind: 'go' | 'call' } {
  const isLeft = contextsOf(world, process).length > 0;
  return isLeft ? releaseProcess.at.clear({ process }) : releaseProcess.at.put({ process });
}

/** Ends a context with all its bonds, and drops the reference that it held. */
function endAll(world: World, process: number, context: number): void {
  for (const bond of bondsOf(world, context)) removeBond(world, bond);
  contexts.remove(world, context);
  dropReference(world, process);
}
