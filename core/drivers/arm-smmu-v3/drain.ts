import { devices } from '../../devices/device.ts';
import { isPending } from '../../hardware/irq.ts';
import { links } from '../../hardware/pcie/link.ts';
import { smmus } from '../../hardware/smmuv3/smmu.ts';
import { hasBug, tellBug } from '../../policy/policy.ts';
import { done, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { drains, queuedRequests } from './pri-thread.ts';
import { unitOf } from './unit.ts';

/** Two ended batches are enough even where the queue never runs empty: all that was in it has been read by then. */
const BATCHES = 2;

/** arm_smmu_flush_priq(), RFCv2 27/36: waits until what is in the PRI queue now has been reported. */
export const drainPriQueues = procedure(
  'arm_smmu_flush_priq',
  'smmu-driver',
  { begin: ['device'], next: ['device', 'left'], wait: ['device', 'drain', 'left'] },
  (go) => ({
    begin: step('looks which PRI queues to drain', { cite: 'RFCv2 27/36' }, (world, { device }) =>
      go.next({ device, left: smmus.all(world).length }),
    ),
    next: step('takes the next PRI queue', { cite: 'RFCv2 27/36' }, (world, { device, left }) => {
      const all = smmus.all(world);
      const smmu = all[all.length - left];
      if (smmu === undefined) return done();
      const then = { device, left: left - 1 };
      if (!mayHaveQueued(world, device, smmu.id)) return go.next(then);
      return go.wait({ ...then, drain: drains.insert(world, { smmu: smmu.id, batches: BATCHES }).id });
    }),
    wait: step(
      '{sees} that the PRI queue is drained',
      {
        when: (world, { drain }) => isDrained(world, drain) || hasBug(world, 'drain-unsupported'),
        wait: 'sleep',
        awaits: 'the PRI interrupt thread',
        cite: 'RFCv2 27/36',
      },
      (world, { device, drain, left }) => {
        tell(world, { sees: 'sees' });
        if (!isDrained(world, drain)) tellBug(world, { sees: 'is told by the hardware, which drains nothing,' });
        drains.remove(world, drain);
        return go.next({ device, left });
      },
    ),
  }),
);

/**
 * Page requests of the device can be in this queue; device -1: of any. A platform device sends none, and a fault of its
 * that stalls needs no flush: its transaction is not complete, so the device has not stopped.
 */
function mayHaveQueued(world: World, device: number, smmu: number): boolean {
  if (device < 0) return true;
  const link = links.get(world, devices.get(world, device).link);
  return link.smmu === smmu && link.bus === 'pci';
}

function isDrained(world: World, id: number): boolean {
  const { smmu, batches } = drains.get(world, id);
  if (batches === 0) return true;
  const idle = unitOf(world, smmu).priBusy === 0 && !isPending(world, smmus.get(world, smmu).priIrq);
  return idle && queuedRequests(world, smmu) === 0;
}
