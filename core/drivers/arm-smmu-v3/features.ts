/** Whether an SMMU can walk the page tables of the CPUs: arm_smmu_sva_supported(), RFCv2 18/36. */
import { CPU_OUTPUT_BITS } from '../../hardware/cpu-mmu.ts';
import { getField } from '../../hardware/layout.ts';
import { REGISTER, type Register } from '../../hardware/smmuv3/registers.layout.ts';
import { asidAllocators } from '../../process/asid.ts';
import type { World } from '../../world/world.ts';
import { asidBits, readl, substreamBits } from './unit.ts';

/** Bits of physical addresses by the code of IDR5.OAS. SMMUv3 6.3.6. */
const OUTPUT_BITS = [32, 36, 40, 42, 44, 48, 52];

/** Why processes cannot be bound to devices behind an SMMU, null if they can. */
export function whyNotShare(world: World, smmu: number): string | null {
  const field = <F extends string>(register: Register<F>, name: F): number =>
    getField([readl(world, smmu, register)], register.layout.fields[name]);
  if (field(REGISTER.IDR0, 'COHACC') === 0) return 'its walks do not see the caches of the CPUs';
  if (field(REGISTER.IDR5, 'GRAN4K') === 0) return 'it has no pages of 4 KiB';
  const output = OUTPUT_BITS[field(REGISTER.IDR5, 'OAS')] ?? 0;
  if (output < CPU_OUTPUT_BITS) return `its addresses have ${output} bits, those of the CPUs ${CPU_OUTPUT_BITS}`;
  const { bits } = asidAllocators.get(world, 0);
  // A wider ASID would do, a narrower one could not hold that of every process.
  if (asidBits(world, smmu) < bits) return `its ASIDs have ${asidBits(world, smmu)} bits, those of the CPUs ${bits}`;
  return substreamBits(world, smmu) === 0 ? 'it takes no PASIDs' : null;
}
