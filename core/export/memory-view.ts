import { devices } from '../devices/device.ts';
import { hex, pageAddress } from '../lib/format.ts';
import { mms } from '../process/mm.ts';
import { isNone, isPresent, type Pte } from '../process/page-table.ts';
import { pins } from '../process/pins.ts';
import { SWAP_PAGES, swapSlots } from '../process/swap.ts';
import { isMigration, slotOf } from '../process/swap-entry.ts';
import type { Vma } from '../process/vma.ts';
import type { World } from '../world/world.ts';

/** Where pages are beside memory, and who holds on to those that are in it. */
export interface MemoryView {
  readonly swap: { readonly used: number; readonly limit: number };
  /** Places on the swap device that are in use. */
  readonly slots: readonly SlotView[];
  readonly pins: readonly PinView[];
}

export interface SlotView {
  readonly key: string;
  /** From 1, as in a swap entry. */
  readonly slot: number;
  /** Descriptors that name it. */
  readonly users: number;
  /** The page of memory that it is cached in, hex, null for none. */
  readonly pfn: string | null;
  /** What lies on the device is what the cached page holds. */
  readonly clean: boolean;
}

export interface PinView {
  readonly key: string;
  readonly page: string;
  readonly pfn: string;
  readonly mm: number;
  readonly process: string;
  /** The device whose driver pinned it at bind, null where the process asked. */
  readonly device: string | null;
}

export function memoryView(world: World): MemoryView {
  return {
    swap: { used: swapSlots.all(world).length, limit: SWAP_PAGES },
    slots: swapSlots.all(world).map(({ id, count, pfn, clean }) => ({
      ...{ key: `slot/${id}`, slot: id + 1, users: count, pfn: pfn < 0 ? null : hex(pfn), clean: clean === 1 },
    })),
    pins: pins.all(world).map(({ id, mm, page, pfn, device }) => ({
      ...{ key: `pin/${id}`, page: pageAddress(page), pfn: hex(pfn), mm, process: mms.get(world, mm).name },
      device: device < 0 ? null : devices.get(world, device).name,
    })),
  };
}

/** A descriptor that says where on the swap device its page lies. */
export function isSwapEntry(pte: Pte): boolean {
  return !isNone(pte) && !isPresent(pte) && !isMigration(pte);
}

/** Whether the hardware finds something in a descriptor, and if not, why. */
export function validityInWords(pte: Pte, isLeaf: boolean): string {
  if ((pte.lo & 1) === 1) return 'yes';
  if (isLeaf && isMigration(pte)) return 'no: the page is on its way to another frame';
  if (isLeaf && isSwapEntry(pte)) return `no: the page lies in slot ${slotOf(pte) + 1} of the swap device`;
  return 'no: a walk that comes here faults';
}

/** What was said of an area as a whole, for instance "locked, not for children"; empty for nothing. */
export function vmaFlags({ locked, dontfork }: Vma): string {
  return [locked === 1 ? 'locked' : '', dontfork === 1 ? 'not for children' : ''].filter(Boolean).join(', ');
}
