/** Edits of the tree that CPU and device share: descriptors in memory. Each change is one 64-bit store. */
import { formatOf } from '../hardware/cpus.ts';
import { type EntryWords, indexAbove, type PageFormat, type Rights } from '../hardware/page-format.ts';
import { ok, type Result } from '../lib/result.ts';
import { readWord, writeWord } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { allocateFrame } from './frame.ts';

/** A leaf descriptor in two words, and the format that says what they mean. */
export interface Pte extends EntryWords {
  readonly format: PageFormat;
}

const NONE: EntryWords = { lo: 0, hi: 0 };

/** The descriptor that maps a page with these rights; `writable` is what the hardware is told now. */
export function pteFor(world: World, pfn: number, rights: Rights, writable: boolean): Pte {
  const format = formatOf(world);
  return { ...format.userLeaf(pfn, rights, writable), format };
}

/** Nothing was ever there, or it is gone. Kernel: pte_none. */
export function isNone({ lo, hi }: EntryWords): boolean {
  return lo === 0 && hi === 0;
}

/** There is a page behind it, also one that PROT_NONE hides from the hardware. Kernel: pte_present. */
export function isPresent(pte: Pte): boolean {
  return pte.format.isPresent(pte);
}

/** The hardware may write through it. */
export function isWritable(pte: Pte): boolean {
  return pte.format.isWritable(pte);
}

/** It may be written, and was not yet: hardware may note the first write itself, else it faults. Kernel: pte_write. */
export function isCleanWritable(pte: Pte): boolean {
  return pte.format.isCleanWritable(pte);
}

/** It was used. Kernel: pte_young. */
export function isYoung(pte: Pte): boolean {
  return pte.format.isYoung(pte);
}

/** It was written. Kernel: pte_dirty. */
export function isDirty(pte: Pte): boolean {
  return pte.format.isDirty(pte);
}

/** The hardware may use it at all. */
export function isValid(pte: Pte): boolean {
  return pte.format.isValid(pte);
}

/** The page that a present descriptor maps. */
export function pfnOf(pte: Pte): number {
  return pte.format.pfnOf(pte);
}

/** The descriptor of a page; all zero where the tables do not reach. */
export function readPte(world: World, pgd: number, page: number): Pte {
  const format = formatOf(world);
  const table = leafTable(world, pgd, page);
  if (table < 0) return { ...NONE, format };
  const offset = indexAbove(page, 0) * 8;
  return { lo: readWord(world, table, offset), hi: readWord(world, table, offset + 4), format };
}

/** Stores a descriptor where tables exist already. */
export function setPte(world: World, pgd: number, page: number, pte: EntryWords): void {
  writeDescriptor(world, leafTable(world, pgd, page), indexAbove(page, 0), pte);
}

/** Clears a descriptor and gives what it was. Kernel: ptep_get_and_clear. */
export function clearPte(world: World, pgd: number, page: number): Pte {
  const old = readPte(world, pgd, page);
  setPte(world, pgd, page, NONE);
  return old;
}

/** Takes the right to write, so that the next write faults. Kernel: ptep_set_wrprotect. */
export function writeProtect(world: World, pgd: number, page: number): void {
  change(world, pgd, page, (pte) => pte.format.writeProtected(pte));
}

/** Gives the right to write. Kernel: pte_mkwrite. */
export function makeWritable(world: World, pgd: number, page: number): void {
  change(world, pgd, page, (pte) => pte.format.madeWritable(pte));
}

/** Forgets that it was used, and with `clean` that it was written. Kernel: ptep_test_and_clear_young, pte_mkclean. */
export function makeOld(world: World, pgd: number, page: number, clean: boolean): void {
  change(world, pgd, page, (pte) => pte.format.madeOld(pte, clean));
}

/** Notes a use, and with `write` that it is written. Kernel: ptep_set_access_flags. */
export function makeUsed(world: World, pgd: number, page: number, write: boolean): void {
  change(world, pgd, page, (pte) => pte.format.madeUsed(pte, write));
}

function change(world: World, pgd: number, page: number, to: (pte: Pte) => EntryWords): void {
  setPte(world, pgd, page, to(readPte(world, pgd, page)));
}

function writeDescriptor(world: World, table: number, index: number, { lo, hi }: EntryWords): void {
  writeWord(world, table, index * 8, lo);
  writeWord(world, table, index * 8 + 4, hi);
}

/** Levels between the root and the leaves: a root of four levels stands three above. */
const levelsAbove = (world: World): number => formatOf(world).levels - 1;

/** Page of the last-level table that holds the descriptor of a page, -1 where there is none. */
export function leafTable(world: World, pgd: number, page: number): number {
  let table = pgd;
  for (let above = levelsAbove(world); above > 0 && table >= 0; above--) table = tableBelow(world, table, page, above);
  return table;
}

function tableBelow(world: World, table: number, page: number, above: number): number {
  const offset = indexAbove(page, above) * 8;
  return formatOf(world).tableBelow(readWord(world, table, offset), readWord(world, table, offset + 4));
}

/** Makes the tables that lead to a page and gives how many were missing. Those made before memory ran out stay. */
export function ensureTables(world: World, pgd: number, page: number, mm: number): Result<number, 'ENOMEM'> {
  let table = pgd;
  let made = 0;
  for (let above = levelsAbove(world); above > 0; above--) {
    let below = tableBelow(world, table, page, above);
    if (below < 0) {
      const fresh = allocateFrame(world, 'table', mm);
      if (!fresh.ok) return fresh;
      below = fresh.value;
      writeDescriptor(world, table, indexAbove(page, above), formatOf(world).tableEntry(below));
      made++;
    }
    table = below;
  }
  return ok(made);
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
  const format = formatOf(world);
  let table = pgd;
  for (let above = format.levels - 1; above > 0; above--) {
    table = tableBelow(world, table, page, above);
    if (table < 0) return pagesBelow(above);
  }
  const offset = indexAbove(page, 0) * 8;
  return isWanted({ lo: readWord(world, table, offset), hi: readWord(world, table, offset + 4), format }) ? 0 : 1;
}

/** Pages that one entry stands for, so many levels above the leaves. */
const pagesBelow = (above: number): number => 512 ** above;

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
  unlinkBelow(world, { table: pgd, above: levelsAbove(world), base: 0 }, range, unlinked);
  return unlinked;
}

interface Place {
  readonly table: number;
  /** Levels between it and the leaves. */
  readonly above: number;
  /** First page that the table stands for. */
  readonly base: number;
}

function unlinkBelow(world: World, { table, above, base }: Place, range: EmptyRange, unlinked: number[]): void {
  const pages = pagesBelow(above);
  const first = Math.max(base, Math.floor(range.start / pages) * pages);
  for (let page = first; page < Math.min(base + 512 * pages, range.end); page += pages) {
    const below = tableBelow(world, table, page, above);
    if (below < 0) continue;
    if (above > 1) unlinkBelow(world, { table: below, above: above - 1, base: page }, range, unlinked);
    if (page < range.floor || page + pages > range.ceiling) continue;
    writeDescriptor(world, table, indexAbove(page, above), NONE);
    unlinked.push(below);
  }
}
