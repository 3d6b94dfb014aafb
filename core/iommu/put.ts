import { assert } from '../lib/assert.ts';
import { decides } from '../policy/policy.ts';
import { unregisterNotifier } from '../process/notifier.ts';
import { free } from '../sim/lock.ts';
import { call, done, procedure, step } from '../sim/procedure.ts';
import { reach, tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { contextsOf } from './context.ts';
import { processFree } from './ops.ts';
import { processes, processLock } from './process.ts';

/**
 * iommu_process_put_locked(): with the last reference the PASID goes back to the system-wide space and the notifier is
 * unregistered; the rest is freed after an SRCU grace period, because release may still be running on it.
 */
export function dropReference(world: World, id: number): void {
  const process = processes.edit(world, id, (row) => {
    assert(row.kref > 0, 'a reference is dropped by one who holds it');
    row.kref -= 1;
  });
  if (process.kref > 0) return;
  assert(contextsOf(world, id).length === 0, 'the last reference goes after the last context');
  processes.edit(world, id, (row) => {
    row.state = 'dead';
  });
  if (!decides(world, 'pasid-lifetime', 'mm')) reach(world, 'pasid.freed');
}

/** iommu_process_put(), for those who do not hold the lock. */
export const putProcess = procedure('iommu_process_put', 'iommu', { put: ['process'] }, () => ({
  put: step(
    'drops its reference to {process}',
    {
      when: free(processLock),
      wait: 'spin',
      awaits: 'iommu_process_lock',
      atomic: 'iommu_process_lock',
      cite: 'RFCv2 03/36',
    },
    (world, { process }) => {
      dropReference(world, process);
      return done();
    },
  ),
}));

const unused = (world: World): number => processes.first(world, (row) => row.state === 'dead')?.id ?? -1;

/** The SRCU callback that frees dead processes; an endless loop of its own actor. */
export const srcuCallback = procedure(
  'iommu_process_free',
  'iommu',
  { wait: [], driver: ['process'], freed: ['process', 'mm'] },
  (go) => ({
    wait: step(
      'waits out a grace period for {process}',
      {
        when: (world) => unused(world) >= 0,
        wait: 'sleep',
        awaits: 'a process to free',
        cost: 'grace',
        cite: 'RFCv2 01/36 call_srcu()',
      },
      (world) => {
        tell(world, { process: unused(world) });
        return go.driver({ process: unused(world) });
      },
    ),
    driver: step('hands {process} back to the IOMMU driver', { cite: 'RFCv2 01/36' }, (world, { process }) => {
      const { mm, backend } = processes.get(world, process);
      return call(processFree.begin({ mm }, backend), go.freed({ process, mm }));
    }),
    freed: step(
      'unregisters the mmu_notifier and frees the process',
      { cite: 'RFCv2 04/36' },
      (world, { process, mm }) => {
        processes.remove(world, process);
        unregisterNotifier(world, mm);
        return go.wait({});
      },
    ),
  }),
);
