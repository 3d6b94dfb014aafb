/**
 * VMSAv8-64 stage 1 translation, 4 KiB granule, 48-bit input, four levels (Arm ARM D8; fault order SMMUv3 3.13, 7.3).
 * Written against the bits and not the layout table: the bulk path walks here.
 */
import { isMemory, readWord, writeWord } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';

/** The last level: its descriptors map 4 KiB pages. */
export const LEAF_LEVEL = 3;
const BITS_PER_LEVEL = 9;
const ENTRIES = 2 ** BITS_PER_LEVEL;

const VALID = 1 << 0;
const TABLE_OR_PAGE = 1 << 1;
const USER = 1 << 6;
const READ_ONLY = 1 << 7;
const ACCESSED = 1 << 10;
/** In the high word. */
const DIRTY_BIT_MODIFIER = 1 << 19;
const PRIVILEGED_EXECUTE_NEVER = 1 << 21;
const USER_EXECUTE_NEVER = 1 << 22;

/** What a table descriptor takes from all below it: bits 62:59 as a number. Tables on a path are combined by `|`. */
const LIMIT_PXN = 1;
const LIMIT_UXN = 2;
const LIMIT_NO_USER = 4;
const LIMIT_READ_ONLY = 8;

export type Access = 'read' | 'write' | 'execute';

/** What the one who asks may do and what its hardware does by itself. */
export interface WalkRules {
  readonly privileged: boolean;
  /** CD.HA: hardware sets the access flag. */
  readonly hardwareAccess: boolean;
  /** CD.HD: hardware makes writable-clean pages writable-dirty. */
  readonly hardwareDirty: boolean;
  /** CD.AFFD: a clear access flag does not fault. */
  readonly affd: boolean;
  /** Effective IPS: output addresses have this many bits, for instance 40. */
  readonly outputBits: number;
  /** CD.HAD: the limits in table descriptors do not count. */
  readonly had?: boolean;
}

/** One descriptor of a walk: where it stands and what it leads to. */
export interface Visit {
  /** Page of the table that holds it. */
  readonly table: number;
  readonly index: number;
  readonly lo: number;
  readonly hi: number;
  readonly kind: 'invalid' | 'table' | 'block' | 'page' | 'abort' | 'address-size';
  /** Page of the next table, or the output page of the 4 KiB page asked for; -1 where it leads nowhere. */
  readonly next: number;
}
type VisitDraft = { -readonly [K in keyof Visit]: Visit[K] };

export type WalkFault = 'translation' | 'address-size' | 'access' | 'permission' | 'abort';

export interface Permissions {
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}
const NO_PERMISSIONS: Permissions = { read: false, write: false, execute: false };

export interface WalkResult {
  readonly fault: WalkFault | null;
  /** The level where the walk ended. */
  readonly level: number;
  /** The last descriptor read, as it is in memory after the walk. */
  readonly visit: Visit;
  /** Output page of the 4 KiB page asked for; -1 on a fault before the leaf. */
  readonly page: number;
  /** What the leaf grants; nothing on a fault before the leaf. */
  readonly permissions: Permissions;
  /** What the table descriptors on the path took away. */
  readonly limits: number;
}

/** Which of a table's 512 descriptors a page (VA >> 12) goes through at a level. */
export function levelIndex(page: number, level: number): number {
  return Math.floor(page / 2 ** spanOf(level)) % ENTRIES;
}

/** How many 4 KiB pages a descriptor of this level stands for, as a power of two: 0 for a page, 9 for 2 MiB. */
export function spanOf(level: number): number {
  return (LEAF_LEVEL - level) * BITS_PER_LEVEL;
}

/** The page that a descriptor points at: bits 47:12. */
export function targetOf(lo: number, hi: number): number {
  return (hi & 0xffff) * 2 ** 20 + (lo >>> 12);
}

/** Reads the descriptor of one level and says what it leads to. */
export function visit(world: World, table: number, page: number, level: number, outputBits: number): Visit {
  const fresh = emptyVisit();
  visitInto(fresh, world, table, page, level, outputBits);
  return fresh;
}

function emptyVisit(): VisitDraft {
  return { table: -1, index: 0, lo: 0, hi: 0, kind: 'invalid', next: -1 };
}

function visitInto(into: VisitDraft, world: World, table: number, page: number, level: number, outputBits: number) {
  into.table = table;
  into.index = levelIndex(page, level);
  into.lo = 0;
  into.hi = 0;
  into.next = -1;
  into.kind = 'abort';
  if (!isMemory(world, table)) return;
  into.lo = readWord(world, table, into.index * 8);
  into.hi = readWord(world, table, into.index * 8 + 4);
  into.kind = kindOf(into.lo, level);
  if (into.kind === 'invalid') return;
  const target = targetOf(into.lo, into.hi);
  if (target >= 2 ** (outputBits - 12)) into.kind = 'address-size';
  else into.next = into.kind === 'block' ? withinBlock(target, page, level) : target;
}

/** Blocks exist at levels 1 and 2 only: without LPA2 there are none of 512 GiB. */
function kindOf(lo: number, level: number): 'invalid' | 'table' | 'block' | 'page' {
  if ((lo & VALID) === 0) return 'invalid';
  const isTableOrPage = (lo & TABLE_OR_PAGE) !== 0;
  if (level === LEAF_LEVEL) return isTableOrPage ? 'page' : 'invalid';
  if (isTableOrPage) return 'table';
  return level === 0 ? 'invalid' : 'block';
}

function withinBlock(target: number, page: number, level: number): number {
  const pages = 2 ** spanOf(level);
  return target - (target % pages) + (page % pages);
}

/** What a table descriptor takes from all below it (APTable, UXNTable, PXNTable); combine a path's by `|`. */
export function limitsOf(hi: number): number {
  return (hi >>> 27) & 0xf;
}

/** What a leaf grants to who asks, whether AF is set or not; with HA and HD, writable-clean pages count as writable. */
export function permissionsOf(lo: number, hi: number, rules: WalkRules, limits = 0): Permissions {
  const user = (lo & USER) !== 0 && (limits & LIMIT_NO_USER) === 0;
  const writable = ((lo & READ_ONLY) === 0 || becomesDirty(hi, rules)) && (limits & LIMIT_READ_ONLY) === 0;
  if (!rules.privileged) {
    const execute = (hi & USER_EXECUTE_NEVER) === 0 && (limits & LIMIT_UXN) === 0;
    return { read: user, write: user && writable, execute };
  }
  const mayExecute = (hi & PRIVILEGED_EXECUTE_NEVER) === 0 && (limits & LIMIT_PXN) === 0;
  return { read: true, write: writable, execute: mayExecute && !(user && writable) };
}

function becomesDirty(hi: number, rules: WalkRules): boolean {
  return (hi & DIRTY_BIT_MODIFIER) !== 0 && rules.hardwareAccess && rules.hardwareDirty;
}

/**
 * The rules of a leaf: access flag first, then permission. Where the rules let hardware do it, a granted access sets AF
 * and clears AP2 in memory, in one store.
 */
export function checkLeaf(
  world: World,
  visit: Visit,
  access: Access,
  rules: WalkRules,
  limits = 0,
): 'access' | 'permission' | null {
  const accessed = (visit.lo & ACCESSED) !== 0;
  if (!accessed && !rules.hardwareAccess && !rules.affd) return 'access';
  if (!permissionsOf(visit.lo, visit.hi, rules, limits)[access]) return 'permission';
  const lo = updated(visit, access, rules);
  if (lo !== visit.lo) writeWord(world, visit.table, visit.index * 8, lo);
  return null;
}

function updated(visit: Visit, access: Access, rules: WalkRules): number {
  const used = rules.hardwareAccess ? visit.lo | ACCESSED : visit.lo;
  return (access === 'write' && becomesDirty(visit.hi, rules) ? used & ~READ_ONLY : used) >>> 0;
}

/** The whole walk from the root table; may set AF and the dirty state in memory, as the rules say. */
export function walk(world: World, root: number, page: number, access: Access, rules: WalkRules): WalkResult {
  const seen = emptyVisit();
  let table = root;
  let limits = 0;
  for (let level = 0; ; level++) {
    visitInto(seen, world, table, page, level, rules.outputBits);
    if (seen.kind === 'table') {
      table = seen.next;
      if (rules.had !== true) limits |= limitsOf(seen.hi);
    } else if (seen.kind === 'page' || seen.kind === 'block') {
      return atLeaf(world, seen, level, access, rules, limits);
    } else {
      const fault = seen.kind === 'invalid' ? 'translation' : seen.kind;
      return { fault, level, visit: seen, page: -1, permissions: NO_PERMISSIONS, limits };
    }
  }
}

function atLeaf(world: World, seen: VisitDraft, level: number, access: Access, rules: WalkRules, limits: number) {
  const permissions = permissionsOf(seen.lo, seen.hi, rules, limits);
  const fault = checkLeaf(world, seen, access, rules, limits);
  seen.lo = readWord(world, seen.table, seen.index * 8);
  return { fault, level, visit: seen, page: seen.next, permissions, limits };
}
