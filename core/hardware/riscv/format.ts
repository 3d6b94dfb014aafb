/** RISC-V page tables as Linux edits them: pages of 4 KiB, Sv39 or Sv48. arch/riscv/include/asm/pgtable*.h. */
import { bit, bits, layout } from '../layout.ts';
import type { EntryWords, PageFormat, Rights } from '../page-format.ts';
import { PTE as PTE_LAYOUT } from './pte.layout.ts';
import { PTE, ppnOf, visit, walkForUser } from './user-walk.ts';

/** A swap entry: "Format of swap PTE". */
const SWAP_ENTRY = layout('swap_entry', 8, 'arch/riscv/include/asm/pgtable.h', {
  V: bit(0, 'Zero: for the hardware there is nothing, and a walk that comes here faults.'),
  leaf: bits(3, 1, 'Zero, as in a pointer.'),
  prot_none: bit(5, 'Zero: the page is not merely hidden.'),
  exclusive: bit(6, 'Only one mapping has the page; the model asks its counts instead.'),
  type: bits(11, 7, 'Which swap device; the two highest stand for a page that is just being migrated.'),
  offset: bits(63, 12, 'The place on the swap device. Place 0 is its header, so an entry is never all zero.'),
});

/** _PAGE_PROT_NONE: without V the hardware does not look at G, and the kernel calls the entry present. */
const PROT_NONE = PTE.G;
/** _PAGE_BASE */
const BASE = PTE.V | PTE.A | PTE.U;
const WRITTEN = PTE.W | PTE.D;

function entryFor(page: number, flags: number): EntryWords {
  return { lo: ((page % 2 ** 22) * 2 ** 10 + flags) >>> 0, hi: Math.floor(page / 2 ** 22) };
}

const flagged = ({ lo, hi }: EntryWords, set: number, cleared = 0): EntryWords => ({
  lo: ((lo & ~cleared) | set) >>> 0,
  hi,
});

function userLeaf(pfn: number, { read, write, exec }: Rights, writable: boolean): EntryWords {
  const granted = (read | write ? PTE.R : 0) | (exec ? PTE.X : 0);
  if (granted === 0) return entryFor(pfn, PROT_NONE | PTE.R);
  return entryFor(pfn, BASE | granted | (writable ? PTE.R | WRITTEN : 0));
}

/** As riscv_iommu_map_pages() makes it; without hardware that sets D, D is set from the start. */
function dmaLeaf(pfn: number, { write, exec }: Rights): EntryWords {
  return entryFor(pfn, BASE | PTE.R | (write ? WRITTEN : 0) | (exec ? PTE.X : 0));
}

/** Its manual counts levels down to 0 at the leaves. Half of the addresses are the kernel's, by their sign. */
function sv(name: 'sv39' | 'sv48', levels: number, inputBits: number): PageFormat {
  const isLeaf = (lo: number): boolean => (lo & (PTE.R | PTE.W | PTE.X)) !== 0;
  const isWritable = ({ lo }: EntryWords): boolean => (lo & (PTE.V | WRITTEN)) === (PTE.V | WRITTEN);
  return {
    name,
    levels,
    userPages: 2 ** (inputBits - 1 - 12),
    inputBits,
    leaf: PTE_LAYOUT,
    table: PTE_LAYOUT,
    swap: { layout: SWAP_ENTRY, typeShift: 7, typeBits: 5, offsetShift: 12 },
    permsOf: ({ lo }) => {
      const may = (right: number, letter: string): string =>
        (lo & (right | PTE.U)) === (right | PTE.U) ? letter : '-';
      return may(PTE.R, 'r') + may(PTE.W, 'w') + may(PTE.X, 'x');
    },
    unmarked: 'whose A or D bit is clear',
    flagsOf: ({ lo }) => [(lo & PTE.A) !== 0 ? 'A' : '', (lo & PTE.D) !== 0 ? 'D' : ''].filter(Boolean),

    tableEntry: (page) => entryFor(page, PTE.V),
    tableBelow: (lo, hi) => ((lo & PTE.V) !== 0 && !isLeaf(lo) ? ppnOf(lo, hi) : -1),
    userLeaf,
    dmaLeaf,

    isValid: ({ lo }) => (lo & PTE.V) !== 0,
    isPresent: ({ lo }) => (lo & (PTE.V | PROT_NONE)) !== 0,
    isWritable,
    isCleanWritable: ({ lo }) => (lo & (PTE.V | WRITTEN)) === (PTE.V | PTE.W),
    isYoung: ({ lo }) => (lo & PTE.A) !== 0,
    isDirty: ({ lo }) => (lo & (PTE.V | PTE.D)) === (PTE.V | PTE.D),
    pfnOf: ({ lo, hi }) => ppnOf(lo, hi),

    writeProtected: (words) => flagged(words, 0, PTE.W),
    madeWritable: (words) => flagged(words, WRITTEN | PTE.A),
    madeOld: (words, clean) => flagged(words, 0, clean ? PTE.A | PTE.D : PTE.A),
    madeUsed: (words, write) => flagged(words, write && (words.lo & PTE.W) !== 0 ? PTE.A | PTE.D : PTE.A),

    visit: (world, table, page, depth) => visit(world, table, page, levels - 1 - depth),
    walkForUser: (world, root, page, access) => walkForUser(world, root, page, access, levels),
  };
}

export const SV39 = sv('sv39', 3, 39);
export const SV48 = sv('sv48', 4, 48);
