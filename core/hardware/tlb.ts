/**
 * A translation cache of a hardware unit: a CPU's TLB, an IOTLB, the ATC of a device. Its entries are words in SRAM
 * pages, journalled and hashed like memory; nothing else remembers them. An entry that is not valid is all zero.
 *
 * Entry, 8 words: 0 flags and VMID, 1 ASID or PASID, 2-3 first input page, 4-5 first output page, 6-7 leaf descriptor.
 */
import { assert, present } from '../lib/assert.ts';
import { readWord, wordsOf, writeWord } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { forget, type Geometry, replacementBytes, touch, victimOf } from './replacement.ts';

const WORDS = 8;
/** Entry n of a cache is at byte n times this of its SRAM pages. */
export const TLB_ENTRY_BYTES = WORDS * 4;
const ENTRIES_PER_PAGE = 4096 / TLB_ENTRY_BYTES;
/** Page sizes of the 4 KiB granule, as powers of two of pages: 4 KiB, 2 MiB, 1 GiB. */
const SPANS = [0, 9, 18] as const;

/** Pages of a span, looked up: raising two to a power costs more than the rest of a comparison. */
const PAGES_OF_SPAN = Array.from({ length: 64 }, (_, span) => 2 ** span);

const VALID = 1 << 0;
const GLOBAL = 1 << 1;
const RIGHTS_SHIFT = 2;
const RIGHTS_MASK = 0x1f;
const PRIVATE = 1 << 7;
const SPAN_SHIFT = 8;
const KIND_SHIFT = 14;
const VMID_SHIFT = 16;
const NO_ASID = 0x8000_0000;

/** What an entry grants, combined by `|`; UNTRANSLATED_ONLY is for an ATC (PCIe ATS: U). */
export const RIGHT = { read: 1, write: 2, execute: 4, privileged: 8, untranslatedOnly: 16 } as const;

/** Where a cache lies and its geometry: `page` is the first SRAM page. A full set replaces its ways in turn if it says no more. */
export interface TlbShape extends Pick<Geometry, 'sets' | 'ways'>, Partial<Pick<Geometry, 'replacement' | 'seed'>> {
  readonly page: number;
}

/** What is looked up. `kind` (2 bits) is whatever else must be equal: a regime, or privilege. */
export interface TlbKey {
  readonly kind: number;
  readonly vmid: number;
  /** ASID or PASID, up to 20 bits; -1 for none, which is equal to none only. */
  readonly asid: number;
  readonly page: number;
}

export interface TlbEntry extends TlbKey {
  /** Matches every ASID. */
  readonly global: boolean;
  /** It covers 2^span pages; `page` and `output` are the first of them. */
  readonly span: number;
  readonly output: number;
  /** Of RIGHT. */
  readonly rights: number;
  /** CD.ASET: its ASID is none of the CPUs', whose broadcasts pass it by. */
  readonly isPrivate?: boolean;
  /** The leaf descriptor it was filled from, 0 where there was none. */
  readonly lo: number;
  readonly hi: number;
}

/** Which entries to drop: those that fit everything given. Nothing given means all. */
export interface TlbMatch {
  readonly kind?: number;
  readonly vmid?: number;
  /** Global entries fit too, unless `keepGlobal`. */
  readonly asid?: number;
  readonly keepGlobal?: boolean;
  /** Entries with a private ASID do not fit. */
  readonly keepPrivate?: boolean;
  /** Entries that intersect the 2^span pages from here on. */
  readonly page?: number;
  /** Power of two; 0 if not given. */
  readonly span?: number;
}

/** The size of what a cache keeps of a translation of 2^span pages: one with several sets knows the page sizes only. */
export function keptSpan({ sets }: TlbShape, span: number): number {
  return sets === 1 ? span : Math.max(...SPANS.filter((size) => size <= span));
}

/** SRAM pages that a cache of this geometry takes. */
export function tlbPages(tlb: TlbShape): number {
  return Math.ceil((tlb.sets * tlb.ways * TLB_ENTRY_BYTES + replacementBytes(tlb)) / 4096);
}

/** Index of the entry that translates the page, -1 on a miss. Allocates nothing, and counts as no use: see `touch`. */
export function lookup(world: World, tlb: TlbShape, key: TlbKey): number {
  if (tlb.sets === 1) return lookupInSet(world, tlb, 0, key);
  for (let i = 0; i < SPANS.length; i++) {
    const found = lookupInSet(world, tlb, setOf(tlb, key.page, SPANS[i] as number), key);
    if (found >= 0) return found;
  }
  return -1;
}

function lookupInSet(world: World, tlb: TlbShape, set: number, key: TlbKey): number {
  const first = set * tlb.ways;
  let words = wordsOf(world, pageAt(tlb, first));
  for (let index = first; index < first + tlb.ways; index++) {
    if (index % ENTRIES_PER_PAGE === 0) words = wordsOf(world, pageAt(tlb, index));
    if (fitsKey(words, (index % ENTRIES_PER_PAGE) * WORDS, key)) return index;
  }
  return -1;
}

function fitsKey(words: Int32Array, at: number, key: TlbKey): boolean {
  const flags = words[at] as number;
  if ((flags & VALID) === 0) return false;
  if (flags >>> VMID_SHIFT !== key.vmid || ((flags >>> KIND_SHIFT) & 3) !== key.kind) return false;
  if ((flags & GLOBAL) === 0 && words[at + 1] !== wordOfAsid(key.asid)) return false;
  const past = key.page - wide(words, at + 2);
  return past >= 0 && past < pagesOf((flags >>> SPAN_SHIFT) & 0x3f);
}

/** The 4 KiB page that an entry found by `lookup` translates a page to. */
export function outputOf(world: World, tlb: TlbShape, index: number, page: number): number {
  const words = wordsOf(world, pageAt(tlb, index));
  const at = (index % ENTRIES_PER_PAGE) * WORDS;
  return wide(words, at + 4) + (page - wide(words, at + 2));
}

/** What an entry found by `lookup` grants, of RIGHT. */
export function rightsOf(world: World, tlb: TlbShape, index: number): number {
  return (readWord(world, pageAt(tlb, index), offsetAt(index)) >>> RIGHTS_SHIFT) & RIGHTS_MASK;
}

/** The entry at an index, null where there is none. */
export function entryAt(world: World, tlb: TlbShape, index: number): TlbEntry | null {
  const words = wordsOf(world, pageAt(tlb, index));
  const at = (index % ENTRIES_PER_PAGE) * WORDS;
  const flags = words[at] as number;
  if ((flags & VALID) === 0) return null;
  const asid = words[at + 1] as number;
  return {
    kind: (flags >>> KIND_SHIFT) & 3,
    vmid: flags >>> VMID_SHIFT,
    asid: asid >>> 0 === NO_ASID ? -1 : asid,
    page: wide(words, at + 2),
    global: (flags & GLOBAL) !== 0,
    span: (flags >>> SPAN_SHIFT) & 0x3f,
    output: wide(words, at + 4),
    rights: (flags >>> RIGHTS_SHIFT) & RIGHTS_MASK,
    ...((flags & PRIVATE) !== 0 ? { isPrivate: true } : {}),
    lo: (words[at + 6] as number) >>> 0,
    hi: (words[at + 7] as number) >>> 0,
  };
}

/** Index of the first valid entry from `from` on, -1 if there is none: entries in between cost one word each. */
export function nextEntry(world: World, tlb: TlbShape, from: number): number {
  const end = tlb.sets * tlb.ways;
  for (let page = Math.floor(from / ENTRIES_PER_PAGE); page * ENTRIES_PER_PAGE < end; page++) {
    const words = wordsOf(world, tlb.page + page);
    const first = page * ENTRIES_PER_PAGE;
    const last = Math.min(first + ENTRIES_PER_PAGE, end);
    for (let index = Math.max(from, first); index < last; index++) {
      if (((words[(index - first) * WORDS] as number) & VALID) !== 0) return index;
    }
  }
  return -1;
}

/** All valid entries, in the order of their places. */
export function entriesOf(world: World, tlb: TlbShape): TlbEntry[] {
  const entries: TlbEntry[] = [];
  for (let index = nextEntry(world, tlb, 0); index >= 0; index = nextEntry(world, tlb, index + 1)) {
    entries.push(present(entryAt(world, tlb, index), 'a valid entry can be read'));
  }
  return entries;
}

/**
 * Puts an entry where one with the same tag stands, else in a free way, else in place of the next victim; returns its
 * index. The first pages must be aligned to the span; a cache with several sets takes 4 KiB, 2 MiB and 1 GiB only.
 */
export function insert(world: World, tlb: TlbShape, entry: TlbEntry): number {
  const pages = pagesOf(entry.span);
  assert(entry.page % pages === 0 && entry.output % pages === 0, 'an entry of a TLB is aligned to its size');
  assert(tlb.sets === 1 || SPANS.some((span) => span === entry.span), 'a TLB with several sets knows the page size');
  const set = setOf(tlb, entry.page, entry.span);
  const index = placeFor(world, tlb, set, entry);
  const isNew = (readWord(world, pageAt(tlb, index), offsetAt(index)) & VALID) === 0;
  writeEntry(world, tlb, index, entry);
  touch(world, tlb, index, isNew);
  return index;
}

function placeFor(world: World, tlb: TlbShape, set: number, entry: TlbEntry): number {
  const known = lookupInSet(world, tlb, set, entry);
  if (known >= 0) return known;
  for (let way = 0; way < tlb.ways; way++) {
    const index = set * tlb.ways + way;
    if ((readWord(world, pageAt(tlb, index), offsetAt(index)) & VALID) === 0) return index;
  }
  return set * tlb.ways + victimOf(world, tlb, set);
}

function writeEntry(world: World, tlb: TlbShape, index: number, entry: TlbEntry): void {
  const page = pageAt(tlb, index);
  const offset = offsetAt(index);
  const flags =
    VALID |
    (entry.global ? GLOBAL : 0) |
    (entry.isPrivate === true ? PRIVATE : 0) |
    (entry.rights << RIGHTS_SHIFT) |
    (entry.span << SPAN_SHIFT) |
    (entry.kind << KIND_SHIFT) |
    (entry.vmid << VMID_SHIFT);
  writeWord(world, page, offset, flags);
  writeWord(world, page, offset + 4, wordOfAsid(entry.asid));
  writeWide(world, page, offset + 8, entry.page);
  writeWide(world, page, offset + 16, entry.output);
  writeWord(world, page, offset + 24, entry.lo);
  writeWord(world, page, offset + 28, entry.hi);
}

/** Drops the entries that fit and returns how many they were. */
export function invalidate(world: World, tlb: TlbShape, match: TlbMatch): number {
  let dropped = 0;
  for (let index = nextEntry(world, tlb, 0); index >= 0; index = nextEntry(world, tlb, index + 1)) {
    if (!fitsMatch(present(entryAt(world, tlb, index), 'a valid entry can be read'), match)) continue;
    for (let word = 0; word < WORDS; word++) writeWord(world, pageAt(tlb, index), offsetAt(index) + word * 4, 0);
    forget(world, tlb, index);
    dropped++;
  }
  return dropped;
}

function fitsMatch(entry: TlbEntry, match: TlbMatch): boolean {
  if (match.kind !== undefined && match.kind !== entry.kind) return false;
  if (match.vmid !== undefined && match.vmid !== entry.vmid) return false;
  if (match.keepGlobal === true && entry.global) return false;
  if (match.keepPrivate === true && entry.isPrivate === true) return false;
  if (match.asid !== undefined && !entry.global && match.asid !== entry.asid) return false;
  if (match.page === undefined) return true;
  return match.page < entry.page + pagesOf(entry.span) && entry.page < match.page + pagesOf(match.span ?? 0);
}

/** The number of sets is a power of two. */
function setOf(tlb: TlbShape, page: number, span: number): number {
  return Math.floor(page / pagesOf(span)) & (tlb.sets - 1);
}

function pagesOf(span: number): number {
  return PAGES_OF_SPAN[span] as number;
}

function pageAt(tlb: TlbShape, index: number): number {
  return tlb.page + Math.floor(index / ENTRIES_PER_PAGE);
}

function offsetAt(index: number): number {
  return (index % ENTRIES_PER_PAGE) * TLB_ENTRY_BYTES;
}

function wordOfAsid(asid: number): number {
  return asid < 0 ? NO_ASID | 0 : asid;
}

/** A page number of up to 52 bits in two words. */
function wide(words: Int32Array, at: number): number {
  return (words[at + 1] as number) * 2 ** 32 + ((words[at] as number) >>> 0);
}

function writeWide(world: World, page: number, offset: number, value: number): void {
  writeWord(world, page, offset, (value % 2 ** 32) | 0);
  writeWord(world, page, offset + 4, Math.floor(value / 2 ** 32));
}
