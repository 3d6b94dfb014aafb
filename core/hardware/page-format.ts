/**
 * The seam between the kernel's page tables and the architecture: what an entry of them looks like, how many levels there
 * are, and what a walk reads. CPU and device read one format, since they share the tables. Entries are two 32-bit words.
 */
import type { World } from '../world/world.ts';
import type { Layout } from './layout.ts';

/** What a user may do with a page, as in a VMA: 0 or 1. */
export interface Rights {
  readonly read: number;
  readonly write: number;
  readonly exec: number;
}

/** The words of an entry: bits 31:0 and 63:32. */
export interface EntryWords {
  readonly lo: number;
  readonly hi: number;
}

export type Access = 'read' | 'write' | 'execute';

/** One entry of a walk: where it stands and what it leads to. */
export interface Visit extends EntryWords {
  /** Page of the table that holds it. */
  readonly table: number;
  readonly index: number;
  readonly kind: 'invalid' | 'table' | 'block' | 'page' | 'abort' | 'address-size';
  /** Page of the next table, or the output page of the 4 KiB page asked for; -1 where it leads nowhere. */
  readonly next: number;
}

export type WalkFault = 'translation' | 'address-size' | 'access' | 'permission' | 'abort';

export interface Permissions {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

/** What a walk of a CPU for a user found. */
export interface UserWalk {
  readonly fault: WalkFault | null;
  /** Tables passed before the one where it ended: 0 for the root. */
  readonly depth: number;
  readonly visit: Visit;
  /** Output page of the 4 KiB page asked for; -1 on a fault before the leaf. */
  readonly page: number;
  readonly permissions: Permissions;
  /** The leaf is of every address space. */
  readonly global: boolean;
}

/** Where the format keeps, in an entry that the hardware takes for invalid, what the kernel knows of an absent page. */
export interface SwapFormat {
  readonly layout: Layout;
  readonly typeShift: number;
  readonly typeBits: number;
  readonly offsetShift: number;
}

/** A page-table format. Levels are counted as depths: 0 is the root, `levels - 1` holds the leaves of 4 KiB pages. */
export interface PageFormat {
  readonly name: PageFormatName;
  readonly levels: number;
  /** Pages that a user may have, from address 0 on. Kernel: TASK_SIZE. */
  readonly userPages: number;
  /** Bits of the addresses that a walk takes. */
  readonly inputBits: number;
  readonly leaf: Layout;
  readonly table: Layout;
  readonly swap: SwapFormat;
  /** For a glance: what a user may do through a leaf, `rwx`, and the flags that stand in it by the names of the manual. */
  permsOf(words: EntryWords): string;
  flagsOf(words: EntryWords): string[];
  /** What a walk meets at a page that was not used yet, or not written, where that is for the kernel to note. */
  readonly unmarked: string;

  /** The entry that leads to a table. */
  tableEntry(page: number): EntryWords;
  /** Page of the table that an entry above the last level leads to, -1 for none. */
  tableBelow(lo: number, hi: number): number;
  /** The leaf of a user's page; `writable` is what the hardware is told now. */
  userLeaf(pfn: number, rights: Rights, writable: boolean): EntryWords;
  /** The leaf of a DMA address. */
  dmaLeaf(pfn: number, rights: Rights): EntryWords;

  /** The hardware may use it at all. */
  isValid(words: EntryWords): boolean;
  /** There is a page behind it, also one that is hidden from the hardware. Kernel: pte_present. */
  isPresent(words: EntryWords): boolean;
  /** The hardware may write through it as it is. */
  isWritable(words: EntryWords): boolean;
  /** It may be written, and was not yet: the first write faults, or hardware notes it. */
  isCleanWritable(words: EntryWords): boolean;
  isYoung(words: EntryWords): boolean;
  isDirty(words: EntryWords): boolean;
  pfnOf(words: EntryWords): number;

  /** Kernel: ptep_set_wrprotect. */
  writeProtected(words: EntryWords): EntryWords;
  /** Kernel: pte_mkwrite, pte_mkdirty, pte_mkyoung. */
  madeWritable(words: EntryWords): EntryWords;
  /** Kernel: pte_mkold, and with `clean` pte_mkclean. */
  madeOld(words: EntryWords, clean: boolean): EntryWords;
  /** Kernel: ptep_set_access_flags. */
  madeUsed(words: EntryWords, write: boolean): EntryWords;

  /** Reads the entry of a page in a table and says what it leads to. */
  visit(world: World, table: number, page: number, depth: number): Visit;
  /** The walk of a CPU for a user; the CPUs of this machine leave the flags to the kernel. */
  walkForUser(world: World, root: number, page: number, access: Access): UserWalk;
}

export type PageFormatName = 'arm64' | 'sv39' | 'sv48';

const BITS_PER_LEVEL = 9;
/** Pages below one entry of a root of four levels: the only index that a shift of 32 bits does not reach. */
const ROOT_SPAN = 2 ** 27;

/** Tables of all formats have 512 entries: which one a page goes through, that many levels above the leaves. */
export function indexAbove(page: number, above: number): number {
  return (above >= 3 ? Math.floor(page / ROOT_SPAN) : page >>> (above * BITS_PER_LEVEL)) & 511;
}
