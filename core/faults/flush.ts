import { siliconOf } from '../iommu/silicon.ts';
import { call, done, hook, procedure, step } from '../sim/procedure.ts';
import type { World } from '../world/world.ts';
import { type IopfGroup, iopfGroups } from './fault.ts';
import { faultQueues, queueOf } from './queue.ts';

/** Colors of work items: a flush waits for those of the color that was current when it began (kernel/workqueue.c). */
const COLORS = 4;

const workIn = (world: World, queue: number, fits: (row: IopfGroup) => boolean): IopfGroup | undefined =>
  iopfGroups.first(world, (row) => row.queue === queue && fits(row));

/** The color that comes after the current one of a queue. */
const nextColor = (world: World, queue: number): number => (faultQueues.get(world, queue).color + 1) % COLORS;

const isDone = (world: World, queue: number, color: number): boolean =>
  workIn(world, queue, (row) => row.color === color) === undefined;

/** How many flushes have begun since a color was current. */
const ageOf = (world: World, queue: number, color: number): number =>
  (faultQueues.get(world, queue).color + COLORS - color) % COLORS;

/** All work of this color and of older ones: a flush before this one may still wait for those. */
const isDoneUpTo = (world: World, queue: number, color: number): boolean =>
  workIn(world, queue, (row) => ageOf(world, queue, row.color) >= ageOf(world, queue, color)) === undefined;

/** The first queue that a flush for a device is about; for device -1 the first of all. */
const firstQueue = (world: World, device: number): number => (device < 0 ? 0 : queueOf(world, device).id);

/** The queue that a flush goes on with after another one, undefined after the last. */
const queueAfter = (world: World, device: number, queue: number): number | undefined =>
  device < 0 ? faultQueues.first(world, (row) => row.id > queue)?.id : undefined;

/** Brings what the IOMMU has queued in hardware into the fault queue; wired to the drivers' notifiers in machine/. */
export const commitHardwareQueues = hook('fault_queue_notifier', ['device']);

/**
 * iommu_fault_queue_flush(), RFCv2 27/36: when it returns, every fault that was on its way when it was called has been
 * handled and answered. Partials stay: their last has not come. Device -1 stands for all devices.
 */
export const flushFaults = procedure(
  'iommu_fault_queue_flush',
  'faults',
  { begin: ['device'], color: ['device', 'queue'], wait: ['device', 'queue', 'color'] },
  (go) => ({
    begin: step('has the hardware queues emptied', { wait: 'sleep', cite: 'RFCv2 27/36' }, (world, { device }) =>
      call(
        commitHardwareQueues.begin({ device }, siliconOf(world).backend),
        go.color({ device, queue: firstQueue(world, device) }),
      ),
    ),
    color: step(
      'marks the work that is queued now',
      {
        when: (world, { queue }) => isDone(world, queue, nextColor(world, queue)),
        wait: 'sleep',
        awaits: 'a color that no older flush uses',
        cite: 'kernel/workqueue.c flush_workqueue()',
      },
      (world, { device, queue }) => {
        const { color } = faultQueues.get(world, queue);
        const next = nextColor(world, queue);
        faultQueues.edit(world, queue, (row) => {
          row.color = next;
        });
        return go.wait({ device, queue, color });
      },
    ),
    wait: step(
      'has seen all of it answered',
      {
        when: (world, { queue, color }) => isDoneUpTo(world, queue, color),
        wait: 'sleep',
        awaits: 'the fault worker',
        cite: 'kernel/workqueue.c flush_workqueue()',
      },
      (world, { device, queue }) => {
        const next = queueAfter(world, device, queue);
        return next === undefined ? done() : go.color({ device, queue: next });
      },
    ),
  }),
);
