/** Stage 1 of a transaction: the range that its address lies in, and its walk, level by level. SMMUv3 3.4, 3.13. */
import { readWord } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { checkLeaf, limitsOf, permissionsOf, visit, type WalkRules } from '../arm64/walk.ts';
import type { Access, Visit } from '../page-format.ts';
import { addressPage, type Message } from '../pcie/link.ts';
import { RIGHT } from '../tlb.ts';
import type { Fault } from './configuration.ts';
import { type CdField, cdField } from './context.ts';
import { EVENT } from './events.layout.ts';
import { outputBits } from './registers.ts';

/** Bits in an address that one table level resolves, with pages of 4 KB. */
const LEVEL_BITS = 9;
const PAGE_BITS = 12;

/** A transaction, and the lines of the configuration caches that its unit has pinned: -1 for none. */
export interface Held {
  readonly smmu: number;
  readonly message: number;
  readonly ste: number;
  readonly cd: number;
}

/** Just these four, of locals that have more. */
export function heldOf({ smmu, message, ste, cd }: Held): Held {
  return { smmu, message, ste, cd };
}

/** Which half of the address space an address lies in. */
interface Range {
  /** 0 for TTB0 (user), 1 for TTB1. */
  readonly half: 0 | 1;
  /** Page number within the half: what the walk indexes by. */
  readonly page: number;
  /** The level where the walk starts. */
  readonly level: number;
}

/** The half that an address lies in, null between them: F_TRANSLATION. SMMUv3 3.4.1. */
export function rangeOf(world: World, held: Held, message: Message): Range | null {
  const half = halfOf(message);
  const bits = 64 - control(world, held, half === 0 ? 'T0SZ' : 'T1SZ');
  const page = inputPage(world, held, message);
  const inside = 2 ** (bits - PAGE_BITS);
  if (Math.floor(page / inside) !== (half === 0 ? 0 : 2 ** (64 - bits) - 1)) return null;
  return { half, page: page % inside, level: 4 - Math.ceil((bits - PAGE_BITS) / LEVEL_BITS) };
}

/** Bit 55 chooses, so that a top byte that is ignored does not. */
function halfOf(message: Message): 0 | 1 {
  return (message.hi >>> 23) & 1 ? 1 : 0;
}

/** Page number of the address, its top byte extended from bit 55 where the CD says that it is ignored. */
export function inputPage(world: World, held: Held, message: Message): number {
  const half = halfOf(message);
  if (control(world, held, half === 0 ? 'TBI0' : 'TBI1') === 0) return addressPage(message);
  const hi = half === 0 ? message.hi & 0x00ff_ffff : (message.hi | 0xff00_0000) >>> 0;
  return addressPage({ hi, lo: message.lo });
}

/** Walks of this half are switched off: a miss there is F_TRANSLATION. */
export function isWalkDisabled(world: World, held: Held, { half }: Range): boolean {
  return control(world, held, half === 0 ? 'EPD0' : 'EPD1') === 1;
}

/** Page of the first table of the walk. */
export function rootOf(world: World, held: Held, { half }: Range): number {
  return Math.floor(control(world, held, half === 0 ? 'TTB0' : 'TTB1') / 2 ** (PAGE_BITS - 4));
}

function control(world: World, { smmu, cd }: Held, name: CdField): number {
  return cdField(world, smmu, cd, name);
}

/** What a transaction does at its address: writes are never instruction fetches. SMMUv3 3.9. */
export function accessOf(message: Message): Access {
  if (message.kind === 'write') return 'write';
  return message.kind === 'read' && message.exec === 1 ? 'execute' : 'read';
}

/** What the CD says about permission checks for this transaction. */
function rulesOf(world: World, held: Held, message: Message): WalkRules {
  const hardwareAccess = control(world, held, 'HA') === 1;
  return {
    privileged: message.priv === 1,
    hardwareAccess,
    hardwareDirty: hardwareAccess && control(world, held, 'HD') === 1,
    affd: control(world, held, 'AFFD') === 1,
    outputBits: outputBits(world, held.smmu, control(world, held, 'IPS')),
    had: control(world, held, halfOf(message) === 0 ? 'HAD0' : 'HAD1') === 1,
  };
}

/** Checks a leaf for a transaction, and updates its flags in memory where the rules say so. */
function checkAccess(
  world: World,
  held: Held,
  message: Message,
  leaf: Visit,
  limits: number,
): 'access' | 'permission' | null {
  const rules = rulesOf(world, held, message);
  if (message.kind !== 'translation-request') return checkLeaf(world, leaf, accessOf(message), rules, limits);
  // One that will not write dirties nothing. SMMUv3 3.13.7.
  const isWrite = message.noWrite === 0 && permissionsOf(leaf.lo, leaf.hi, rules, limits).write;
  // A Translation Request gets the rights that exist, even if they are none; only the access flag can refuse it.
  return checkLeaf(world, leaf, isWrite ? 'write' : 'read', rules, limits) === 'access' ? 'access' : null;
}

/** Rights that a leaf, as it is in memory now, grants: to write only what need not be marked dirty first. */
function rightsOfLeaf(world: World, held: Held, message: Message, leaf: Visit, limits: number): number {
  const rules = { ...rulesOf(world, held, message), hardwareDirty: false };
  const lo = readWord(world, leaf.table, leaf.index * 8);
  const { read, write, execute } = permissionsOf(lo, leaf.hi, rules, limits);
  return (read ? RIGHT.read : 0) | (write ? RIGHT.write : 0) | (execute ? RIGHT.execute : 0);
}

/** Where a level of the walk leads: to the next table, to a translation, or nowhere. */
export type WalkStep =
  | { readonly to: 'table'; readonly seen: Visit; readonly limits: number }
  | { readonly to: 'leaf'; readonly seen: Visit; readonly rights: number }
  | (Fault & { readonly seen: Visit });

const WALK_EVENTS = {
  invalid: EVENT.F_TRANSLATION,
  'address-size': EVENT.F_ADDR_SIZE,
  abort: EVENT.F_WALK_EABT,
} as const;

/** Reads one descriptor and, at a leaf, checks it; `limits` is what the tables above took away. */
export function walkLevel(
  world: World,
  held: Held,
  message: Message,
  here: { readonly table: number; readonly page: number; readonly level: number; readonly limits: number },
): WalkStep {
  const rules = rulesOf(world, held, message);
  const seen = visit(world, here.table, here.page, here.level, rules.outputBits);
  if (seen.kind === 'table') {
    return { to: 'table', seen, limits: rules.had === true ? 0 : here.limits | limitsOf(seen.hi) };
  }
  if (seen.kind !== 'page' && seen.kind !== 'block') {
    // FetchAddr is address >> 3: 512 descriptors a page.
    const fetch = seen.kind === 'abort' ? seen.table * 512 + seen.index : 0;
    return { to: 'fault', event: WALK_EVENTS[seen.kind], fetch, seen };
  }
  const refused = checkAccess(world, held, message, seen, here.limits);
  if (refused === null) return { to: 'leaf', seen, rights: rightsOfLeaf(world, held, message, seen, here.limits) };
  return { to: 'fault', event: refused === 'access' ? EVENT.F_ACCESS : EVENT.F_PERMISSION, fetch: 0, seen };
}
