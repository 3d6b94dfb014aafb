/** What a descriptor says of a page that is not in memory: arm64 Linux keeps it where the hardware reads "invalid". */
import { bits, layout } from '../hardware/layout.ts';
import { isPresent, type Pte } from './page-table.ts';

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

/** SWP_MIGRATION_READ and SWP_MIGRATION_WRITE: the two highest of 32 types, which are no devices. */
const MIGRATION_READ = 30;
const MIGRATION_WRITE = 31;

const typeOf = ({ lo }: Pte): number => (lo >>> TYPE_SHIFT) & 0x3f;

/** The descriptor of a page that is being moved from a frame; `writable`: it could be written, and may again. */
export function migrationEntry(pfn: number, writable: boolean): Pte {
  const low = (pfn % 2 ** OFFSET_LOW_BITS) * 2 ** OFFSET_SHIFT;
  const type = writable ? MIGRATION_WRITE : MIGRATION_READ;
  return { lo: (low | (type << TYPE_SHIFT)) >>> 0, hi: Math.floor(pfn / 2 ** OFFSET_LOW_BITS) };
}

/** It is neither present nor on a device, but on its way from one frame to another. Kernel: is_migration_entry. */
export function isMigration(pte: Pte): boolean {
  return !isPresent(pte) && typeOf(pte) >= MIGRATION_READ;
}

/** The page of this frame is on its way. */
export function isMigrationOf(pte: Pte, pfn: number): boolean {
  return isMigration(pte) && slotOf(pte) + 1 === pfn;
}

/** It could be written before it was moved, and no fork() came since. Kernel: is_write_migration_entry. */
export function mayWriteAfter(pte: Pte): boolean {
  return typeOf(pte) === MIGRATION_WRITE;
}

/** What fork() makes of it on both sides. Kernel: make_migration_entry_read. */
export function readMigration(pte: Pte): Pte {
  return migrationEntry(slotOf(pte) + 1, false);
}

/** The slot that a descriptor which is neither empty nor present names. */
export function slotOf({ lo, hi }: Pte): number {
  return (lo >>> OFFSET_SHIFT) + hi * 2 ** OFFSET_LOW_BITS - 1;
}
