/**
 * A translation cache while a device streams millions of accesses through it: the same words as in SRAM (`tlb.ts`), in one
 * array, so that a look-up reads a few words and nothing is journalled. It does what the cache does step by step;
 * `storeTlb` puts it back. Only what a stream can ask for is looked up: kind 0, VMID 0, an ASID or PASID.
 */
import { assert } from '../lib/assert.ts';
import { wordsOf, writeWord } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { firstRandom, nextRandom } from './replacement.ts';
import { TLB_ENTRY_BYTES, type TlbShape, tlbPages } from './tlb.ts';

/** Words of an entry. */
export const WORDS = TLB_ENTRY_BYTES / 4;
const PAGE_WORDS = 1024;
export const VALID = 1 << 0;
export const GLOBAL = 1 << 1;
export const RIGHTS_SHIFT = 2;
const RIGHTS = 0x1f;
const PRIVATE = 1 << 7;
const SPAN_SHIFT = 8;
/** VALID, span, kind and VMID: all that must be as expected, kind and VMID zero. */
export const IDENTITY = VALID | (0x3f << SPAN_SHIFT) | (3 << 14) | (0xffff << 16);
/** Larger leaves than those of 1 GiB are cut to that by who fills a cache. */
const MAX_SPAN = 18;

export interface BulkTlb {
  readonly shape: TlbShape;
  readonly words: Int32Array;
  readonly sets: number;
  readonly ways: number;
  /** Word of the first set's replacement state, and of the first entry's age. */
  readonly states: number;
  readonly ages: number;
  readonly isLru: boolean;
  readonly isRandom: boolean;
  /** Sizes of the entries that may be in it, powers of two of pages, smallest first. */
  readonly sizes: number[];
  /** Places without an entry. */
  free: number;
}

/** The cache as it is now. */
export function copyTlb(world: World, shape: TlbShape): BulkTlb {
  const pages = tlbPages(shape);
  const words = new Int32Array(pages * PAGE_WORDS);
  for (let page = 0; page < pages; page++) words.set(wordsOf(world, shape.page + page), page * PAGE_WORDS);
  const { sets, ways, replacement } = shape;
  const states = sets * ways * WORDS;
  const sizes = new Set<number>();
  let free = 0;
  for (let at = 0; at < states; at += WORDS) {
    const flags = words[at] as number;
    if ((flags & VALID) !== 0) sizes.add((flags >>> SPAN_SHIFT) & 0x3f);
    else free++;
  }
  assert(Math.max(0, ...sizes) <= MAX_SPAN, 'a stream meets no entry of more than 1 GiB');
  return {
    ...{ shape, words, sets, ways, states, ages: states + sets },
    ...{ isLru: replacement === 'lru', isRandom: replacement === 'random' },
    ...{ sizes: [...sizes].sort((one, other) => one - other), free },
  };
}

/** Puts what has changed back into the machine. */
export function storeTlb(world: World, { shape, words }: BulkTlb): void {
  for (let page = 0; page * PAGE_WORDS < words.length; page++) {
    const old = wordsOf(world, shape.page + page);
    for (let i = 0; i < PAGE_WORDS; i++) {
      const word = words[page * PAGE_WORDS + i] as number;
      if (word !== old[i]) writeWord(world, shape.page + page, i * 4, word);
    }
  }
}

/** Index of the entry that translates a page, -1 on a miss. */
export function findIn(tlb: BulkTlb, asid: number, page: number): number {
  const { sizes } = tlb;
  if (sizes.length === 1) return findSized(tlb, asid, page, sizes[0] as number);
  let first = -1;
  for (let i = 0; i < sizes.length; i++) {
    const found = findSized(tlb, asid, page, sizes[i] as number);
    if (found < 0) continue;
    // One set is searched way by way, several size by size.
    if (tlb.sets > 1) return found;
    if (first < 0 || found < first) first = found;
  }
  return first;
}

function findSized(tlb: BulkTlb, asid: number, page: number, span: number): number {
  const { words, ways } = tlb;
  const lo = (page | 0) & (-1 << span);
  const hi = (page / 2 ** 32) | 0;
  const expected = VALID | (span << SPAN_SHIFT);
  const first = ((lo >>> span) & (tlb.sets - 1)) * ways;
  for (let index = first; index < first + ways; index++) {
    const at = index * WORDS;
    if (words[at + 2] !== lo || words[at + 3] !== hi) continue;
    const flags = words[at] as number;
    if ((flags & IDENTITY) === expected && (words[at + 1] === asid || (flags & GLOBAL) !== 0)) return index;
  }
  return -1;
}

/** The 4 KiB page that an entry leads to. */
export function outputIn({ words }: BulkTlb, index: number, page: number): number {
  const at = index * WORDS;
  const first = (words[at + 5] as number) * 2 ** 32 + ((words[at + 4] as number) >>> 0);
  const span = ((words[at] as number) >>> SPAN_SHIFT) & 0x3f;
  return span === 0 ? first : first + ((page | 0) & ~(-1 << span));
}

export function rightsIn({ words }: BulkTlb, index: number): number {
  return ((words[index * WORDS] as number) >>> RIGHTS_SHIFT) & RIGHTS;
}

export function spanIn({ words }: BulkTlb, index: number): number {
  return ((words[index * WORDS] as number) >>> SPAN_SHIFT) & 0x3f;
}

export function isGlobalIn({ words }: BulkTlb, index: number): boolean {
  return ((words[index * WORDS] as number) & GLOBAL) !== 0;
}

/** The low word of the leaf that an entry was filled from. */
export function lowIn({ words }: BulkTlb, index: number): number {
  return words[index * WORDS + 6] as number;
}

/** What a new entry is, beside where it leads; a scratch of who fills the cache. */
export interface BulkLeaf {
  /** The 4 KiB page asked for leads to this one. */
  output: number;
  span: number;
  rights: number;
  global: boolean;
  isPrivate: boolean;
  lo: number;
  hi: number;
}

export function emptyLeaf(): BulkLeaf {
  return { output: 0, span: 0, rights: 0, global: false, isPrivate: false, lo: 0, hi: 0 };
}

/** Puts an entry in as `insert` of tlb.ts does: over one with its tag, into a free way, or over the next victim.
 * Returns where its words begin. */
export function insertIn(tlb: BulkTlb, asid: number, page: number, leaf: BulkLeaf): number {
  const { words, sizes } = tlb;
  const span = Math.min(leaf.span, MAX_SPAN);
  const within = (page | 0) & ~(-1 << span);
  const lo = (page | 0) & (-1 << span);
  const set = (lo >>> span) & (tlb.sets - 1);
  if (sizes.length !== 1 || sizes[0] !== span) addSize(sizes, span);
  const hi = (page / 2 ** 32) | 0;
  const index = placeIn(tlb, asid, lo, hi, set);
  const at = index * WORDS;
  const isNew = ((words[at] as number) & VALID) === 0;
  if (isNew) tlb.free--;
  words[at] = flagsOf(leaf, span);
  words[at + 1] = asid;
  words[at + 2] = lo;
  words[at + 3] = hi;
  words[at + 4] = leaf.output - within;
  words[at + 5] = (leaf.output - within) / 2 ** 32;
  words[at + 6] = leaf.lo;
  words[at + 7] = leaf.hi;
  if (tlb.isLru) touchIn(tlb, index, isNew);
  return at;
}

/** The first word of an entry. */
export function flagsOf({ global, isPrivate, rights }: BulkLeaf, span: number): number {
  return VALID | (global ? GLOBAL : 0) | (isPrivate ? PRIVATE : 0) | (rights << RIGHTS_SHIFT) | (span << SPAN_SHIFT);
}

function addSize(sizes: number[], span: number): void {
  if (sizes.includes(span)) return;
  sizes.push(span);
  sizes.sort((one, other) => one - other);
}

function placeIn(tlb: BulkTlb, asid: number, lo: number, hi: number, set: number): number {
  const { words, ways } = tlb;
  const first = set * ways;
  let free = -1;
  for (let index = first; index < first + ways; index++) {
    const at = index * WORDS;
    const flags = words[at] as number;
    if ((flags & VALID) === 0) {
      if (free < 0) free = index;
      continue;
    }
    const span = (flags >>> SPAN_SHIFT) & 0x3f;
    const isHere = words[at + 2] === (lo & (-1 << span)) && words[at + 3] === hi;
    if (isHere && flags >>> 14 === 0 && (words[at + 1] === asid || (flags & GLOBAL) !== 0)) return index;
  }
  return free >= 0 ? free : victimIn(tlb, set, first);
}

/** The way of a full set that makes room next. */
export function victimIn(tlb: BulkTlb, set: number, first: number): number {
  const { words, ways, states, ages } = tlb;
  if (tlb.isLru) {
    let oldest = first;
    for (let index = first + 1; index < first + ways; index++) {
      if ((words[ages + index] as number) > (words[ages + oldest] as number)) oldest = index;
    }
    return oldest;
  }
  const at = states + set;
  const state = words[at] as number;
  if (!tlb.isRandom) {
    words[at] = state + 1 === ways ? 0 : state + 1;
    return first + state;
  }
  const next = nextRandom(state === 0 ? firstRandom(tlb.shape.seed ?? 0, set) : state);
  words[at] = next;
  return first + (next % ways);
}

/** An entry was used, or put in where none was before. */
export function touchIn(tlb: BulkTlb, index: number, isNew = false): void {
  if (!tlb.isLru) return;
  const { words, ways, ages } = tlb;
  const age = isNew ? ways : (words[ages + index] as number);
  if (age === 0) return;
  const first = index - (index % ways);
  for (let other = first; other < first + ways; other++) {
    const known = words[ages + other] as number;
    if (other !== index && known < age && ((words[other * WORDS] as number) & VALID) !== 0)
      words[ages + other] = known + 1;
  }
  words[ages + index] = 0;
}
