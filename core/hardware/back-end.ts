/** What stands in front of memory, as the command line, links and menus call it. */
import { err, ok, type Result } from '../lib/result.ts';
import { suggestion } from '../lib/suggestion.ts';
import type { PageFormatName } from './page-format.ts';

/** A back end that a script can be played on instead of its own. */
export interface BackEnd {
  /** The word for it, for instance riscv-sv39. */
  readonly name: string;
  readonly title: string;
  /** The word of a script's `machine` line, and of its conditions: `under machine=riscv`. */
  readonly machine: 'smmuv3' | 'riscv';
  readonly paging: PageFormatName;
}

export const BACK_ENDS: readonly BackEnd[] = [
  { name: 'smmuv3', title: 'Arm SMMUv3', machine: 'smmuv3', paging: 'arm64' },
  { name: 'riscv', title: 'RISC-V IOMMU, Sv48', machine: 'riscv', paging: 'sv48' },
  { name: 'riscv-sv39', title: 'RISC-V IOMMU, Sv39', machine: 'riscv', paging: 'sv39' },
];

const SMMUV3 = BACK_ENDS[0] as BackEnd;

/** The back end of a machine with page tables of this format. */
export function backEndFor(paging: PageFormatName): BackEnd {
  return BACK_ENDS.find((each) => each.paging === paging) ?? SMMUV3;
}

/** Reads the word for a back end; the error is a sentence. */
export function readBackEnd(name: string): Result<BackEnd, string> {
  const found = BACK_ENDS.find((each) => each.name === name);
  if (found !== undefined) return ok(found);
  const names = BACK_ENDS.map((each) => each.name);
  return err(`there is no back end ${name}; there is ${names.join(', ')}${suggestion(name, names)}`);
}
