import { atcOf, devices } from '../devices/device.ts';
import { type CdTable, cdTables, contextPlace, level1Place } from '../drivers/arm-smmu-v3/domain.ts';
import { streamPlace } from '../drivers/arm-smmu-v3/probe.ts';
import { type Unit, units } from '../drivers/arm-smmu-v3/unit.ts';
import { links } from '../hardware/pcie/link.ts';
import { iotlb, smmus } from '../hardware/smmuv3/smmu.ts';
import { TLB_ENTRY_BYTES, type TlbShape, tlbPages } from '../hardware/tlb.ts';
import { domains } from '../iommu/domain.ts';
import { hex } from '../lib/format.ts';
import { frames } from '../process/frame.ts';
import type { World } from '../world/world.ts';

/** Keys of what stands in words of memory, and the way back: which thing a word belongs to. */

export const keys = {
  entry: (table: number, index: number): string => `pte/${hex(table)}/${index}`,
  context: (cdTable: number, pasid: number): string => `cd/${cdTable}/${pasid}`,
  stream: (smmu: number, sid: number): string => `ste/${smmu}/${sid}`,
  slot: (queue: Queue, smmu: number, index: number): string => `${queue}/${smmu}/${index}`,
  cached: (cache: 'iotlb' | 'atc', owner: number, index: number): string => `${cache}/${owner}/${index}`,
  register: (smmu: number, offset: number): string => `reg/${smmu}/${hex(offset)}`,
} as const;

export type Queue = 'cmdq' | 'evtq' | 'priq';

export const ENTRY_BYTES: Readonly<Record<Queue, number>> = { cmdq: 16, evtq: 32, priq: 16 };

export function queueOf(unit: Unit, queue: Queue): { readonly page: number; readonly bits: number } {
  if (queue === 'cmdq') return { page: unit.commandQueue, bits: unit.commandBits };
  if (queue === 'evtq') return { page: unit.eventQueue, bits: unit.eventBits };
  return { page: unit.priQueue, bits: unit.priBits };
}

const CD_BYTES = 64;
/** Register pages of an SMMU: page 1 is 16 pages further. */
const REGISTER_PAGES = 17;

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
  for (const unit of units.all(world)) {
    for (const queue of ['cmdq', 'evtq', 'priq'] as const) {
      const { page: first, bits } = queueOf(unit, queue);
      const index = Math.floor(((page - first) * 4096 + offset) / ENTRY_BYTES[queue]);
      if (page >= first && index < 2 ** bits) return keys.slot(queue, unit.smmu, index);
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
  for (const { id } of smmus.all(world)) {
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
  for (const { id, page: first } of smmus.all(world)) {
    if (page >= first && page < first + REGISTER_PAGES) return keys.register(id, (page - first) * 4096 + offset);
  }
  return null;
}

function keyInConfiguration(world: World, page: number, offset: number): string | null {
  for (const cdTable of cdTables.all(world)) {
    const pasid = pasidAt(world, cdTable, page, offset);
    if (pasid !== null) return keys.context(cdTable.id, pasid);
  }
  for (const { sid, smmu } of links.all(world)) {
    const place = streamPlace(world, smmu, sid);
    if (place.page === page && offset >= place.offset && offset < place.offset + CD_BYTES)
      return keys.stream(smmu, sid);
  }
  return null;
}

/** What a PASID table is called: after its domain, and after its device if it has one of its own. */
export function cdTableName(world: World, { domain, device }: CdTable): string {
  const { name } = domains.get(world, domain);
  return device < 0 ? `domain ${name}` : `domain ${name}, ${devices.get(world, device).name}`;
}

/** PASIDs that a view shows: those below, and no more. */
export const PASIDS_SHOWN = 64;

function pasidAt(world: World, cdTable: CdTable, page: number, offset: number): number | null {
  for (let pasid = 0; pasid < PASIDS_SHOWN; pasid++) {
    const place = contextPlace(world, cdTable, pasid);
    if (place === null) continue;
    if (place.page === page && offset >= place.offset && offset < place.offset + CD_BYTES) return pasid;
  }
  const level1 = cdTable.twoLevel === 1 ? level1Place(cdTable, 0) : null;
  return level1?.page === page && level1.offset === offset ? 0 : null;
}
