import { architectureOf } from '../hardware/cpus.ts';
import type { World } from '../world/world.ts';

/** Where a step that each architecture does in its own file is found on RISC-V: kernel, or manual. */
const ON_RISCV: Readonly<Record<string, string>> = {
  'Arm ARM D8': 'RISC-V Privileged 12.4',
  'Arm ARM D8.2': 'RISC-V Privileged 12.3.2',
  'arch/arm64/include/asm/tlb.h tlb_flush()': 'arch/riscv/include/asm/tlb.h tlb_flush()',
  'arch/arm64/kernel/entry.S ret_to_user': 'arch/riscv/kernel/entry.S ret_from_exception',
  'arch/arm64/mm/context.c check_and_switch_context()': 'arch/riscv/mm/context.c set_mm_asid()',
  'arch/arm64/mm/fault.c __do_page_fault()': 'arch/riscv/mm/fault.c handle_page_fault()',
  'arch/arm64/mm/fault.c do_page_fault()': 'arch/riscv/mm/fault.c handle_page_fault()',
  'arch/arm64/mm/fault.c ptep_set_access_flags()': 'arch/riscv/mm/pgtable.c ptep_set_access_flags()',
};

/** What a step cites, on the machine that it was done on. */
export function citationOn(world: World, cite: string): string {
  return architectureOf(world) === 'riscv' ? (ON_RISCV[cite] ?? cite) : cite;
}
