/** One RISC-V IOMMU: where its registers and its own storage lie, and the little that it remembers beside them. */
import { writesAs } from '../../sim/telling.ts';
import type { Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';
import { cacheAt } from '../geometry.ts';
import type { TlbShape } from '../tlb.ts';

/** What the translation unit is at. `overtaken`: an invalidation came after it began, so what it has read may be stale. */
export const UNIT = { idle: 0, busy: 1, overtaken: 2 } as const;

export interface RiscvIommu extends Row {
  readonly name: string;
  /** Page of its registers. */
  readonly page: number;
  /** First SRAM page of its caches. */
  readonly sram: number;
  /** Its wires, used where fctl.WSI is 1. */
  readonly commandIrq: number;
  readonly faultIrq: number;
  readonly pageIrq: number;
  /** Of UNIT. */
  readonly unit: number;
  /** 1 once a device has not answered an Invalidate Request in time, until an IOFENCE.C has failed for it. */
  readonly expired: number;
  /** Invalidate Requests that it can have outstanding at a time. */
  readonly itags: number;
  readonly iotlbSets: number;
  readonly iotlbWays: number;
}

export const riscvIommus = table<RiscvIommu>(
  'riscv-iommu',
  {
    name: 'name',
    page: 'int',
    sram: 'int',
    commandIrq: 'int',
    faultIrq: 'int',
    pageIrq: 'int',
    unit: 'int',
    expired: 'int',
    itags: 'int',
    iotlbSets: 'int',
    iotlbWays: 'int',
  },
  (id, r) => ({
    id,
    h0: 0,
    h1: 0,
    name: r.name,
    page: r.page,
    sram: r.sram,
    commandIrq: r.commandIrq,
    faultIrq: r.faultIrq,
    pageIrq: r.pageIrq,
    unit: r.unit,
    expired: r.expired,
    itags: r.itags,
    iotlbSets: r.iotlbSets,
    iotlbWays: r.iotlbWays,
  }),
);

writesAs('iommu', (world, id) => riscvIommus.find(world, id)?.name ?? `iommu ${id}`);

/** Lines of 128 bytes fill one page. */
const DIRECTORY_LINES = { sets: 8, ways: 4 };
/** SRAM pages before those of the IOTLB: device contexts, process contexts, what else it remembers. */
const OWN_PAGES = 3;

/** Cached device contexts, by device_id. */
export function ddtCache(world: World, iommu: number): TlbShape {
  return { page: riscvIommus.get(world, iommu).sram, ...DIRECTORY_LINES };
}

/** Cached process contexts, by device_id and process_id. */
export function pdtCache(world: World, iommu: number): TlbShape {
  return { page: riscvIommus.get(world, iommu).sram + 1, ...DIRECTORY_LINES };
}

/** Page of words for outstanding invalidations and held interrupts. */
export function scratchPage(world: World, iommu: number): number {
  return riscvIommus.get(world, iommu).sram + 2;
}

/** Cached translations, tagged by GSCID and PSCID. */
export function iotlb(world: World, iommu: number): TlbShape {
  const { sram, iotlbSets, iotlbWays } = riscvIommus.get(world, iommu);
  return cacheAt(world, sram + OWN_PAGES, iotlbSets, iotlbWays);
}

/** An invalidation took place: what the unit read before it may be used once more, but no longer be cached. */
export function overtakeUnit(world: World, iommu: number): void {
  if (riscvIommus.get(world, iommu).unit === UNIT.busy) setUnit(world, iommu, UNIT.overtaken);
}

export function setUnit(world: World, iommu: number, unit: number): void {
  riscvIommus.edit(world, iommu, (row) => {
    row.unit = unit;
  });
}

/** What the unit reads now may be kept: no invalidation has overtaken it. */
export function mayCache(world: World, iommu: number): boolean {
  return riscvIommus.get(world, iommu).unit !== UNIT.overtaken;
}
