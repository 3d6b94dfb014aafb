import { siliconOf } from '../iommu/silicon.ts';
import type { World } from '../world/world.ts';
import { queueIndexes } from './iommu-view.ts';
import { lookOf } from './silicon/look-of.ts';

/** A queue of an IOMMU, and how many records wait in it. */
export interface QueueLength {
  readonly lane: string;
  readonly name: string;
  readonly length: number;
}

export function queueLengths(world: World): QueueLength[] {
  const { queues } = lookOf(world);
  return siliconOf(world)
    .iommus.all(world)
    .flatMap(({ id, name: lane }) =>
      queues.map((queue) => ({
        lane,
        name: queue.name.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase()),
        length: queueIndexes(world, id, queue).length,
      })),
    );
}
