import { devices } from '../devices/device.ts';
import { links } from '../hardware/pcie/link.ts';
import { present } from '../lib/assert.ts';
import { decides } from '../policy/policy.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

interface FaultQueue extends Row {
  /** The IOMMU whose faults it takes, -1 for all (RFCv2 07/36: one queue for the system). */
  readonly smmu: number;
  /** The color that new work gets (faults/flush.ts). */
  readonly color: number;
}

export const faultQueues = table<FaultQueue>('fault-queue', { smmu: 'int', color: 'int' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  smmu: r.smmu,
  color: r.color,
}));

/** The workqueues of a machine with so many IOMMUs, made at boot: one, or one for each. iopf_queue_alloc() of v2. */
export function createFaultQueues(world: World, smmus: number): readonly FaultQueue[] {
  const each = decides(world, 'fault-queue', 'per-iommu');
  const owners = each ? Array.from({ length: smmus }, (_, smmu) => smmu) : [-1];
  return owners.map((smmu) => faultQueues.insert(world, { smmu, color: 0 }));
}

/** The queue that the faults of a device go to. */
export function queueOf(world: World, device: number): FaultQueue {
  const { smmu } = links.get(world, devices.get(world, device).link);
  const queue = faultQueues.first(world, (row) => row.smmu < 0 || row.smmu === smmu);
  return present(queue, 'every IOMMU has a fault queue');
}
