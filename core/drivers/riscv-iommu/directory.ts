/** The device directory: a device context for each device, in tables that are linked in on first use. RISC-V IOMMU 2.1. */
import { encode, getField } from '../../hardware/layout.ts';
import { DC_BASE, DC_EXTENDED, DDTE_NONLEAF } from '../../hardware/riscv-iommu/device-directory.layout.ts';
import { isCapable } from '../../hardware/riscv-iommu/registers.ts';
import { assert } from '../../lib/assert.ts';
import { allocateContiguous } from '../../process/frame.ts';
import { readWord, writeWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { unitOf } from './unit.ts';

/** A place in memory: page number and byte offset. */
export interface Place {
  readonly page: number;
  readonly offset: number;
}

/** Bits of a device_id that each level above the leaves resolves. */
const LEVEL_BITS = 9;
const ENTRY_BYTES = 8;
/** A device_id has at most so many bits: a segment, and the RequesterID below it. */
const MOST_DEVICE_BITS = 24;

/** Context of 64 bytes where interrupt files are translated (MSI_FLAT), else of 32. */
export function contextLayout(world: World, iommu: number): typeof DC_BASE | typeof DC_EXTENDED {
  return isCapable(world, iommu, 'MSI_FLAT') ? DC_EXTENDED : DC_BASE;
}

/** Bits of a device_id that a page of contexts resolves. */
const leafBits = (world: World, iommu: number): number => Math.log2(4096 / contextLayout(world, iommu).size);

/** The largest device_id that the directory can resolve. */
export function lastDevice(world: World, iommu: number): number {
  const bits = leafBits(world, iommu) + (unitOf(world, iommu).directoryLevels - 1) * LEVEL_BITS;
  return 2 ** Math.min(bits, MOST_DEVICE_BITS) - 1;
}

/** Pages that a device can need in the directory: one below each level that is there. */
export const MOST_DIRECTORY_PAGES = 2;

/** Where the context of a device stands, null while a table on the way is not there. */
export function devicePlace(world: World, iommu: number, device: number): Place | null {
  const unit = unitOf(world, iommu);
  let page = unit.directory;
  for (let level = unit.directoryLevels - 1; level > 0; level--) {
    page = tableBelow(world, { page, offset: indexAt(world, iommu, device, level) * ENTRY_BYTES });
    if (page < 0) return null;
  }
  return { page, offset: indexAt(world, iommu, device, 0) * contextLayout(world, iommu).size };
}

/** riscv_iommu_get_dc(): where the context of a device stands; links in the tables that are missing on the way. */
export function ensureDevice(world: World, iommu: number, device: number): Place {
  const unit = unitOf(world, iommu);
  let page = unit.directory;
  for (let level = unit.directoryLevels - 1; level > 0; level--) {
    const place = { page, offset: indexAt(world, iommu, device, level) * ENTRY_BYTES };
    page = tableBelow(world, place);
    if (page < 0) page = linkTable(world, place);
  }
  return { page, offset: indexAt(world, iommu, device, 0) * contextLayout(world, iommu).size };
}

/** DDI: which entry of a level a device_id goes through. RISC-V IOMMU 2.3.1. */
function indexAt(world: World, iommu: number, device: number, level: number): number {
  const below = leafBits(world, iommu);
  return level === 0 ? device % 2 ** below : Math.floor(device / 2 ** (below + (level - 1) * LEVEL_BITS)) % 512;
}

function tableBelow(world: World, { page, offset }: Place): number {
  const words = [readWord(world, page, offset), readWord(world, page, offset + 4)];
  return getField(words, DDTE_NONLEAF.fields.V) === 0 ? -1 : getField(words, DDTE_NONLEAF.fields.PPN);
}

function linkTable(world: World, { page, offset }: Place): number {
  const table = allocateContiguous(world, 1);
  assert(table.ok, 'a device is plugged in where memory is left for its directory');
  writeWords(world, page, offset, encode(DDTE_NONLEAF, { V: 1, PPN: table.value }));
  return table.value;
}
