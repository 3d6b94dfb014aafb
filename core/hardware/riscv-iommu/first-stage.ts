/** First stage of a transaction: which page table it uses, what it wants, and its walk. RISC-V IOMMU 2.3, steps 7 to 17. */
import type { World } from '../../world/world.ts';
import { addressPage, links, type Message } from '../pcie/link.ts';
import {
  checkLeaf,
  grants,
  isCanonical,
  isGlobal,
  LEVELS,
  memoryTypeOf,
  type SvRules,
  type SvVisit,
  usedWord,
  visit,
  WANT,
} from '../riscv/walk.ts';
import { RIGHT } from '../tlb.ts';
import { dcField, dcSays } from './device-context.ts';
import { IOSATP_MODE, PDTP_MODE } from './device-directory.layout.ts';
import { deviceIdOf } from './device-directory.ts';
import { type ProcessTag, pcField } from './process-directory.ts';
import { CAUSE } from './queues.layout.ts';
import { capability, isCapable } from './registers.ts';

/** A transaction, and the lines of the directory caches that its unit has pinned: -1 for none. */
export interface Held {
  readonly iommu: number;
  readonly message: number;
  readonly dc: number;
  readonly pc: number;
}

/** Just these four, of locals that have more. */
export function heldOf({ iommu, message, dc, pc }: Held): Held {
  return { iommu, message, dc, pc };
}

/** What is granted beside RIGHT: bits of `rights` that only answers to translation requests carry. */
export const GLOBAL_RIGHT = 32;
const MEMORY_TYPE_SHIFT = 6;

/** Memory type (PBMT) in rights. */
export function memoryTypeIn(rights: number): number {
  return rights >>> MEMORY_TYPE_SHIFT;
}

/** Everything, for every process: what a stage that is Bare grants. */
export const BARE_RIGHTS = RIGHT.read | RIGHT.write | RIGHT.execute | GLOBAL_RIGHT;

/** How a device context lets a transaction go on: as it is, by the page table that it names, or by a process context. */
export type Stage =
  | { readonly to: 'memory' }
  | { readonly to: 'bare' }
  | { readonly to: 'table' }
  | { readonly to: 'process'; readonly tag: ProcessTag };

/** RISC-V IOMMU 2.3, steps 8 to 13. */
export function stageOf(world: World, { iommu, dc }: Pick<Held, 'iommu' | 'dc'>, message: Message): Stage {
  if (message.at === 'translated' && !dcSays(world, iommu, dc, 'tc.T2GPA')) return { to: 'memory' };
  if (message.at === 'translated') return { to: 'bare' };
  if (!dcSays(world, iommu, dc, 'tc.PDTV')) return { to: 'table' };
  const hasProcess = message.pasid >= 0 || dcSays(world, iommu, dc, 'tc.DPE');
  if (!hasProcess || dcField(world, iommu, dc, 'fsc.MODE') === PDTP_MODE.Bare) return { to: 'bare' };
  return { to: 'process', tag: tagOf(world, message) };
}

/** Traffic without a process_id that has a process context uses that of process 0 (DC.tc.DPE). */
export function tagOf(world: World, message: Message): ProcessTag {
  return { device: deviceIdOf(links.get(world, message.link).sid), process: Math.max(0, message.pasid) };
}

/** The process context does not allow what the request says of itself: ENS. RISC-V IOMMU 2.3, step 15. */
export function isTooPrivileged(world: World, iommu: number, pc: number, message: Message): boolean {
  return isSupervisor(message) && pcField(world, iommu, pc, 'ta.ENS') === 0;
}

/** Privilege exists under a process_id only. */
function isSupervisor(message: Message): boolean {
  return message.pasid >= 0 && message.priv === 1;
}

/** iosatp: the page table that the contexts name. */
export function tableOf(world: World, { iommu, dc, pc }: Held): { readonly mode: number; readonly root: number } {
  if (pc < 0) return { mode: dcField(world, iommu, dc, 'fsc.MODE'), root: dcField(world, iommu, dc, 'fsc.PPN') };
  return { mode: pcField(world, iommu, pc, 'fsc.MODE'), root: pcField(world, iommu, pc, 'fsc.PPN') };
}

/** Tag of the address space in the IOTLB. */
export function pscidOf(world: World, { iommu, dc, pc }: Held): number {
  return pc < 0 ? dcField(world, iommu, dc, 'ta.PSCID') : pcField(world, iommu, pc, 'ta.PSCID');
}

const LEVELS_OF_MODE: Readonly<Record<number, number>> = {
  [IOSATP_MODE.Sv39]: LEVELS.Sv39,
  [IOSATP_MODE.Sv48]: LEVELS.Sv48,
  [IOSATP_MODE.Sv57]: LEVELS.Sv57,
};

/** What the tables are and may do for this transaction; `levels` is 0 where the first stage is Bare. */
export function rulesOf(world: World, held: Held): SvRules {
  const { iommu, dc } = held;
  return {
    levels: LEVELS_OF_MODE[tableOf(world, held).mode] ?? 0,
    svpbmt: isCapable(world, iommu, 'Svpbmt'),
    rsw60: isCapable(world, iommu, 'Svrsw60t59b'),
    updates: dcSays(world, iommu, dc, 'tc.SADE'),
    physicalBits: capability(world, iommu, 'PAS'),
  };
}

/**
 * What a transaction wants, of WANT. A read that only executes reads nothing; a translation request with a process_id
 * that asks to execute asks to read too. RISC-V IOMMU 2.3, 2.6.
 */
export function wantOf(world: World, { iommu, pc }: Held, message: Message): number {
  const isAsking = message.kind === 'translation-request';
  const isWrite = message.kind === 'write' || (isAsking && message.noWrite === 0);
  const isUntranslated = !isAsking && message.at === 'untranslated';
  const isExecute = message.kind !== 'write' && message.exec === 1 && (isUntranslated || message.pasid >= 0);
  const isRead = message.kind !== 'write' && !(message.exec === 1 && isUntranslated);
  const sum = pc >= 0 && pcField(world, iommu, pc, 'ta.SUM') === 1;
  return (
    (isRead ? WANT.read : 0) |
    (isWrite ? WANT.write : 0) |
    (isExecute ? WANT.execute : 0) |
    (isSupervisor(message) ? WANT.supervisor : 0) |
    (sum ? WANT.sum : 0) |
    (isAsking ? WANT.grants : 0)
  );
}

/** Cause of a fault of the page itself, or of an access to its table: execute before read before write. */
export function faultCause(want: number, kind: 'page' | 'access'): number {
  if ((want & WANT.execute) !== 0) return kind === 'page' ? CAUSE.INSTRUCTION_PAGE : CAUSE.INSTRUCTION_ACCESS;
  if ((want & WANT.read) !== 0) return kind === 'page' ? CAUSE.READ_PAGE : CAUSE.READ_ACCESS;
  return kind === 'page' ? CAUSE.WRITE_PAGE : CAUSE.WRITE_ACCESS;
}

/** An address that the format of the tables cannot have. */
export function isOutOfRange(message: Message, rules: SvRules): boolean {
  return !isCanonical(addressPage(message), rules.levels);
}

/** Where a level of the walk leads: to the next table, to a translation, or nowhere. */
export type WalkStep =
  | { readonly to: 'table'; readonly seen: SvVisit; readonly global: number }
  | { readonly to: 'leaf'; readonly seen: SvVisit; readonly rights: number; readonly word: number }
  | { readonly to: 'fault'; readonly seen: SvVisit; readonly cause: number };

/** Reads one entry and, at a leaf, checks it; `global` says whether an entry above it was global. */
export function walkLevel(
  world: World,
  held: Held,
  message: Message,
  here: { readonly table: number; readonly level: number; readonly global: number },
): WalkStep {
  const rules = rulesOf(world, held);
  const want = wantOf(world, held, message);
  const seen = visit(world, here.table, addressPage(message), here.level, rules);
  if (seen.kind === 'abort') return { to: 'fault', seen, cause: faultCause(want, 'access') };
  if (seen.kind === 'poisoned') return { to: 'fault', seen, cause: CAUSE.PT_CORRUPT };
  if (seen.kind === 'invalid') return { to: 'fault', seen, cause: faultCause(want, 'page') };
  const global = here.global === 1 || isGlobal(seen.lo) ? 1 : 0;
  if (seen.kind === 'table') return { to: 'table', seen, global };
  const refused = checkLeaf(world, seen, want, rules);
  if (refused !== null) return { to: 'fault', seen, cause: faultCause(want, refused) };
  const word = usedWord(seen.lo, want);
  return { to: 'leaf', seen, word, rights: rightsOf(word, seen.hi, global === 1) };
}

const PTE_RIGHTS = { read: 1 << 1, write: 1 << 2, execute: 1 << 3, dirty: 1 << 7 };

/**
 * What a leaf, as it is in memory now, grants: to write only what is marked dirty, to execute only what may be read
 * too. RISC-V IOMMU 2.6.
 */
export function rightsOf(lo: number, hi: number, isGlobal: boolean): number {
  const has = (bit: number): boolean => (lo & bit) !== 0;
  return (
    (has(PTE_RIGHTS.read) ? RIGHT.read : 0) |
    (has(PTE_RIGHTS.write) && has(PTE_RIGHTS.dirty) ? RIGHT.write : 0) |
    (has(PTE_RIGHTS.execute) && has(PTE_RIGHTS.read) ? RIGHT.execute : 0) |
    (isGlobal ? GLOBAL_RIGHT : 0) |
    (memoryTypeOf(hi) << MEMORY_TYPE_SHIFT)
  );
}

/** Whether a leaf that was kept serves a transaction as it is: it grants it, and A and D need no update. */
export function serves(lo: number, want: number): boolean {
  return grants(lo, want) && usedWord(lo, want) === lo >>> 0;
}
