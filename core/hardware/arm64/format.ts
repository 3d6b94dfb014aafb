/** arm64 page tables as Linux edits them: pages of 4 KiB, four levels, 48-bit addresses. arch/arm64/include/asm/pgtable*.h. */

import type { World } from '../../world/world.ts';
import { bits, encode, layout } from '../layout.ts';
import type { Access, EntryWords, PageFormat, Rights, UserWalk } from '../page-format.ts';
import { PTE_LEAF, PTE_TABLE } from './descriptor.layout.ts';
import { LEAF_LEVEL, targetOf, visit, type WalkRules, walk } from './walk.ts';

/** A swap entry of v4.14: "Encode and decode a swap entry". */
const SWAP_ENTRY = layout('swap_entry', 8, 'arch/arm64/include/asm/pgtable.h', {
  valid: bits(1, 0, 'Zero: for the hardware there is nothing, and a walk that comes here faults.'),
  type: bits(7, 2, 'Which swap device; the two highest stand for a page that is just being migrated.'),
  offset: bits(57, 8, 'The place on the swap device. Place 0 is its header, so an entry is never all zero.'),
});

const VALID = 1 << 0;
const TABLE = 0b11;
const USER = 1 << 6;
const READ_ONLY = 1 << 7;
const ACCESSED = 1 << 10;
const NOT_GLOBAL = 1 << 11;
/** In the high word. DBM: it may be written, whether it was or not (PTE_WRITE of arm64). */
const DBM = 1 << 19;
const UXN = 1 << 22;
/** PTE_PROT_NONE: a software bit of a descriptor that the kernel calls present and the hardware invalid. */
const PROT_NONE = 1 << 26;

/** A page of a user: inner shareable, accessed, tagged with the ASID, never executed by the kernel. */
const [USER_LO = 0, USER_HI = 0] = encode(PTE_LEAF, { valid: 1, type: 1, AP1: 1, SH: 3, AF: 1, nG: 1, PXN: 1, UXN: 1 });
const [TABLE_LO = 0] = encode(PTE_TABLE, { valid: 1, type: 1 });

/** EL0 without hardware management of access flag and dirty state (TCR_EL1.HA = HD = 0), 48-bit output. */
const EL0: WalkRules = {
  privileged: false,
  hardwareAccess: false,
  hardwareDirty: false,
  affd: false,
  outputBits: 48,
};

const isValid = ({ lo }: EntryWords): boolean => (lo & VALID) !== 0;
const isWritable = ({ lo }: EntryWords): boolean => (lo & VALID) !== 0 && (lo & READ_ONLY) === 0;
const isCleanWritable = ({ lo, hi }: EntryWords): boolean =>
  (lo & VALID) !== 0 && (lo & READ_ONLY) !== 0 && (hi & DBM) !== 0;

/** OA or NextTable of a page, split over both words. */
const lowOf = (page: number): number => page << 12;
const highOf = (page: number): number => Math.floor(page / 2 ** 20) & 0xffff;

function userLeaf(pfn: number, rights: Rights, writable: boolean): EntryWords {
  const lo = (USER_LO | lowOf(pfn) | (writable ? 0 : READ_ONLY)) >>> 0;
  const exec = rights.exec === 1 ? USER_HI & ~UXN : USER_HI;
  const hi = exec | (writable ? DBM : 0) | highOf(pfn);
  if (rights.read === 1 || rights.write === 1) return { lo, hi };
  if (rights.exec === 1) return { lo: (lo & ~USER) >>> 0, hi };
  return { lo: (lo & ~VALID) >>> 0, hi: hi | PROT_NONE };
}

/** As arm_lpae_prot_to_pte() makes it: for unprivileged access, tagged with the ASID, accessed. */
function dmaLeaf(pfn: number, { write, exec }: Rights): EntryWords {
  const never = 1 - exec;
  const kind = { valid: 1, type: 1, AP1: 1, AP2: 1 - write, SH: 3, AF: 1, nG: 1, PXN: never, UXN: never };
  const [lo = 0, hi = 0] = encode(PTE_LEAF, kind);
  return { lo: (lo | lowOf(pfn)) >>> 0, hi: (hi | highOf(pfn)) >>> 0 };
}

function walkForUser(world: World, root: number, page: number, access: Access): UserWalk {
  const { level, limits: _limits, ...found } = walk(world, root, page, access, EL0);
  return { ...found, depth: level, global: (found.visit.lo & NOT_GLOBAL) === 0 };
}

/** Its manual counts levels from the root, as depths are counted here. */
export const ARM64: PageFormat = {
  name: 'arm64',
  levels: LEAF_LEVEL + 1,
  userPages: 2 ** 36,
  inputBits: 48,
  leaf: PTE_LEAF,
  table: PTE_TABLE,
  swap: { layout: SWAP_ENTRY, typeShift: 2, typeBits: 6, offsetShift: 8 },
  permsOf: ({ lo, hi }) => {
    const user = (lo & USER) !== 0;
    return `${user ? 'r' : '-'}${user && (lo & READ_ONLY) === 0 ? 'w' : '-'}${(hi & UXN) === 0 ? 'x' : '-'}`;
  },
  unmarked: 'access fault',
  flagsOf: (words) =>
    [
      (words.lo & ACCESSED) !== 0 ? 'AF' : '',
      (words.lo & NOT_GLOBAL) !== 0 ? 'nG' : '',
      isCleanWritable(words) ? 'clean' : '',
    ].filter(Boolean),

  tableEntry: (page) => ({ lo: (TABLE_LO | lowOf(page)) >>> 0, hi: highOf(page) }),
  tableBelow: (lo, hi) => ((lo & TABLE) === TABLE ? targetOf(lo, hi) : -1),
  userLeaf,
  dmaLeaf,

  isValid,
  isPresent: ({ lo, hi }) => (lo & VALID) !== 0 || (hi & PROT_NONE) !== 0,
  isWritable,
  isCleanWritable,
  isYoung: ({ lo }) => (lo & ACCESSED) !== 0,
  // Written: writable, and not read-only any more. Kernel: pte_hw_dirty.
  isDirty: (words) => isWritable(words) && (words.hi & DBM) !== 0,
  pfnOf: ({ lo, hi }) => targetOf(lo, hi),

  writeProtected: ({ lo, hi }) => ({ lo: (lo | READ_ONLY) >>> 0, hi: hi & ~DBM }),
  madeWritable: ({ lo, hi }) => ({ lo: ((lo | ACCESSED) & ~READ_ONLY) >>> 0, hi: hi | DBM }),
  madeOld: ({ lo, hi }, clean) => {
    const unwritten = clean && (hi & DBM) !== 0 ? lo | READ_ONLY : lo;
    return { lo: (unwritten & ~ACCESSED) >>> 0, hi };
  },
  madeUsed: ({ lo, hi }, write) => {
    const written = write && (hi & DBM) !== 0 ? lo & ~READ_ONLY : lo;
    return { lo: (written | ACCESSED) >>> 0, hi };
  },

  visit: (world, table, page, depth) => visit(world, table, page, depth, 48),
  walkForUser,
};
