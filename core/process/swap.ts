/** The swap device and the swap cache: pages of memory that also lie, or lie only, on a disk. Kernel: mm/swapfile.c. */
import { writesAs } from '../sim/telling.ts';
import { clearPage, copyPage } from '../world/memory.ts';
import { SRAM_FIRST } from '../world/page-frame.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { frameAt, frames, getFrame, putFrame } from './frame.ts';
import { mms } from './mm.ts';
import { isNone, isPresent, readPte } from './page-table.ts';
import { pinsOn } from './pins.ts';
import { isMigration, slotOf } from './swap-entry.ts';

/** A page-sized place on the swap device that is in use. Its id is its place. */
export interface SwapSlot extends Row {
  /** Descriptors that name it. */
  readonly count: number;
  /** The page of memory that it is cached in, which this has a reference to; -1 for none. */
  readonly pfn: number;
  /** 1: what lies on the device is what the cached page holds. */
  readonly clean: number;
}

export const swapSlots = table<SwapSlot>('slot', { count: 'int', pfn: 'int', clean: 'int' }, (id, r) => ({
  ...{ id, h0: 0, h1: 0, count: r.count, pfn: r.pfn, clean: r.clean },
}));

writesAs('slot', (_world, slot) => `slot ${slot + 1}`);
writesAs('entry', (_world, slot) => `slot ${slot + 1}`);

/** Pages that the swap device holds. */
export const SWAP_PAGES = 64;

/** Where the content of the device stands in the model: no bus address reaches it. */
const SWAP_FIRST = SRAM_FIRST + 2 ** 40;

/** The page of the disk behind a slot. */
export function diskPage(slot: number): number {
  return SWAP_FIRST + slot;
}

export function hasFreeSlot(world: World): boolean {
  return swapSlots.all(world).length < SWAP_PAGES;
}

/** The slot whose cached page this is, undefined for a page that is in none. */
export function slotCaching(world: World, pfn: number): SwapSlot | undefined {
  return swapSlots.first(world, (slot) => slot.pfn === pfn);
}

/** The slot that the descriptor of a page names now, -1 if it names none. */
export function slotAt(world: World, mm: number, page: number): number {
  const pte = readPte(world, mms.get(world, mm).pgd, page);
  return isNone(pte) || isPresent(pte) || isMigration(pte) ? -1 : slotOf(pte);
}

/** Gives a page a place on the device and keeps a reference to it; nothing is written yet. Kernel: add_to_swap. */
export function addToSwap(world: World, pfn: number): SwapSlot {
  getFrame(world, pfn);
  return swapSlots.insert(world, { count: 0, pfn, clean: 0 });
}

/** One more descriptor names the slot. Kernel: swap_duplicate. */
export function duplicateEntry(world: World, slot: number): void {
  swapSlots.edit(world, slot, (row) => {
    row.count += 1;
  });
}

/** One descriptor less names the slot; what nobody can come back to is forgotten. Kernel: free_swap_and_cache. */
export function freeEntry(world: World, slot: number): void {
  swapSlots.edit(world, slot, (row) => {
    row.count -= 1;
  });
  forgetUnused(world, swapSlots.get(world, slot));
}

/** The page has no place on the device any more: what is written to it from now on concerns nobody else. */
export function deleteFromSwapCache(world: World, { id, pfn }: SwapSlot): void {
  swapSlots.remove(world, id);
  clearPage(world, diskPage(id));
  putFrame(world, pfn);
}

/** The cached page goes; descriptors still name the slot, unless the last of them went meanwhile. */
export function leaveMemory(world: World, slot: SwapSlot): void {
  if (slot.count === 0) {
    deleteFromSwapCache(world, slot);
    return;
  }
  swapSlots.edit(world, slot.id, (row) => {
    row.pfn = -1;
  });
  putFrame(world, slot.pfn);
}

/** The cached page is in another frame now, to which the reference goes; the old frame is the caller's to drop. */
export function moveSlot(world: World, { id, pfn }: SwapSlot, target: number): void {
  getFrame(world, target);
  putFrame(world, pfn);
  swapSlots.edit(world, id, (row) => {
    row.pfn = target;
  });
}

/** Writes the cached page out, as it is now. Kernel: swap_writepage. */
export function writeOut(world: World, { id, pfn }: SwapSlot): void {
  copyPage(world, pfn, diskPage(id));
  swapSlots.edit(world, id, (row) => {
    row.clean = 1;
  });
}

/** Reads a slot into a page, whose reference becomes that of the swap cache. Kernel: read_swap_cache_async. */
export function readIn(world: World, slot: number, pfn: number): void {
  copyPage(world, diskPage(slot), pfn);
  swapSlots.edit(world, slot, (row) => {
    row.pfn = pfn;
    row.clean = 1;
  });
}

/** Drops a reference to a page of a process; a page that only the swap cache has, and no descriptor names, goes too. */
export function putPage(world: World, pfn: number): void {
  putFrame(world, pfn);
  const slot = slotCaching(world, pfn);
  if (slot !== undefined) forgetUnused(world, slot);
}

function forgetUnused(world: World, slot: SwapSlot): void {
  if (slot.count > 0) return;
  if (slot.pfn >= 0) {
    if (frameAt(world, slot.pfn).refs === 1) deleteFromSwapCache(world, slot);
    return;
  }
  swapSlots.remove(world, slot.id);
  clearPage(world, diskPage(slot.id));
}

/**
 * One mapping is all there is of an anonymous page: no other mm, no swap entry, and nobody who works on it. Pins do
 * not count: they are of the one who has it mapped. Kernel: reuse_swap_page.
 */
export function isExclusive(world: World, pfn: number): boolean {
  const { use, refs } = frameAt(world, pfn);
  const slot = slotCaching(world, pfn);
  if (use !== 'anon' || (slot !== undefined && slot.count > 0)) return false;
  return refs - pinsOn(world, pfn) - (slot === undefined ? 0 : 1) === 1;
}

/** A page that came from a parent by fork now belongs to the one who is left. Kernel: page_move_anon_rmap. */
export function adopt(world: World, pfn: number, mm: number): void {
  const { id, use, owner } = frameAt(world, pfn);
  if (use !== 'anon' || owner === mm) return;
  frames.edit(world, id, (row) => {
    row.owner = mm;
  });
}
