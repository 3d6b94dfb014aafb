/** Edits of the tree that CPU and device share: arm64 descriptors in memory. Each change is one 64-bit store. */
import { PTE_LEAF, PTE_TABLE } from '../hardware/arm64/descriptor.layout.ts';
import { LEAF_LEVEL, levelIndex, spanOf, targetOf } from '../hardware/arm64/walk.ts';
import { encode } from '../hardware/layout.ts';
import { ok, type Result } from '../lib/result.ts';
import { readWord, writeWord } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { allocateFrame } from './frame.ts';

/** A leaf descriptor in two words. */
export interface Pte {
  readonly lo: number;
  readonly hi: number;
}

/** What a mapping allows. */
export interface Rights {
  /** 0 or 1, as in a VMA. */
  readonly read: number;
  readonly write: number;
  readonly exec: number;
}

const VALID = 1 << 0;
const TABLE = 0b11;
const USER = 1 << 6;
const READ_ONLY = 1 << 7;
const ACCESSED = 1 << 10;
/** In the high word. DBM: it may be written, whether it was or not (PTE_WRITE of arm64). */
const DBM = 1 << 19;
const UXN = 1 << 22;
/** PTE_PROT_NONE: a software bit of a descriptor that the kernel calls present and the hardware invalid. */
const PROT_NONE = 1 << 26;

/** A page of a user: inner shareable, accessed, tagged with the ASID, never executed by the kernel. */
const [USER_LO = 0, USER_HI = 0] = encode(PTE_LEAF, { valid: 1, type: 1, AP1: 1, SH: 3, AF: 1, nG: 1, PXN: 1, UXN: 1 });
const [TABLE_LO = 0] = encode(PTE_TABLE, { valid: 1, type: 1 });
const NONE: Pte = { lo: 0, hi: 0 };

/** The descriptor that maps a page with these rights; `writable` is what the hardware is told now. */
export function pteFor(pfn: number, rights: Rights, writable: boolean): Pte {
  const lo = (USER_LO | (pfn << 12) | (writable ? 0 : READ_ONLY)) >>> 0;
  const exec = rights.exec === 1 ? USER_HI & ~UXN : USER_HI;
  const hi = exec | (writable ? DBM : 0) | (Math.floor(pfn / 2 ** 20) & 0xffff);
  if (rights.read === 1 || rights.write === 1) return { lo, hi };
  if (rights.exec === 1) return { lo: (lo & ~USER) >>> 0, hi };
  return { lo: (lo & ~VALID) >>> 0, hi: hi | PROT_NONE };
}

/** Nothing was ever there, or it is gone. Kernel: pte_none. */
export function isNone({ lo, hi }: Pte): boolean {
  return lo === 0 && hi === 0;
}

/** There is a page behind it, also one that PROT_NONE hides from the hardware. Kernel: pte_present. */
export function isPresent({ lo, hi }: Pte): boolean {
  return (lo & VALID) !== 0 || (hi & PROT_NONE) !== 0;
}

/** The hardware may write through it. */
export function isWritable({ lo }: Pte): boolean {
  return (lo & VALID) !== 0 && (lo & READ_ONLY) === 0;
}

/** It may be written, and was not yet: hardware may note the first write itself, else it faults. Kernel: pte_write. */
export function isCleanWritable({ lo, hi }: Pte): boolean {
  return (lo & VALID) !== 0 && (lo & READ_ONLY) !== 0 && (hi & DBM) !== 0;
}

/** It was used. Kernel: pte_young. */
export function isYoung({ lo }: Pte): boolean {
  return (lo & ACCESSED) !== 0;
}

/** It was written: writable, and not read-only any more. Kernel: pte_hw_dirty. */
export function isDirty(pte: Pte): boolean {
  return isWritable(pte) && (pte.hi & DBM) !== 0;
}

/** The hardware may use it at all. */
export function isValid({ lo }: Pte): boolean {
  return (lo & VALID) !== 0;
}

/** The page that a present descriptor maps. */
export function pfnOf({ lo, hi }: Pte): number {
  return targetOf(lo, hi);
}

/** The descriptor of a page; all zero where the tables do not reach. */
export function readPte(world: World, pgd: number, page: number): Pte {
  const table = leafTable(world, pgd, page);
  if (table < 0) return NONE;
  const offset = levelIndex(page, LEAF_LEVEL) * 8;
  return { lo: readWord(world, table, offset), hi: readWord(world, table, offset + 4) };
}

/** Stores a descriptor where tables exist already. */
export function setPte(world: World, pgd: number, page: number, pte: Pte): void {
  writeDescriptor(world, leafTable(world, pgd, page), levelIndex(page, LEAF_LEVEL), pte);
}

/** Clears a descriptor and gives what it was. Kernel: ptep_get_and_clear. */
export function clearPte(world: World, pgd: number, page: number): Pte {
  const old = readPte(world, pgd, page);
  setPte(world, pgd, page, NONE);
  return old;
}

/** Takes the right to write, so that the next write faults. Kernel: ptep_set_wrprotect. */
export function writeProtect(world: World, pgd: number, page: number): void {
  const { lo, hi } = readPte(world, pgd, page);
  setPte(world, pgd, page, { lo: (lo | READ_ONLY) >>> 0, hi: hi & ~DBM });
}

/** Gives the right to write. Kernel: pte_mkwrite. */
export function makeWritable(world: World, pgd: number, page: number): void {
  const { lo, hi } = readPte(world, pgd, page);
  setPte(world, pgd, page, { lo: ((lo | ACCESSED) & ~READ_ONLY) >>> 0, hi: hi | DBM });
}

/** Forgets that it was used, and with `clean` that it was written. Kernel: ptep_test_and_clear_young, pte_mkclean. */
export function makeOld(world: World, pgd: number, page: number, clean: boolean): void {
  const { lo, hi } = readPte(world, pgd, page);
  const unwritten = clean && (hi & DBM) !== 0 ? lo | READ_ONLY : lo;
  setPte(world, pgd, page, { lo: (unwritten & ~ACCESSED) >>> 0, hi });
}

/** Notes a use, and with `write` that it is written. Kernel: ptep_set_access_flags. */
export function makeUsed(world: World, pgd: number, page: number, write: boolean): void {
  const { lo, hi } = readPte(world, pgd, page);
  const written = write && (hi & DBM) !== 0 ? lo & ~READ_ONLY : lo;
  setPte(world, pgd, page, { lo: (written | ACCESSED) >>> 0, hi });
}

function writeDescriptor(world: World, table: number, index: number, { lo, hi }: Pte): void {
  writeWord(world, table, index * 8, lo);
  writeWord(world, table, index * 8 + 4, hi);
}

/** Page of the last-level table that holds the descriptor of a page, -1 where there is none. */
export function leafTable(world: World, pgd: number, page: number): number {
  let table = pgd;
  for (let level = 0; level < LEAF_LEVEL && table >= 0; level++) table = tableBelow(world, table, page, level);
  return table;
}

function tableBelow(world: World, table: number, page: number, level: number): number {
  const offset = levelIndex(page, level) * 8;
  const lo = readWord(world, table, offset);
  return (lo & TABLE) === TABLE ? targetOf(lo, readWord(world, table, offset + 4)) : -1;
}

/** Makes the tables that lead to a page and gives how many were missing. Those made before memory ran out stay. */
export function ensureTables(world: World, pgd: number, page: number, mm: number): Result<number, 'ENOMEM'> {
  let table = pgd;
  let made = 0;
  for (let level = 0; level < LEAF_LEVEL; level++) {
    let below = tableBelow(world, table, page, level);
    if (below < 0) {
      const fresh = allocateFrame(world, 'table', mm);
      if (!fresh.ok) return fresh;
      below = fresh.value;
      writeDescriptor(world, table, levelIndex(page, level), tableDescriptor(below));
      made++;
    }
    table = below;
  }
  return ok(made);
}

function tableDescriptor(table: number): Pte {
  return { lo: (TABLE_LO | (table << 12)) >>> 0, hi: Math.floor(table / 2 ** 20) & 0xffff };
}

/** The first page from `from` up to, not including, `end` that has a present descriptor; -1 if none has. */
export function nextPresent(world: World, pgd: number, from: number, end: number): number {
  return nextPage(world, pgd, from, end, isPresent);
}

/** The same for pages whose descriptor says anything at all: also where on the swap device the page lies. */
export function nextUsed(world: World, pgd: number, from: number, end: number): number {
  return nextPage(world, pgd, from, end, isUsed);
}

const isUsed = (pte: Pte): boolean => !isNone(pte);

function nextPage(world: World, pgd: number, from: number, end: number, isWanted: (pte: Pte) => boolean): number {
  let page = from;
  while (page < end) {
    const absent = absentPages(world, pgd, page, isWanted);
    if (absent === 0) return page;
    page = (Math.floor(page / absent) + 1) * absent;
  }
  return -1;
}

/** Size of the aligned range around a page of which it is known that nothing is wanted; 0 if this page is. */
function absentPages(world: World, pgd: number, page: number, isWanted: (pte: Pte) => boolean): number {
  let table = pgd;
  for (let level = 0; level < LEAF_LEVEL; level++) {
    table = tableBelow(world, table, page, level);
    if (table < 0) return 2 ** spanOf(level);
  }
  const offset = levelIndex(page, LEAF_LEVEL) * 8;
  return isWanted({ lo: readWord(world, table, offset), hi: readWord(world, table, offset + 4) }) ? 0 : 1;
}

/** Pages without a neighbour's memory: tables that lie wholly between `floor` and `ceiling` are of no use any more. */
export interface EmptyRange {
  readonly start: number;
  readonly end: number;
  /** End of the memory below. */
  readonly floor: number;
  /** Start of the memory above. */
  readonly ceiling: number;
}

/** Takes the useless tables out of the tree and gives their pages, which may be freed later. Kernel: free_pgtables. */
export function unlinkTables(world: World, pgd: number, range: EmptyRange): number[] {
  const unlinked: number[] = [];
  unlinkBelow(world, { table: pgd, level: 0, base: 0 }, range, unlinked);
  return unlinked;
}

interface Place {
  readonly table: number;
  readonly level: number;
  /** First page that the table stands for. */
  readonly base: number;
}

function unlinkBelow(world: World, { table, level, base }: Place, range: EmptyRange, unlinked: number[]): void {
  const pages = 2 ** spanOf(level);
  const first = Math.max(base, Math.floor(range.start / pages) * pages);
  for (let page = first; page < Math.min(base + 512 * pages, range.end); page += pages) {
    const below = tableBelow(world, table, page, level);
    if (below < 0) continue;
    if (level + 1 < LEAF_LEVEL) unlinkBelow(world, { table: below, level: level + 1, base: page }, range, unlinked);
    if (page < range.floor || page + pages > range.ceiling) continue;
    writeDescriptor(world, table, levelIndex(page, level), NONE);
    unlinked.push(below);
  }
}
