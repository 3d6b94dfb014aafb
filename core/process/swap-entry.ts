/** What a descriptor says of a page that is not in memory: Linux keeps it where the hardware reads "invalid". */
import { formatOf } from '../hardware/cpus.ts';
import type { PageFormat } from '../hardware/page-format.ts';
import type { World } from '../world/world.ts';
import { isPresent, type Pte } from './page-table.ts';

/** The model has one swap device: type 0. */
const SWAP_DEVICE = 0;

/** Kernel: swp_entry. */
function entryOf(format: PageFormat, type: number, offset: number): Pte {
  const { swap } = format;
  const lowBits = 2 ** (32 - swap.offsetShift);
  const low = (offset % lowBits) * 2 ** swap.offsetShift;
  return { lo: (low | (type << swap.typeShift)) >>> 0, hi: Math.floor(offset / lowBits), format };
}

/** The descriptor of a page that lies in a slot of the swap device; slots count from 0, offsets from 1. */
export function swapEntry(world: World, slot: number): Pte {
  return entryOf(formatOf(world), SWAP_DEVICE, slot + 1);
}

/** SWP_MIGRATION_READ and SWP_MIGRATION_WRITE: the two highest of 32 types, which are no devices. */
const MIGRATION_READ = 30;
const MIGRATION_WRITE = 31;

const typeOf = ({ lo, format: { swap } }: Pte): number => (lo >>> swap.typeShift) & (2 ** swap.typeBits - 1);

/** The descriptor of a page that is being moved from a frame; `writable`: it could be written, and may again. */
export function migrationEntry(world: World, pfn: number, writable: boolean): Pte {
  return entryOf(formatOf(world), writable ? MIGRATION_WRITE : MIGRATION_READ, pfn);
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
  return entryOf(pte.format, MIGRATION_READ, slotOf(pte) + 1);
}

/** The slot that a descriptor which is neither empty nor present names. */
export function slotOf({ lo, hi, format: { swap } }: Pte): number {
  return (lo >>> swap.offsetShift) + hi * 2 ** (32 - swap.offsetShift) - 1;
}
