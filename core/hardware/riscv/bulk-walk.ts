/** The walk of a device that streams: what `walk.ts` does for a user, without allocating. */

import { type BulkTables, markEntry, tableAt } from '../bulk-tables.ts';
import type { BulkLeaf } from '../bulk-tlb.ts';
import { grants, kindOf, outputOf, type SvRules, spanOf, usedWord, WANT } from './walk.ts';

const VALID = 0b0001;
/** V, R, W, X, U, A and D: of these, a pointer has V only. */
const NO_POINTER = 0b1101_1111;
/** V and R: of a page of 4 KiB whose high word is zero, all that must be. */
const READABLE = 0b0011;
const WRITE = 1 << 2;
const ACCESSED = 1 << 6;
const DIRTY = 1 << 7;
const GLOBAL = 1 << 5;

/** How a walk asks: `want` of WANT; `end` is the first page that no table can lie at. */
export interface BulkSvWalk extends SvRules {
  readonly want: number;
  readonly end: number;
}

/**
 * Entries that it read; negative where it ended in a fault. `into` has what it found, its word as it is after use. Almost
 * all walks go through plain pointers below 16 GiB to a plain page that needs no update: those are done in whole numbers.
 */
export function walkFor(tables: BulkTables, root: number, page: number, how: BulkSvWalk, into: BulkLeaf): number {
  const { places, words, first } = tables;
  const top = how.levels - 1;
  let table = root;
  let global = 0;
  for (let level = top; level >= 0; level--) {
    const place = places[table - first] as number;
    if (!(place >= 0)) break;
    const at = place + indexAt(page, level) * 2;
    const lo = words[at] as number;
    if (words[at + 1] !== 0) break;
    global |= lo;
    if (level > 0) {
      if ((lo & NO_POINTER) !== VALID) break;
      table = lo >>> 10;
      continue;
    }
    if ((lo & READABLE) !== READABLE || !isUsable(lo, how.want)) break;
    into.global = (global & GLOBAL) !== 0;
    into.lo = lo;
    into.hi = 0;
    into.span = 0;
    into.output = lo >>> 10;
    return how.levels;
  }
  return walkWithCare(tables, root, page, how, into);
}

/** Whether a leaf grants what is wanted as it is: A need not be set, nor D for a write that it grants. */
export function isUsable(lo: number, want: number): boolean {
  return grants(lo, want) && (lo | usedBits(lo, want)) === lo;
}

/** A, and D for a write that the leaf grants. */
function usedBits(lo: number, want: number): number {
  return (want & WANT.write) !== 0 && (lo & WRITE) !== 0 ? ACCESSED | DIRTY : ACCESSED;
}

function walkWithCare(tables: BulkTables, root: number, page: number, how: BulkSvWalk, into: BulkLeaf): number {
  let table = root;
  let global = false;
  for (let level = how.levels - 1; ; level--) {
    const reads = how.levels - level;
    const place = table < how.end ? tableAt(tables, table) : -1;
    if (place < 0) return -reads;
    const index = indexAt(page, level);
    const lo = tables.words[place + index * 2] as number;
    const hi = tables.words[place + index * 2 + 1] as number;
    const kind = kindOf(lo, hi, level, how);
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
  const at = tableAt(tables, table) + index * 2;
  const lo = (tables.words[at] as number) >>> 0;
  const hi = tables.words[at + 1] as number;
  if (!grants(lo, how.want)) return false;
  const used = usedWord(lo, how.want);
  if (used !== lo) {
    if (!how.updates) return false;
    markEntry(tables, table, index, used);
  }
  into.lo = used | 0;
  into.hi = hi;
  into.span = spanOf(hi, level);
  into.output = outputOf(lo, hi, page, level);
  return true;
}
