/** What the ATC of a device that streams keeps of a completion. */
import { type BulkLeaf, type BulkTlb, insertIn } from '../hardware/bulk-tlb.ts';
import { keptSpan } from '../hardware/tlb.ts';

/** Body of a completion with a translation: S and Global. PCIe 10.2.3. */
const SIZE_GIVEN = 1 << 11;
export const COMPLETION_GLOBAL = 1 << 5;

/** An entry remembers the body of the completion that it was filled from; where its words begin. */
export function keep(atc: BulkTlb, pasid: number, page: number, leaf: BulkLeaf): number {
  const { output, span, rights, global } = leaf;
  const first = output - ((output | 0) & ~(-1 << span));
  const addr = span === 0 ? output : first + 2 ** (span - 1) - 1;
  leaf.lo = ((addr | 0) << 12) | rights | (global ? COMPLETION_GLOBAL : 0) | (span === 0 ? 0 : SIZE_GIVEN);
  leaf.hi = Math.floor(addr / 2 ** 20);
  leaf.isPrivate = false;
  leaf.span = keptSpan(atc.shape, span);
  return insertIn(atc, pasid, page, leaf);
}
