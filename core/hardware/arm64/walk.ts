/**
 * VMSAv8-64 stage 1 translation, 4 KiB granule, 48-bit input, four levels (Arm ARM D8; fault order SMMUv3 3.13, 7.3).
 * Written against the bits and not the layout table: the bulk path walks here.
 */
import { memoryWords, readWord, writeWord } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import type { Access, Permissions, Visit, WalkFault } from '../page-format.ts';

/** The last level: its descriptors map 4 KiB pages. */
export const LEAF_LEVEL = 3;
const BITS_PER_LEVEL = 9;
const INDEX_MASK = 2 ** BITS_PER_LEVEL - 1;
/** Pages below one descriptor of level 0: the only index that a shift of 32 bits does not reach. */
const ROOT_SPAN = 2 ** (LEAF_LEVEL * BITS_PER_LEVEL);
/** First page beyond an output of so many bits, looked up: raising two to a power costs as much as a level of a walk. */
const PAGES_OF_BITS = Array.from({ length: 53 }, (_, bits) => 2 ** (bits - 12));

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

type VisitDraft = { -readonly [K in keyof Visit]: Visit[K] };

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
  return (level === 0 ? Math.floor(page / ROOT_SPAN) : page >>> spanOf(level)) & INDEX_MASK;
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
  const words = memoryWords(world, table);
  if (words === null) return;
  into.lo = (words[into.index * 2] as number) >>> 0;
  into.hi = (words[into.index * 2 + 1] as number) >>> 0;
  into.kind = kindOf(into.lo, level);
  if (into.kind === 'invalid') return;
  const target = targetOf(into.lo, into.hi);
  if (target >= (PAGES_OF_BITS[outputBits] as number)) into.kind = 'address-size';
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
  const mask = (1 << spanOf(level)) - 1;
  return target - (target & mask) + (page & mask);
}

/** What a table descriptor takes from all below it (APTable, UXNTable, PXNTable); combine a path's by `|`. */
export function limitsOf(hi: number): number {
  return (hi >>> 27) & 0xf;
}

/** What a leaf grants to who asks, whether AF is set or not; with HA and HD, writable-clean pages count as writable. */
export function permissionsOf(lo: number, hi: number, rules: WalkRules, limits = 0): Permissions {
  return {
    read: grants(lo, hi, 'read', rules, limits),
    write: grants(lo, hi, 'write', rules, limits),
    execute: grants(lo, hi, 'execute', rules, limits),
  };
}

function grants(lo: number, hi: number, access: Access, rules: WalkRules, limits: number): boolean {
  const user = (lo & USER) !== 0 && (limits & LIMIT_NO_USER) === 0;
  if (access === 'read') return rules.privileged || user;
  const writable = ((lo & READ_ONLY) === 0 || becomesDirty(hi, rules)) && (limits & LIMIT_READ_ONLY) === 0;
  if (access === 'write') return writable && (rules.privileged || user);
  if (!rules.privileged) return (hi & USER_EXECUTE_NEVER) === 0 && (limits & LIMIT_UXN) === 0;
  return (hi & PRIVILEGED_EXECUTE_NEVER) === 0 && (limits & LIMIT_PXN) === 0 && !(user && writable);
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
  const { lo, hi, table, index } = visit;
  if (!mayUse(lo, rules)) return 'access';
  if (!grants(lo, hi, access, rules, limits)) return 'permission';
  const used = updated(lo, hi, access, rules);
  if (used !== lo) writeWord(world, table, index * 8, used);
  return null;
}

/** The access flag is set, or need not be. */
function mayUse(lo: number, rules: WalkRules): boolean {
  return (lo & ACCESSED) !== 0 || rules.hardwareAccess || rules.affd;
}

function updated(lo: number, hi: number, access: Access, rules: WalkRules): number {
  const used = rules.hardwareAccess ? lo | ACCESSED : lo;
  return (access === 'write' && becomesDirty(hi, rules) ? used & ~READ_ONLY : used) >>> 0;
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

/**
 * The output page of a walk, -1 where `walk` says why there is none: for a device that streams, it allocates nothing.
 * Like `walk` it writes AF and the dirty state, as the rules say, and nothing else.
 */
export function translate(world: World, root: number, page: number, access: Access, rules: WalkRules): number {
  const end = PAGES_OF_BITS[rules.outputBits] as number;
  let table = root;
  let limits = 0;
  for (let level = 0; ; level++) {
    const words = memoryWords(world, table);
    if (words === null) return -1;
    const index = levelIndex(page, level);
    const lo = words[index * 2] as number;
    const hi = words[index * 2 + 1] as number;
    const kind = kindOf(lo, level);
    if (kind === 'invalid') return -1;
    const target = targetOf(lo, hi);
    if (target >= end) return -1;
    if (kind !== 'table') {
      if (!mayUse(lo, rules) || !grants(lo, hi, access, rules, limits)) return -1;
      const used = updated(lo, hi, access, rules);
      if (used !== lo >>> 0) writeWord(world, table, index * 8, used);
      return kind === 'block' ? withinBlock(target, page, level) : target;
    }
    if (rules.had !== true) limits |= limitsOf(hi);
    table = target;
  }
}
