/**
 * Address translation of Sv39, Sv48 and Sv57 (RISC-V Privileged 12.3.2, 12.4 to 12.6), with Svnapot, Svpbmt and Svadu.
 * Levels count down: the root is level 2, 3 or 4, and level 0 maps pages of 4 KiB.
 */
import { store } from '../../sim/telling.ts';
import { isMemory, memoryWords, writeWord } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { isWritable, readStatus } from '../memory-attributes.ts';

/** Levels of each format; with pages of 4 KiB, each resolves 9 bits. */
export const LEVELS = { Sv39: 3, Sv48: 4, Sv57: 5 } as const;
const BITS_PER_LEVEL = 9;
const INDEX_MASK = 2 ** BITS_PER_LEVEL - 1;
/** Pages below one entry of each level, looked up: raising two to a power costs as much as a level of a walk. */
const PAGES_OF_LEVEL = [1, 2 ** 9, 2 ** 18, 2 ** 27, 2 ** 36, 2 ** 45];
/** Pages of the whole address space: 2^52. */
const ALL_PAGES = 2 ** 52;

const VALID = 1 << 0;
const READ = 1 << 1;
const WRITE = 1 << 2;
const EXECUTE = 1 << 3;
const USER = 1 << 4;
const GLOBAL = 1 << 5;
const ACCESSED = 1 << 6;
const DIRTY = 1 << 7;
const LEAF = READ | WRITE | EXECUTE;
/** In the high word. */
const PPN_HI = 0x003f_ffff;
const RESERVED = 0x07c0_0000;
const RSW60 = 0x1800_0000;
const PBMT = 0x6000_0000;
const NAPOT = 0x8000_0000;

/** What a walk is for, combined by `|`. `grants`: an ATS request, which is told what rights exist instead of refused. */
export const WANT = { read: 1, write: 2, execute: 4, supervisor: 8, sum: 16, grants: 32 } as const;

/** What the hardware that walks has, and what it does by itself. */
export interface SvRules {
  readonly levels: number;
  readonly svpbmt: boolean;
  /** Svrsw60t59b: bits 60:59 are free for software. */
  readonly rsw60: boolean;
  /** Hardware sets A and D (Svadu; of an IOMMU: DC.tc.SADE). */
  readonly updates: boolean;
  /** Bits in a physical address. */
  readonly physicalBits: number;
}

/** One entry of a walk: where it stands and what it leads to. */
export interface SvVisit {
  /** Page of the table that holds it. */
  readonly table: number;
  readonly index: number;
  readonly lo: number;
  readonly hi: number;
  readonly kind: 'invalid' | 'table' | 'leaf' | 'abort' | 'poisoned';
  /** Page of the next table, or the output page of the 4 KiB page asked for; -1 where it leads nowhere. */
  readonly next: number;
  /** A leaf covers 2^span pages of 4 KiB. */
  readonly span: number;
}

/** Which of a table's 512 entries a page (address >> 12) goes through at a level. */
export function levelIndex(page: number, level: number): number {
  return Math.floor(page / (PAGES_OF_LEVEL[level] as number)) % (INDEX_MASK + 1);
}

/** The bits above those that are translated must all equal the highest of them. RISC-V Privileged 12.4.1. */
export function isCanonical(page: number, levels: number): boolean {
  const half = (PAGES_OF_LEVEL[levels] as number) / 2;
  return page < half || page >= ALL_PAGES - half;
}

/** The page that an entry points at: bits 53:10. */
export function targetOf(lo: number, hi: number): number {
  return (hi & PPN_HI) * 2 ** 22 + (lo >>> 10);
}

/** Whether an entry says that its translation is in every address space, for itself or for all below it. */
export function isGlobal(lo: number): boolean {
  return (lo & GLOBAL) !== 0;
}

/** Memory type of a leaf: PBMT. */
export function memoryTypeOf(hi: number): number {
  return (hi & PBMT) >>> 29;
}

/** Reads the entry of one level and says what it leads to. RISC-V Privileged 12.3.2, steps 2 to 5 and 8. */
export function visit(world: World, table: number, page: number, level: number, rules: SvRules): SvVisit {
  const index = levelIndex(page, level);
  const nowhere = { table, index, lo: 0, hi: 0, next: -1, span: level * BITS_PER_LEVEL };
  const words = table < 2 ** (rules.physicalBits - 12) ? memoryWords(world, table) : null;
  const status = readStatus(world, table, index * 8, 8);
  if (words === null || status === 'refused') return { ...nowhere, kind: 'abort' };
  if (status === 'poisoned') return { ...nowhere, kind: 'poisoned' };
  const lo = (words[index * 2] as number) >>> 0;
  const hi = (words[index * 2 + 1] as number) >>> 0;
  const kind = kindOf(lo, hi, level, rules);
  if (kind === 'invalid') return { ...nowhere, lo, hi, kind };
  if (kind === 'table') return { ...nowhere, lo, hi, kind, next: targetOf(lo, hi) };
  return { ...nowhere, lo, hi, kind, next: outputOf(lo, hi, page, level), span: spanOf(hi, level) };
}

/** How many 4 KiB pages a leaf stands for, as a power of two: 4 for a run of 16 entries (Svnapot), else by its level. */
export function spanOf(hi: number, level: number): number {
  return (hi & NAPOT) !== 0 ? 4 : level * BITS_PER_LEVEL;
}

/** What an entry is; one that breaks a rule of its format leads nowhere, like one that is not valid. */
export function kindOf(lo: number, hi: number, level: number, rules: Pick<SvRules, 'svpbmt' | 'rsw60'>) {
  if ((lo & VALID) === 0 || (lo & (READ | WRITE)) === WRITE) return 'invalid';
  if ((hi & (rules.rsw60 ? RESERVED : RESERVED | RSW60)) !== 0) return 'invalid';
  if ((hi & PBMT) !== 0 && (!rules.svpbmt || (hi & PBMT) === PBMT)) return 'invalid';
  if ((lo & LEAF) === 0) {
    const reserved = (lo & (USER | ACCESSED | DIRTY)) !== 0 || (hi & (PBMT | NAPOT)) !== 0;
    return level === 0 || reserved ? 'invalid' : 'table';
  }
  return isAligned(lo, hi, level) ? 'leaf' : 'invalid';
}

/** The first page of a superpage, and a run of 16 pages that says so. RISC-V Privileged 12.3.2 step 6, 14 (Svnapot). */
function isAligned(lo: number, hi: number, level: number): boolean {
  const target = targetOf(lo, hi);
  if ((hi & NAPOT) !== 0) return level === 0 && target % 16 === 8;
  return target % (PAGES_OF_LEVEL[level] as number) === 0;
}

/** The output page of the 4 KiB page asked for, by a leaf. */
export function outputOf(lo: number, hi: number, page: number, level: number): number {
  const target = targetOf(lo, hi);
  if ((hi & NAPOT) !== 0) return target - 8 + (page % 16);
  return target + (page % (PAGES_OF_LEVEL[level] as number));
}

/** Whether a leaf grants what is wanted, A and D apart. RISC-V Privileged 12.3.2 step 6, 12.1.1.2 (SUM). */
export function grants(lo: number, want: number): boolean {
  if ((want & WANT.grants) === 0) {
    if ((want & WANT.read) !== 0 && (lo & READ) === 0) return false;
    if ((want & WANT.write) !== 0 && (lo & WRITE) === 0) return false;
    if ((want & WANT.execute) !== 0 && (lo & EXECUTE) === 0) return false;
  }
  if ((want & WANT.supervisor) === 0) return (lo & USER) !== 0;
  if ((lo & USER) === 0) return true;
  if ((want & WANT.execute) !== 0) return false;
  return (want & WANT.sum) !== 0;
}

/** The low word of a leaf after this use: A set, and D for a write that it grants. */
export function usedWord(lo: number, want: number): number {
  const isWrite = (want & WANT.write) !== 0 && (lo & WRITE) !== 0;
  return (lo | ACCESSED | (isWrite ? DIRTY : 0)) >>> 0;
}

/** Why a leaf cannot be used: the page fault of its rights, A or D, or memory that refuses their update. */
export type LeafFault = 'page' | 'access';

/**
 * The rules of a leaf: rights first, then A and D, which hardware sets in one atomic update where the rules let it
 * (Svadu), and which fault otherwise. RISC-V Privileged 12.3.2 steps 6 and 9; of an IOMMU: RISC-V IOMMU 2.4.
 */
export function checkLeaf(world: World, leaf: SvVisit, want: number, rules: SvRules): LeafFault | null {
  if (!grants(leaf.lo, want)) return 'page';
  const used = usedWord(leaf.lo, want);
  if (used === leaf.lo) return null;
  if (!rules.updates) return 'page';
  if (!isMemory(world, leaf.table) || !isWritable(world, leaf.table, leaf.index * 8, 8)) return 'access';
  writeWord(world, leaf.table, leaf.index * 8, used);
  store(world, leaf.table, leaf.index * 8, [used, leaf.hi]);
  return null;
}
