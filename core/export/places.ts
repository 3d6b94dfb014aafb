import { atcOf, devices } from '../devices/device.ts';
import { links } from '../hardware/pcie/link.ts';
import { TLB_ENTRY_BYTES, type TlbShape, tlbPages } from '../hardware/tlb.ts';
import { domains } from '../iommu/domain.ts';
import type { PasidTable } from '../iommu/pasid-table.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { hex } from '../lib/format.ts';
import { frames } from '../process/frame.ts';
import type { World } from '../world/world.ts';
import type { Place, QueueRole, RegisterLook } from './silicon/look.ts';
import { lookOf } from './silicon/look-of.ts';

/** Keys of what stands in words of memory, and the way back: which thing a word belongs to. */

export const keys = {
  entry: (table: number, index: number): string => `pte/${hex(table)}/${index}`,
  context: (cdTable: number, pasid: number): string => `cd/${cdTable}/${pasid}`,
  stream: (smmu: number, sid: number): string => `ste/${smmu}/${sid}`,
  slot: (queue: QueueRole, smmu: number, index: number): string => `${queue}/${smmu}/${index}`,
  cached: (cache: 'iotlb' | 'atc', owner: number, index: number): string => `${cache}/${owner}/${index}`,
  register: (smmu: number, offset: number): string => `reg/${smmu}/${hex(offset)}`,
} as const;

/** Where a register of an IOMMU stands. */
export function registerPlace(world: World, iommu: number, { offset }: RegisterLook): Place {
  const { page } = siliconOf(world).iommus.get(world, iommu);
  return { page: page + (offset >>> 12), offset: offset & 0xfff };
}

/** The key of the thing that a word is part of, null for words that no view shows. */
export function keyOfWord(world: World, page: number, offset: number): string | null {
  return (
    keyInTable(world, page, offset) ??
    keyInQueue(world, page, offset) ??
    keyInCache(world, page, offset) ??
    keyInRegisters(world, page, offset) ??
    keyInConfiguration(world, page, offset)
  );
}

function keyInTable(world: World, page: number, offset: number): string | null {
  const frame = frames.find(world, page - world.slots.ramFirst);
  return frame?.use === 'table' ? keys.entry(page, offset >>> 3) : null;
}

function keyInQueue(world: World, page: number, offset: number): string | null {
  const { queues, queueState } = lookOf(world);
  for (const { id } of siliconOf(world).iommus.all(world)) {
    for (const { role, entryBytes } of queues) {
      const { page: first, bits } = queueState(world, id, role);
      const index = Math.floor(((page - first) * 4096 + offset) / entryBytes);
      if (page >= first && index < 2 ** bits) return keys.slot(role, id, index);
    }
  }
  return null;
}

function indexInCache(cache: TlbShape, page: number, offset: number): number | null {
  if (page < cache.page || page >= cache.page + tlbPages(cache)) return null;
  const index = Math.floor(((page - cache.page) * 4096 + offset) / TLB_ENTRY_BYTES);
  return index < cache.sets * cache.ways ? index : null;
}

function keyInCache(world: World, page: number, offset: number): string | null {
  const { iommus, iotlb } = siliconOf(world);
  for (const { id } of iommus.all(world)) {
    const index = indexInCache(iotlb(world, id), page, offset);
    if (index !== null) return keys.cached('iotlb', id, index);
  }
  for (const { id } of devices.all(world)) {
    const index = indexInCache(atcOf(world, id), page, offset);
    if (index !== null) return keys.cached('atc', id, index);
  }
  return null;
}

function keyInRegisters(world: World, page: number, offset: number): string | null {
  const { registerPages } = lookOf(world);
  for (const { id, page: first } of siliconOf(world).iommus.all(world)) {
    if (page >= first && page < first + registerPages) return keys.register(id, (page - first) * 4096 + offset);
  }
  return null;
}

function keyInConfiguration(world: World, page: number, offset: number): string | null {
  for (const table of siliconOf(world).pasidTables.rows.all(world)) {
    const pasid = pasidAt(world, table, page, offset);
    if (pasid !== null) return keys.context(table.id, pasid);
  }
  const { streamPlace, streamLayout } = lookOf(world);
  for (const { sid, smmu } of links.all(world)) {
    const place = streamPlace(world, smmu, sid);
    if (place !== null && isIn(place, streamLayout(world, smmu).size, page, offset)) return keys.stream(smmu, sid);
  }
  return null;
}

const isIn = (place: Place, bytes: number, page: number, offset: number): boolean =>
  place.page === page && offset >= place.offset && offset < place.offset + bytes;

/** What a PASID table is called: after its domain, and after its device if it has one of its own. */
export function pasidTableName(world: World, { domain, device }: PasidTable): string {
  const { name } = domains.get(world, domain);
  return device < 0 ? `domain ${name}` : `domain ${name}, ${devices.get(world, device).name}`;
}

/** PASIDs that a view shows: those below, and no more. */
export const PASIDS_SHOWN = 64;

function pasidAt(world: World, table: PasidTable, page: number, offset: number): number | null {
  const { entryPlace, entryLayout, levelAbove } = lookOf(world);
  for (let pasid = 0; pasid < PASIDS_SHOWN; pasid++) {
    const place = entryPlace(world, table, pasid);
    if (place !== null && isIn(place, entryLayout.size, page, offset)) return pasid;
  }
  const above = levelAbove(world, table);
  return above?.page === page && above.offset === offset ? 0 : null;
}
