/** The walk of a device that streams: what `walk.ts` does for an unprivileged read or write, without allocating. */

import { type BulkTables, markEntry, tableAt } from '../bulk-tables.ts';
import type { BulkLeaf } from '../bulk-tlb.ts';
import { RIGHT } from '../tlb.ts';
import { LEAF_LEVEL, spanOf, type WalkRules } from './walk.ts';

const VALID = 1 << 0;
const TABLE_OR_PAGE = 1 << 1;
const USER = 1 << 6;
/** Of a leaf: AP[2] and AF. */
export const READ_ONLY = 1 << 7;
export const ACCESSED = 1 << 10;
const NON_GLOBAL = 1 << 11;
const PLAIN_TABLE = VALID | TABLE_OR_PAGE;
const PLAIN_PAGE = VALID | TABLE_OR_PAGE | USER | ACCESSED;
/** In the high word. */
const DIRTY_BIT_MODIFIER = 1 << 19;
const USER_EXECUTE_NEVER = 1 << 22;
/** Of what table descriptors take away: UXN, user access, write access. */
const LIMIT_UXN = 2;
const LIMIT_NO_USER = 4;
const LIMIT_READ_ONLY = 8;

/** How a walk asks: to write, or to read; `asks` for an ATS request, which gets the rights that exist. */
export interface BulkWalk extends WalkRules {
  readonly write: boolean;
  readonly asks: boolean;
  /** First page that no output can have. */
  readonly end: number;
}

/**
 * Descriptors that it read; negative where it ended in a fault. `into` has what it found. Almost all walks go through plain
 * table descriptors below 4 GiB to a page that has its access flag: those are done in whole numbers.
 */
export function walkFor(
  tables: BulkTables,
  root: number,
  page: number,
  from: number,
  how: BulkWalk,
  into: BulkLeaf,
): number {
  const { places, words, first } = tables;
  let table = root;
  for (let level = from; level < LEAF_LEVEL; level++) {
    const place = places[table - first] as number;
    if (!(place >= 0)) return walkWithCare(tables, root, page, from, how, into);
    const at = place + ((level === 0 ? page / 2 ** 27 : page >>> spanOf(level)) & 511) * 2;
    const lo = words[at] as number;
    if ((lo & PLAIN_TABLE) !== PLAIN_TABLE || words[at + 1] !== 0) {
      return walkWithCare(tables, root, page, from, how, into);
    }
    table = lo >>> 12;
  }
  const place = places[table - first] as number;
  if (!(place >= 0)) return walkWithCare(tables, root, page, from, how, into);
  const at = place + (page & 511) * 2;
  const lo = words[at] as number;
  const target = lo >>> 12;
  if ((lo & PLAIN_PAGE) !== PLAIN_PAGE || target >= how.end) {
    return walkWithCare(tables, root, page, from, how, into);
  }
  const hi = words[at + 1] as number;
  const isReadOnly = (lo & READ_ONLY) !== 0;
  if ((hi & 0xffff) !== 0 || (isReadOnly && how.write)) return walkWithCare(tables, root, page, from, how, into);
  into.lo = lo;
  into.hi = hi;
  into.span = 0;
  into.output = target;
  into.global = (lo & NON_GLOBAL) === 0;
  into.rights = RIGHT.read | (isReadOnly ? 0 : RIGHT.write) | ((hi & USER_EXECUTE_NEVER) !== 0 ? 0 : RIGHT.execute);
  return LEAF_LEVEL - from + 1;
}

function walkWithCare(
  tables: BulkTables,
  root: number,
  page: number,
  from: number,
  how: BulkWalk,
  into: BulkLeaf,
): number {
  let table = root;
  let limits = 0;
  for (let level = from; ; level++) {
    const reads = level - from + 1;
    const place = tableAt(tables, table);
    if (place < 0) return -reads;
    const index = (level === 0 ? page / 2 ** 27 : page >>> spanOf(level)) & 511;
    const lo = tables.words[place + index * 2] as number;
    const hi = tables.words[place + index * 2 + 1] as number;
    const isOne = (lo & TABLE_OR_PAGE) !== 0;
    if ((lo & VALID) === 0 || (!isOne && (level === 0 || level === LEAF_LEVEL))) return -reads;
    const target = (hi & 0xffff) * 2 ** 20 + (lo >>> 12);
    if (target >= how.end) return -reads;
    if (!isOne || level === LEAF_LEVEL) {
      const span = spanOf(level);
      into.span = span;
      into.output = target + (page & ~(-1 << span)) - (target & ~(-1 << span));
      return takeLeaf(tables, table, index, limits, how, into) ? reads : -reads;
    }
    if (how.had !== true) limits |= (hi >>> 27) & 0xf;
    table = target;
  }
}

/** Access flag first, then permission; what hardware marks, it marks before it says what is granted. */
function takeLeaf(tables: BulkTables, table: number, index: number, limits: number, how: BulkWalk, into: BulkLeaf) {
  const at = tableAt(tables, table) + index * 2;
  const lo = tables.words[at] as number;
  const hi = tables.words[at + 1] as number;
  if ((lo & ACCESSED) === 0 && !how.hardwareAccess && !how.affd) return false;
  const isUser = (lo & USER) !== 0 && (limits & LIMIT_NO_USER) === 0;
  const cleans = (hi & DIRTY_BIT_MODIFIER) !== 0 && how.hardwareAccess && how.hardwareDirty;
  const mayWrite = ((lo & READ_ONLY) === 0 || cleans) && (limits & LIMIT_READ_ONLY) === 0 && isUser;
  const writes = how.write && (mayWrite || !how.asks);
  const isGranted = writes ? mayWrite : isUser;
  if (!isGranted && !how.asks) return false;
  let used = lo;
  if (isGranted && how.hardwareAccess) used |= ACCESSED;
  if (isGranted && writes && cleans) used &= ~READ_ONLY;
  if (used !== lo) markEntry(tables, table, index, used);
  into.lo = lo;
  into.hi = hi;
  into.global = (lo & NON_GLOBAL) === 0;
  const isWritable = (used & READ_ONLY) === 0 && (limits & LIMIT_READ_ONLY) === 0 && isUser;
  const isFetched = (hi & USER_EXECUTE_NEVER) === 0 && (limits & LIMIT_UXN) === 0;
  into.rights = (isUser ? RIGHT.read : 0) | (isWritable ? RIGHT.write : 0) | (isFetched ? RIGHT.execute : 0);
  return true;
}
