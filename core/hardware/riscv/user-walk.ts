/**
 * The walk of a RISC-V hart for a user, Sv39 and Sv48 (RISC-V Privileged 12.3.2). Its harts have neither Svadu nor Svpbmt
 * nor Svnapot switched on: A and D are the kernel's to set, and an entry that wants more is reserved.
 */
import { memoryWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import {
  type Access,
  indexAbove,
  type Permissions,
  type UserWalk,
  type Visit,
  type WalkFault,
} from '../page-format.ts';

export const PTE = { V: 1 << 0, R: 1 << 1, W: 1 << 2, X: 1 << 3, U: 1 << 4, G: 1 << 5, A: 1 << 6, D: 1 << 7 } as const;
const LEAF = PTE.R | PTE.W | PTE.X;
/** Reserved in a pointer to the next table. */
const NOT_IN_POINTER = PTE.U | PTE.A | PTE.D;
/** Bits 63:54, in the high word: reserved, or of extensions that are off. */
const HIGH_RESERVED = 0xffc0_0000;
const BITS_PER_LEVEL = 9;

/** The physical page of an entry: bits 53:10. */
export function ppnOf(lo: number, hi: number): number {
  return (hi & 0x003f_ffff) * 2 ** 22 + (lo >>> 10);
}

/** Reads the entry of one level and says what it leads to; `above`: levels between it and the leaves of 4 KiB pages. */
export function visit(world: World, table: number, page: number, above: number): Visit {
  const index = indexAbove(page, above);
  const words = memoryWords(world, table);
  if (words === null) return { table, index, lo: 0, hi: 0, kind: 'abort', next: -1 };
  const lo = (words[index * 2] as number) >>> 0;
  const hi = (words[index * 2 + 1] as number) >>> 0;
  const kind = kindOf(lo, hi, above);
  if (kind === 'invalid') return { table, index, lo, hi, kind, next: -1 };
  const ppn = ppnOf(lo, hi);
  const span = kind === 'block' ? 2 ** (above * BITS_PER_LEVEL) : 1;
  return { table, index, lo, hi, kind, next: kind === 'block' ? ppn + (page % span) : ppn };
}

function kindOf(lo: number, hi: number, above: number): 'invalid' | 'table' | 'block' | 'page' {
  if ((lo & PTE.V) === 0 || (hi & HIGH_RESERVED) !== 0) return 'invalid';
  if ((lo & LEAF) === 0) return above > 0 && (lo & NOT_IN_POINTER) === 0 ? 'table' : 'invalid';
  if ((lo & (PTE.R | PTE.W)) === PTE.W) return 'invalid';
  if (above === 0) return 'page';
  return ppnOf(lo, hi) % 2 ** (above * BITS_PER_LEVEL) === 0 ? 'block' : 'invalid';
}

const NOTHING: Permissions = { read: false, write: false, execute: false };

/** What a leaf lets a user do now: a write only where D is set, too. */
function permissionsOf(lo: number): Permissions {
  const user = (lo & PTE.U) !== 0;
  return {
    read: user && (lo & PTE.R) !== 0,
    write: user && (lo & (PTE.W | PTE.D)) === (PTE.W | PTE.D),
    execute: user && (lo & PTE.X) !== 0,
  };
}

const NEEDED: Readonly<Record<Access, number>> = { read: PTE.R, write: PTE.W, execute: PTE.X };

/** Rights first, then A and, for a write, D: steps 5 to 9 of 12.3.2. */
function refusal(lo: number, access: Access): 'permission' | 'access' | null {
  if ((lo & NEEDED[access]) === 0 || (lo & PTE.U) === 0) return 'permission';
  const marks = access === 'write' ? PTE.A | PTE.D : PTE.A;
  return (lo & marks) === marks ? null : 'access';
}

/** The whole walk through `levels` tables. The input page is one of a user: its upper bits are zero. */
export function walkForUser(world: World, root: number, page: number, access: Access, levels: number): UserWalk {
  let table = root;
  let global = false;
  for (let depth = 0; ; depth++) {
    const seen = visit(world, table, page, levels - 1 - depth);
    global ||= (seen.lo & PTE.G) !== 0;
    if (seen.kind === 'table') {
      table = seen.next;
      continue;
    }
    if (seen.kind === 'page' || seen.kind === 'block') {
      const fault = refusal(seen.lo, access);
      return { fault, depth, visit: seen, page: seen.next, permissions: permissionsOf(seen.lo), global };
    }
    const fault: WalkFault = seen.kind === 'abort' ? 'abort' : 'translation';
    return { fault, depth, visit: seen, page: -1, permissions: NOTHING, global: false };
  }
}
