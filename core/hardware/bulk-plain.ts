/**
 * The plain part of a stream, which is nearly all of it: caches whose entries are all of one page, and pages whose way
 * through the page tables is known (`bulk-trail.ts`). It is done in whole numbers of 31 bits and without an object, and
 * with few branches, for a random page makes a wrong guess of each. What is not plain is left untouched, for who does it with care.
 */
import type { BulkUnit } from './bulk.ts';
import { type BulkTlb, GLOBAL, IDENTITY, VALID, victimIn, WORDS } from './bulk-tlb.ts';
import { CLASS_BITS, CLASS_WORDS, trailAt } from './bulk-trail.ts';

/** Ways of a set in the lower bits of a number, its age above them. */
const WAY_BITS = 10;
const LAST_WAY = (1 << WAY_BITS) - 1;
/** Where a unit counts what was plain. */
export const [HITS, MISSES, READS] = [0, 1, 2];

/** Whether a cache holds entries of one page only. */
export function isPlain({ sizes }: BulkTlb): boolean {
  return sizes.length === 0 || (sizes.length === 1 && sizes[0] === 0);
}

/** The first way of the set of a page. */
export function setOf({ sets, ways }: BulkTlb, page: number): number {
  return (page & (sets - 1)) * ways;
}

/** Where the words of a page's entry begin, -1 on a miss. */
export function findPlain(tlb: BulkTlb, first: number, asid: number, page: number): number {
  const { words } = tlb;
  const end = (first + tlb.ways) * WORDS;
  for (let at = first * WORDS; at < end; at += WORDS) {
    if (words[at + 2] !== page || words[at + 3] !== 0) continue;
    const flags = words[at] as number;
    if ((flags & IDENTITY) === VALID && (words[at + 1] === asid || (flags & GLOBAL) !== 0)) return at;
  }
  return -1;
}

/** An entry of a set was used. */
export function touchPlain(tlb: BulkTlb, first: number, at: number): void {
  if (!tlb.isLru) return;
  const { words, ways } = tlb;
  const own = tlb.ages + (at >> 3);
  const age = words[own] as number;
  if (age === 0) return;
  const ages = tlb.ages + first;
  for (let way = 0; way < ways; way++) {
    const other = words[ages + way] as number;
    // One more for a valid entry that was used later.
    words[ages + way] = other + (((other - age) >>> 31) & (words[(first + way) * WORDS] as number));
  }
  words[own] = 0;
}

/** Where an entry goes that its set does not have: the next victim, counted as used; -1 while a place is free. */
export function makeRoom(tlb: BulkTlb, first: number): number {
  const { words, ways } = tlb;
  if (tlb.free > 0) {
    for (let way = first; way < first + ways; way++) if (((words[way * WORDS] as number) & VALID) === 0) return -1;
  }
  if (!tlb.isLru) return victimIn(tlb, (first / ways) | 0, first) * WORDS;
  const ages = tlb.ages + first;
  if (ways === 2) {
    const a0 = words[ages] as number;
    const a1 = words[ages + 1] as number;
    const own = (a0 - a1) >>> 31;
    words[ages] = (a0 + 1) & -own;
    words[ages + 1] = (a1 + 1) & (own - 1);
    return (first + own) * WORDS;
  }
  let oldest = 0;
  for (let way = 0; way < ways; way++) {
    const aged = ((words[ages + way] as number) << WAY_BITS) | (LAST_WAY - way);
    const less = oldest - aged;
    oldest -= less & (less >> 31);
  }
  const at = (first + LAST_WAY - (oldest & LAST_WAY)) * WORDS;
  touchPlain(tlb, first, at);
  return at;
}

/**
 * Looks a page up in the IOTLB and, on a miss, walks and puts it in: where its entry's words begin. -1, and nothing has
 * happened, if that is not plain.
 */
export function lookPlain(unit: BulkUnit, space: number, page: number): number {
  const { tlb, tally, trail } = unit;
  const { words } = tlb;
  const asid = unit.asids[space] as number;
  const first = setOf(tlb, page);
  const known = findPlain(tlb, first, asid, page);
  if (known >= 0) {
    const lacks = (~(words[known] as number) & trail.flags) | (~(words[known + 6] as number) & trail.lo);
    if (lacks !== 0 || words[known + 5] !== 0) return -1;
    (tally[HITS] as number)++;
    touchPlain(tlb, first, known);
    return known;
  }
  const entry = page < (unit.ends[space] as number) ? trailAt(trail.entries, trail.roots[space] as number, page) : 0;
  const at = entry === 0 ? -1 : makeRoom(tlb, first);
  if (at < 0) return -1;
  const output = entry >>> CLASS_BITS;
  const kind = (entry & ~(-1 << CLASS_BITS)) * CLASS_WORDS;
  const { classes } = trail;
  words[at] = classes[kind] as number;
  words[at + 1] = asid;
  words[at + 2] = page;
  words[at + 3] = 0;
  words[at + 4] = output;
  words[at + 5] = 0;
  words[at + 6] = (output << trail.shift) | (classes[kind + 1] as number);
  words[at + 7] = classes[kind + 2] as number;
  (tally[MISSES] as number)++;
  (tally[READS] as number) += trail.reads[space] as number;
  return at;
}
