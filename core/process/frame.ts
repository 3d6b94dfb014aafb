import { assert } from '../lib/assert.ts';
import { hex } from '../lib/format.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { writesAs } from '../sim/telling.ts';
import { clearPage } from '../world/memory.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

/** A page of memory that somebody uses: the kernel's struct page. Frame n is page n of memory. */
export interface Frame extends Row {
  /** Page number of the memory. */
  readonly pfn: number;
  /** Mappings, the page cache, and whoever works on it. */
  readonly refs: number;
  readonly use: 'anon' | 'file' | 'table' | 'dma' | 'private' | 'kernel';
  /**
   * The mm of anonymous memory and of page tables (-1 for those of DMA addresses), the file of cached pages, the domain
   * of memory that devices got by iommu_map, the space of what was mapped for a private PASID; -1 for the kernel.
   */
  readonly owner: number;
  /** 1: somebody moves its content, and others wait. Kernel: PG_locked. */
  readonly locked: number;
}

export const frames = table<Frame>(
  'frame',
  { pfn: 'int', refs: 'int', use: 'text', owner: 'int', locked: 'int' },
  (id, r) => ({ id, h0: 0, h1: 0, pfn: r.pfn, refs: r.refs, use: r.use, owner: r.owner, locked: r.locked }),
);

writesAs('pfn', (_world, pfn) => `0x${hex(pfn)}`);
writesAs('frame', (world, frame) => `0x${hex(frames.get(world, frame).pfn)}`);

/** Takes the first page of memory for ZERO_PAGE; a machine calls it once, before anything else is allocated. */
export function initFrames(world: World): void {
  const row = place(world, 'kernel', -1);
  assert(row.pfn === zeroPage(world), 'the zero page is the first page of memory');
}

/** The page that reads as zero, shared by all anonymous memory that was only read so far. Nobody counts its users. */
export function zeroPage(world: World): number {
  return world.slots.ramFirst;
}

/** The frame of a page in use. */
export function frameAt(world: World, pfn: number): Frame {
  return frames.get(world, pfn - world.slots.ramFirst);
}

/** Pages of memory that nobody uses. */
export function freePages(world: World): number {
  return memoryPages(world) - frames.all(world).length;
}

/** Allocations that are to fail, one row if any: the kernel's fault injection, fail_page_alloc, with `times`. */
interface FailPageAlloc extends Row {
  readonly times: number;
}

export const failPageAlloc = table<FailPageAlloc>('failPageAlloc', { times: 'int' }, (id, r) => ({
  ...{ id, h0: 0, h1: 0, times: r.times },
}));

/** Lets the next allocations of a page fail that somebody does who moves; setting the stage always succeeds. */
export function failAllocations(world: World, times: number): void {
  for (const { id } of failPageAlloc.all(world)) failPageAlloc.remove(world, id);
  if (times > 0) failPageAlloc.insert(world, { times });
}

/** Whether the allocation that somebody begins now is to fail; it counts as one of those. */
export function isToFail(world: World): boolean {
  const [injected] = failPageAlloc.slots(world);
  if (injected === undefined || world.acting < 0) return false;
  failAllocations(world, injected.times - 1);
  return true;
}

/** The lowest free page with one reference: the content is whatever it is. */
export function allocateFrame(world: World, use: Frame['use'], owner = -1): Result<number, 'ENOMEM'> {
  if (isToFail(world)) return err('ENOMEM');
  if (lowestFree(world) >= memoryPages(world)) return err('ENOMEM');
  return ok(place(world, use, owner).pfn);
}

/** The lowest run of free pages that begins at a multiple of `align`, each with one reference; gives the first. */
export function allocateContiguous(world: World, pages: number, align = 1): Result<number, 'ENOMEM'> {
  const { ramFirst } = world.slots;
  for (let pfn = Math.ceil(ramFirst / align) * align; pfn + pages <= world.slots.ramEnd; pfn += align) {
    if (!isRunFree(world, pfn - ramFirst, pages)) continue;
    occupy(world, pfn - ramFirst, pages);
    return ok(pfn);
  }
  return err('ENOMEM');
}

/** Whether so many pages lie free side by side. */
export function hasFreeRun(world: World, pages: number): boolean {
  let run = 0;
  for (let id = 0; id < memoryPages(world) && run < pages; id++)
    run = frames.find(world, id) === undefined ? run + 1 : 0;
  return run >= pages;
}

/** One more user of a page. */
export function getFrame(world: World, pfn: number): void {
  if (pfn === zeroPage(world)) return;
  frames.edit(world, frameAt(world, pfn).id, (frame) => {
    frame.refs += 1;
  });
}

/** One user less; without any the page is free, and zero again: what is not used does not tell worlds apart. */
export function putFrame(world: World, pfn: number): void {
  if (pfn === zeroPage(world)) return;
  const { id, refs } = frameAt(world, pfn);
  if (refs > 1) {
    frames.edit(world, id, (frame) => {
      frame.refs -= 1;
    });
    return;
  }
  frames.remove(world, id);
  clearPage(world, pfn);
}

/** Waits are for who asks: the lock is free, or its holder's to drop. Kernel: lock_page, unlock_page. */
export function setPageLock(world: World, pfn: number, locked: 0 | 1): void {
  frames.edit(world, frameAt(world, pfn).id, (frame) => {
    frame.locked = locked;
  });
}

function memoryPages(world: World): number {
  return world.slots.ramEnd - world.slots.ramFirst;
}

function lowestFree(world: World): number {
  const slots = frames.slots(world);
  let id = 0;
  while (id < slots.length && slots[id] !== undefined) id++;
  return id;
}

/** A new row takes the lowest free id, and so the lowest free page. */
function place(world: World, use: Frame['use'], owner: number): Frame {
  const pfn = world.slots.ramFirst + lowestFree(world);
  return frames.insert(world, { pfn, refs: 1, use, owner, locked: 0 });
}

function isRunFree(world: World, first: number, pages: number): boolean {
  for (let id = first; id < first + pages; id++) if (frames.find(world, id) !== undefined) return false;
  return true;
}

/** Rows go to the lowest free id: those below the run are filled for as long as it takes. */
function occupy(world: World, first: number, pages: number): void {
  const fillers: number[] = [];
  while (lowestFree(world) < first) fillers.push(place(world, 'kernel', -1).id);
  for (let i = 0; i < pages; i++) place(world, 'kernel', -1);
  for (const id of fillers) frames.remove(world, id);
}
