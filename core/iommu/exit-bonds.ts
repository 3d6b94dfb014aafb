import { free, release, take } from '../sim/lock.ts';
import { call, done, procedure, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import { bonds, contexts, removeBond } from './context.ts';
import { exitHandlerOf } from './exit-handler.ts';
import { backendOf } from './group.ts';
import { faultQueueFlush, mmExit, processDetach } from './ops.ts';
import { processes, processLock } from './process.ts';
import { endContext } from './unbind.ts';

const HELD = { atomic: 'iommu_process_lock' } as const;

/**
 * io_mm_release() of v2 05/40: one bond after the other is marked, so that an unbind waits for it; its driver may sleep
 * in mm_exit() until the device has stopped; then the bond is ended. Begins with the lock held, and ends without.
 */
export const exitBonds = procedure(
  'io_mm_release',
  'iommu',
  {
    bond: ['process'],
    told: ['process', 'bond'],
    end: ['process', 'bond'],
    ended: ['process', 'context', 'last'],
  },
  (go) => ({
    bond: step(
      'looks for the next bond of {process} and releases the lock: {found}',
      { ...HELD, cite: 'v2 05/40' },
      (world, { process }) => {
        const bond = bonds.first(world, ({ context }) => contexts.find(world, context)?.process === process);
        release(world, processLock.id);
        tell(world, { found: bond === undefined ? 'all have ended' : 'unbind has to wait for it now' });
        if (bond === undefined) return done();
        const { id, device } = bonds.edit(world, bond.id, (row) => {
          row.exiting = 1;
        });
        const handler = exitHandlerOf(world, device);
        const then = go.told({ process, bond: id });
        if (handler === undefined) return then;
        const { pasid } = processes.get(world, process);
        return call(mmExit.begin({ device, pasid, token: handler.token }), then);
      },
    ),
    told: step(
      'waits until no fault of the device is on its way',
      { wait: 'sleep', cite: 'v2 05/40 iopf_queue_flush_dev()' },
      (world, { process, bond }) =>
        call(faultQueueFlush.begin({ device: bonds.get(world, bond).device }), go.end({ process, bond })),
    ),
    end: step(
      'takes the lock again, ends the bond and wakes who waits for it',
      { ...HELD, when: free(processLock), wait: 'spin', awaits: 'iommu_process_lock', cite: 'v2 05/40 mm_exit_wq' },
      (world, { process, bond }) => {
        take(world, processLock.id);
        const { device, context } = bonds.get(world, bond);
        const { domain } = contexts.get(world, context);
        const last = removeBond(world, bonds.get(world, bond)) ? 1 : 0;
        const detach = processDetach.begin({ domain, device, process, last }, backendOf(world, device));
        return call(detach, go.ended({ process, context, last }));
      },
    ),
    ended: step(
      'drops what the bond held of {process}',
      { ...HELD, cite: 'v2 05/40 io_mm_detach_locked()' },
      (world, { process, context, last }) => {
        endContext(world, context, process, last);
        return go.bond({ process });
      },
    ),
  }),
);
