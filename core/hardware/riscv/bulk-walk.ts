/** The walk of a device that streams: what `walk.ts` does for a user, without allocating. */

import { type BulkTables, markEntry, tableAt } from '../bulk-tables.ts';
import type { BulkLeaf } from '../bulk-tlb.ts';
import { grants, kindOf, outputOf, type SvRules, spanOf, usedWord } from './walk.ts';

const POINTER = 0b1111;
const VALID = 0b0001;
/** V and R: of the right bits, what makes a page of 4 KiB that breaks no rule. */
const READABLE = 0b0011;
const GLOBAL = 1 << 5;
/** In the high word: bits that a pointer must not have, and N of a leaf. */
const ABOVE_PPN = 0xffc0_0000 | 0;

/** How a walk asks: `want` of WANT; `end` is the first page that no table can lie at. */
export interface BulkSvWalk extends SvRules {
  readonly want: number;
  readonly end: number;
}

/** Entries that it read; negative where it ended in a fault. `into` has what it found, its word as it is after use. */
export function walkFor(tables: BulkTables, root: number, page: number, how: BulkSvWalk, into: BulkLeaf): number {
  let table = root;
  let global = false;
  for (let level = how.levels - 1; ; level--) {
    const reads = how.levels - level;
    const words = table < how.end ? tableAt(tables, table) : null;
    if (words === null) return -reads;
    const index = indexAt(page, level);
    const lo = words[index * 2] as number;
    const hi = words[index * 2 + 1] as number;
    // Most entries are plain pointers and plain pages: those need no closer look.
    const isPointer = level > 0 && (lo & POINTER) === VALID && (lo & 0xd0) === 0 && (hi & ABOVE_PPN) === 0;
    const isPage = level === 0 && (lo & READABLE) === READABLE && (hi & ABOVE_PPN) === 0;
    const kind = isPointer ? 'table' : isPage ? 'leaf' : kindOf(lo, hi, level, how);
    if (kind === 'invalid') return -reads;
    if ((lo & GLOBAL) !== 0) global = true;
    if (kind === 'leaf') {
      into.global = global;
      return takeLeaf(tables, table, index, page, level, how, into) ? reads : -reads;
    }
    table = (hi & 0x003f_ffff) * 2 ** 22 + (lo >>> 10);
  }
}

function indexAt(page: number, level: number): number {
  if (level < 3) return (page >>> (level * 9)) & 511;
  return (level === 3 ? page / 2 ** 27 : page / 2 ** 36) & 511;
}

/** Rights first, then A and D, which hardware sets where it may. */
function takeLeaf(
  tables: BulkTables,
  table: number,
  index: number,
  page: number,
  level: number,
  how: BulkSvWalk,
  into: BulkLeaf,
): boolean {
  const words = tableAt(tables, table) as Int32Array;
  const lo = (words[index * 2] as number) >>> 0;
  const hi = words[index * 2 + 1] as number;
  if (!grants(lo, how.want)) return false;
  const used = usedWord(lo, how.want);
  if (used !== lo) {
    if (!how.updates) return false;
    markEntry(tables, table, index, used);
  }
  into.lo = used;
  into.hi = hi >>> 0;
  const isPlain = level === 0 && hi >= 0;
  into.span = isPlain ? 0 : spanOf(hi, level);
  into.output = isPlain ? (hi & 0x003f_ffff) * 2 ** 22 + (lo >>> 10) : outputOf(lo, hi, page, level);
  return true;
}
