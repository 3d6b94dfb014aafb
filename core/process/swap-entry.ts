/** What a descriptor says of a page that is not in memory: arm64 Linux keeps it where the hardware reads "invalid". */
import { bits, layout } from '../hardware/layout.ts';
import type { Pte } from './page-table.ts';

/** A swap entry. arch/arm64/include/asm/pgtable.h of v4.14: "Encode and decode a swap entry". */
export const SWAP_ENTRY = layout('swap_entry', 8, 'arch/arm64/include/asm/pgtable.h', {
  valid: bits(1, 0, 'Zero: for the hardware there is nothing, and a walk that comes here faults.'),
  type: bits(7, 2, 'Which swap device; the two highest stand for a page that is just being migrated.'),
  offset: bits(57, 8, 'The place on the swap device. Place 0 is its header, so an entry is never all zero.'),
});

const TYPE_SHIFT = 2;
const OFFSET_SHIFT = 8;
const OFFSET_LOW_BITS = 24;

/** The model has one swap device: type 0. */
const SWAP_DEVICE = 0;

/** The descriptor of a page that lies in a slot of the swap device; slots count from 0, offsets from 1. */
export function swapEntry(slot: number): Pte {
  const offset = slot + 1;
  const low = (offset % 2 ** OFFSET_LOW_BITS) * 2 ** OFFSET_SHIFT;
  return { lo: (low | (SWAP_DEVICE << TYPE_SHIFT)) >>> 0, hi: Math.floor(offset / 2 ** OFFSET_LOW_BITS) };
}

/** The slot that a descriptor which is neither empty nor present names. */
export function slotOf({ lo, hi }: Pte): number {
  return (lo >>> OFFSET_SHIFT) + hi * 2 ** OFFSET_LOW_BITS - 1;
}
