/** Whether a RISC-V IOMMU can walk the page tables of the harts. */

import { CPU_OUTPUT_BITS } from '../../hardware/cpu-mmu.ts';
import { formatOf } from '../../hardware/cpus.ts';
import { capability, isCapable } from '../../hardware/riscv-iommu/registers.ts';
import type { World } from '../../world/world.ts';
import { directoryMode } from './domain.ts';

/** Why processes cannot be bound to devices behind an IOMMU, null if they can. RISC-V IOMMU 5.3; riscv_iommu_pt_supported(). */
export function whyNotShare(world: World, iommu: number): string | null {
  const isSv39 = formatOf(world).name === 'sv39';
  if (!isCapable(world, iommu, isSv39 ? 'Sv39' : 'Sv48')) return `it has no first stage of ${isSv39 ? 'Sv39' : 'Sv48'}`;
  const output = capability(world, iommu, 'PAS');
  if (output < CPU_OUTPUT_BITS) return `its addresses have ${output} bits, those of the CPUs ${CPU_OUTPUT_BITS}`;
  return directoryMode(world, iommu, 1) === null ? 'it has no process directories' : null;
}
