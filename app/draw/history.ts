import type { InspectionView } from '../engine/contract.ts';

/** Least heights in the inspector, in px: what stands around its parts, a field, a head or word of a record, its bits, a line of the history. */
const AROUND = 100;
const FIELD = 18;
const WORD = 24;
const BITS = 48;
const LINE = 24;
const FEWEST = 4;

/** Lines of a history that can be in sight below the rest of a thing in a box of this height, in px, and one more. */
export function linesInSight({ fields, records }: Pick<InspectionView, 'fields' | 'records'>, height: number): number {
  const above = AROUND + fields.length * FIELD + records.reduce((sum, record) => sum + leastHeight(record), 0);
  return Math.max(FEWEST, Math.ceil((height - above) / LINE) + 1);
}

function leastHeight({ words, bits }: InspectionView['records'][number]): number {
  return (1 + words.length) * WORD + (bits.length > 0 ? BITS : 0);
}
