/** One SMMU: where its registers and its own storage lie, and the little that it remembers beside them. */
import { writesAs } from '../../sim/telling.ts';
import type { Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';
import { cacheAt } from '../geometry.ts';
import { type TlbShape, tlbPages } from '../tlb.ts';

/** What the translation unit is at. `overtaken`: an invalidation came after it began, so what it has read may be stale. */
export const UNIT = { idle: 0, busy: 1, overtaken: 2 } as const;

export interface Smmu extends Row {
  readonly name: string;
  /** Page of its registers; register page 1 is 16 pages further. */
  readonly page: number;
  /** First SRAM page of its caches. */
  readonly sram: number;
  readonly eventIrq: number;
  readonly priIrq: number;
  readonly errorIrq: number;
  /** Of UNIT. */
  readonly unit: number;
  /** 1 once a device has not answered an Invalidate Request in time, until a CMD_SYNC has failed for it. */
  readonly expired: number;
}

export const smmus = table<Smmu>(
  'smmu',
  {
    name: 'name',
    page: 'int',
    sram: 'int',
    eventIrq: 'int',
    priIrq: 'int',
    errorIrq: 'int',
    unit: 'int',
    expired: 'int',
  },
  (id, r) => ({
    id,
    h0: 0,
    h1: 0,
    name: r.name,
    page: r.page,
    sram: r.sram,
    eventIrq: r.eventIrq,
    priIrq: r.priIrq,
    errorIrq: r.errorIrq,
    unit: r.unit,
    expired: r.expired,
  }),
);

writesAs('smmu', (world, id) => smmus.find(world, id)?.name ?? `smmu ${id}`);

/** Lines of 128 bytes fill one page. */
const CONFIG_LINES = { sets: 8, ways: 4 };
const IOTLB_ENTRIES = { sets: 16, ways: 4 };

/** Cached STEs, by StreamID. */
export function steCache(world: World, smmu: number): TlbShape {
  return { page: smmus.get(world, smmu).sram, ...CONFIG_LINES };
}

/** Cached CDs, by StreamID and SubstreamID. */
export function cdCache(world: World, smmu: number): TlbShape {
  return { page: smmus.get(world, smmu).sram + 1, ...CONFIG_LINES };
}

/** Cached translations, usually 64 of them, tagged by VMID and ASID. */
export function iotlb(world: World, smmu: number): TlbShape {
  return cacheAt(world, smmus.get(world, smmu).sram + 2, IOTLB_ENTRIES.sets, IOTLB_ENTRIES.ways);
}

/** SRAM pages that an SMMU with the usual IOTLB takes from `sram` on. */
export const SMMU_SRAM_PAGES = 2 + tlbPages({ page: 0, ...IOTLB_ENTRIES });

/** An invalidation took place: what the unit read before it may be used once more, but no longer be cached. */
export function overtakeUnit(world: World, smmu: number): void {
  if (smmus.get(world, smmu).unit !== UNIT.busy) return;
  setUnit(world, smmu, UNIT.overtaken);
}

export function setUnit(world: World, smmu: number, unit: number): void {
  smmus.edit(world, smmu, (row) => {
    row.unit = unit;
  });
}
