import { DEVICE_TABLES } from '../devices/tables.ts';
import { accels } from '../drivers/accel/accel.ts';
import { deferredFaults } from '../drivers/accel/fault.ts';
import { SMMU_DRIVER_TABLES } from '../drivers/arm-smmu-v3/tables.ts';
import { RISCV_DRIVER_TABLES } from '../drivers/riscv-iommu/tables.ts';
import { VFIO_TABLES } from '../drivers/vfio/container.ts';
import { FAULT_TABLES } from '../faults/tables.ts';
import { geometries } from '../hardware/geometry.ts';
import { irqs } from '../hardware/irq.ts';
import { memoryAttributes } from '../hardware/memory-attributes.ts';
import { links, messages } from '../hardware/pcie/link.ts';
import { tardinesses } from '../hardware/pcie/tardiness.ts';
import { riscvIommus } from '../hardware/riscv-iommu/iommu.ts';
import { smmus } from '../hardware/smmuv3/smmu.ts';
import { stalls } from '../hardware/smmuv3/stall.ts';
import { IOMMU_TABLES } from '../iommu/tables.ts';
import { bugs, policies } from '../policy/policy.ts';
import { PROCESS_TABLES } from '../process/tables.ts';
import { actors } from '../sim/actor.ts';
import { locks } from '../sim/lock.ts';
import { schemaOf } from '../world/table.ts';

/** Every table of the machine, bottom up. */
export const SCHEMA = schemaOf([
  actors,
  locks,
  policies,
  irqs,
  links,
  messages,
  smmus,
  stalls,
  ...DEVICE_TABLES,
  ...PROCESS_TABLES,
  ...IOMMU_TABLES,
  ...FAULT_TABLES,
  ...SMMU_DRIVER_TABLES,
  accels,
  deferredFaults,
  ...VFIO_TABLES,
  memoryAttributes,
  riscvIommus,
  bugs,
  geometries,
  ...RISCV_DRIVER_TABLES,
  tardinesses,
]);
