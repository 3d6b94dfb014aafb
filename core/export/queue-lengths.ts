import { readl, units } from '../drivers/arm-smmu-v3/unit.ts';
import { REGISTER, type Register } from '../hardware/smmuv3/registers.layout.ts';
import { smmus } from '../hardware/smmuv3/smmu.ts';
import { ringLength } from '../world/ring.ts';
import type { World } from '../world/world.ts';
import { type Queue, queueOf } from './places.ts';

const QUEUES: readonly (readonly [Queue, string, Register, Register])[] = [
  ['priq', 'PRI queue', REGISTER.PRIQ_PROD, REGISTER.PRIQ_CONS],
  ['cmdq', 'command queue', REGISTER.CMDQ_PROD, REGISTER.CMDQ_CONS],
  ['evtq', 'event queue', REGISTER.EVENTQ_PROD, REGISTER.EVENTQ_CONS],
];

/** A queue of an IOMMU, and how many records wait in it. */
export interface QueueLength {
  readonly lane: string;
  readonly name: string;
  readonly length: number;
}

export function queueLengths(world: World): QueueLength[] {
  return units.all(world).flatMap((unit) =>
    QUEUES.map(([queue, name, prod, cons]) => ({
      lane: smmus.get(world, unit.smmu).name,
      name,
      length: ringLength(
        { log2Size: queueOf(unit, queue).bits },
        readl(world, unit.smmu, prod),
        readl(world, unit.smmu, cons),
      ),
    })),
  );
}
