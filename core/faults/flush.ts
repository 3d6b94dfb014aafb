import { call, done, hook, procedure, step } from '../sim/procedure.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { iopfGroups } from './fault.ts';

/** Colors of work items: a flush waits for those of the color that was current when it began (kernel/workqueue.c). */
const COLORS = 4;

interface WorkQueue extends Row {
  /** The color that new work gets. */
  readonly color: number;
}

/** One row: the one fault workqueue of the system (RFCv2 07/36). */
export const faultQueue = table<WorkQueue>('fault-queue', { color: 'int' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  color: r.color,
}));

export function currentColor(world: World): number {
  return faultQueue.get(world, 0).color;
}

const isDone = (world: World, color: number): boolean =>
  iopfGroups.first(world, (row) => row.color === color) === undefined;

/** How many flushes have begun since a color was current. */
const ageOf = (world: World, color: number): number => (currentColor(world) + COLORS - color) % COLORS;

/** All work of this color and of older ones: a flush before this one may still wait for those. */
const isDoneUpTo = (world: World, color: number): boolean =>
  iopfGroups.first(world, (row) => ageOf(world, row.color) >= ageOf(world, color)) === undefined;

/** Brings what the IOMMU has queued in hardware into the fault queue; wired to the drivers' notifiers in machine/. */
export const commitHardwareQueues = hook('fault_queue_notifier', ['device']);

/**
 * iommu_fault_queue_flush(), RFCv2 27/36: when it returns, every fault that was on its way when it was called has been
 * handled and answered. Partials stay: their last has not come. Device -1 stands for all devices.
 */
export const flushFaults = procedure(
  'iommu_fault_queue_flush',
  'faults',
  { begin: ['device'], color: [], wait: ['color'] },
  (go) => ({
    begin: step('has the hardware queues emptied', { wait: 'sleep', cite: 'RFCv2 27/36' }, (_world, { device }) =>
      call(commitHardwareQueues.begin({ device }), go.color({})),
    ),
    color: step(
      'marks the work that is queued now',
      {
        when: (world) => isDone(world, (currentColor(world) + 1) % COLORS),
        wait: 'sleep',
        awaits: 'a color that no older flush uses',
        cite: 'kernel/workqueue.c flush_workqueue()',
      },
      (world) => {
        const color = currentColor(world);
        faultQueue.edit(world, 0, (row) => {
          row.color = (color + 1) % COLORS;
        });
        return go.wait({ color });
      },
    ),
    wait: step(
      'has seen all of it answered',
      {
        when: (world, { color }) => isDoneUpTo(world, color),
        wait: 'sleep',
        awaits: 'the fault worker',
        cite: 'kernel/workqueue.c flush_workqueue()',
      },
      () => done(),
    ),
  }),
);
