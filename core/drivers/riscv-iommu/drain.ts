import { isPending } from '../../hardware/irq.ts';
import { riscvIommus } from '../../hardware/riscv-iommu/iommu.ts';
import { hasBug, tellBug } from '../../policy/policy.ts';
import { done, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { iommuOf } from './domain.ts';
import { pageDrains, queuedRequests } from './page-thread.ts';
import { unitOf } from './unit.ts';

/** Two ended batches are enough even where the queue never runs empty: all that was in it has been read by then. */
const BATCHES = 2;

/** RFCv2 27/36: waits until what is in the page-request queues now has been reported. */
export const drainPageQueues = procedure(
  'riscv_iommu_flush_priq',
  'smmu-driver',
  { begin: ['device'], next: ['device', 'left'], wait: ['device', 'turn', 'left'] },
  (go) => ({
    begin: step('looks which page-request queues to drain', { cite: 'RFCv2 27/36' }, (world, { device }) =>
      go.next({ device, left: riscvIommus.all(world).length }),
    ),
    next: step('takes the next page-request queue', { cite: 'RFCv2 27/36' }, (world, { device, left }) => {
      const all = riscvIommus.all(world);
      const iommu = all[all.length - left];
      if (iommu === undefined) return done();
      const then = { device, left: left - 1 };
      if (device >= 0 && iommuOf(world, device) !== iommu.id) return go.next(then);
      return go.wait({ ...then, turn: pageDrains.insert(world, { iommu: iommu.id, batches: BATCHES }).id });
    }),
    wait: step(
      '{sees} that the page-request queue is drained',
      {
        when: (world, { turn }) => isDrained(world, turn) || hasBug(world, 'drain-unsupported'),
        wait: 'sleep',
        awaits: 'the page-request interrupt thread',
        cite: 'RFCv2 27/36',
      },
      (world, { device, turn, left }) => {
        tell(world, { sees: 'sees' });
        if (!isDrained(world, turn)) tellBug(world, { sees: 'is told by the hardware, which drains nothing,' });
        pageDrains.remove(world, turn);
        return go.next({ device, left });
      },
    ),
  }),
);

function isDrained(world: World, id: number): boolean {
  const { iommu, batches } = pageDrains.get(world, id);
  if (batches === 0) return true;
  const idle = unitOf(world, iommu).pageBusy === 0 && !isPending(world, riscvIommus.get(world, iommu).pageIrq);
  return idle && queuedRequests(world, iommu) === 0;
}
