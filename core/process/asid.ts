/** ASIDs of the CPUs: which tag the entries of an mm in TLBs, and what happens when they run out. arch/arm64/mm/context.c. */
import { flushTlbAll } from '../hardware/cpu-mmu.ts';
import { assert } from '../lib/assert.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { type Mm, mms } from './mm.ts';

/** One row: the allocator. A generation hands each ASID out once; which generation it is nobody needs to know. */
export interface AsidAllocator extends Row {
  /** ASIDs have so many bits: 8 or 16 in silicon; fewer make a rollover fit on a screen. */
  readonly bits: number;
  /** Where the search for a free one goes on. */
  readonly next: number;
}

export const asidAllocators = table<AsidAllocator>('asid-allocator', { bits: 'int', next: 'int' }, (id, r) => ({
  ...{ id, h0: 0, h1: 0, bits: r.bits, next: r.next },
}));

/** All threads take turns on one CPU. */
const CPUS = 1;
/** ASID 0 is no mm's; Linux keeps one more free for a rollover to find. */
const KEPT_FREE = 2;

/** Before anything runs; programs outside the model have had the ASIDs below `next`. */
export function initAsids(world: World, bits: number, next: number): void {
  asidAllocators.insert(world, { bits, next });
}

/** How many mms can be pinned, so that a rollover always finds a free ASID for each CPU. Kernel: max_pinned_asids. */
export function mostPinned(world: World): number {
  return Math.max(0, 2 ** asidAllocators.get(world, 0).bits - CPUS - KEPT_FREE);
}

/** Its ASID is of the current generation, so that it can run. */
export function hasCurrentAsid(world: World, mm: number): boolean {
  return mms.get(world, mm).current === 1;
}

/** Gives an mm that is about to run an ASID of the current generation; returns it. Kernel: check_and_switch_context. */
export function switchTo(world: World, mm: number): number {
  const row = mms.get(world, mm);
  if (row.current === 1) return row.asid;
  const asid = newAsid(world, row);
  mms.edit(world, mm, (draft) => {
    draft.asid = asid;
    draft.current = 1;
  });
  return asid;
}

/** A pinned ASID survives every rollover, another one if nobody was faster. Kernel: new_context. */
function newAsid(world: World, { id, asid, pinned }: Mm): number {
  if (asid > 0 && (pinned > 0 || !isTaken(world, asid, id))) return asid;
  const { next } = asidAllocators.get(world, 0);
  const found = firstFree(world, next) ?? rollOver(world);
  asidAllocators.edit(world, 0, (row) => {
    row.next = found + 1;
  });
  return found;
}

function firstFree(world: World, from: number): number | undefined {
  const end = 2 ** asidAllocators.get(world, 0).bits;
  for (let asid = Math.max(from, 1); asid < end; asid++) if (!isTaken(world, asid, -1)) return asid;
  return undefined;
}

function isTaken(world: World, asid: number, except: number): boolean {
  const holds = (mm: Mm): boolean => mm.asid === asid && (mm.current === 1 || mm.pinned > 0);
  return mms.first(world, (mm) => mm.id !== except && holds(mm)) !== undefined;
}

/** A new generation: every mm needs an ASID anew, and the TLB of the CPU forgets all. Kernel: flush_context. */
function rollOver(world: World): number {
  for (const { id } of mms.all(world)) {
    mms.edit(world, id, (row) => {
      row.current = 0;
    });
  }
  flushTlbAll(world);
  const found = firstFree(world, 1);
  assert(found !== undefined, 'so few ASIDs are pinned that a rollover finds a free one');
  return found;
}

/** Keeps the ASID of an mm through rollovers; returns it, 0 if too many are pinned. Kernel: arm64_mm_context_get. */
export function pinAsid(world: World, mm: number): number {
  if (mms.get(world, mm).pinned === 0 && countPinned(world) >= mostPinned(world)) return 0;
  const asid = switchTo(world, mm);
  mms.edit(world, mm, (row) => {
    row.pinned += 1;
  });
  return asid;
}

/** Ends one hold on the ASID. Kernel: arm64_mm_context_put. */
export function unpinAsid(world: World, mm: number): void {
  mms.edit(world, mm, (row) => {
    assert(row.pinned > 0, 'an ASID is let go by one who pinned it');
    row.pinned -= 1;
  });
}

function countPinned(world: World): number {
  return mms.all(world).filter(({ pinned }) => pinned > 0).length;
}
