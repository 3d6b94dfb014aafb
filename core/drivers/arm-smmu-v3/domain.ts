import { devices } from '../../devices/device.ts';
import { encode, getField, pageOf, pointerTo } from '../../hardware/layout.ts';
import { links } from '../../hardware/pcie/link.ts';
import { CD, L1CD } from '../../hardware/smmuv3/context.layout.ts';
import { type PasidTable, QUIET, tableOf, tablesIn } from '../../iommu/pasid-table.ts';
import { readWord, wordsOf } from '../../world/memory.ts';
import type { Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';
import { canStall, outputSizeCode } from './unit.ts';

/** What the driver keeps of a domain (struct arm_smmu_domain): the address space of DMA addresses. */
export interface SmmuDomain extends Row {
  readonly domain: number;
  readonly smmu: number;
  /** 1: translation faults of its devices stall. CD.S and S1STALLD go together, so all its devices are alike in this. */
  readonly stall: number;
  /** Private ASID of entry 0, which maps DMA addresses. */
  readonly asid: number;
  /** Root of the page tables for DMA addresses. */
  readonly pgd: number;
}

export const smmuDomains = table<SmmuDomain>(
  'smmu-domain',
  { domain: 'int', smmu: 'int', stall: 'int', asid: 'int', pgd: 'int' },
  (id, r) => ({ id, h0: 0, h1: 0, domain: r.domain, smmu: r.smmu, stall: r.stall, asid: r.asid, pgd: r.pgd }),
);

/** A PASID table (struct arm_smmu_ctx_desc_cfg): context descriptors, one for each PASID. */
export interface CdTable extends PasidTable {
  /** First page of the CDs, or of level 1. */
  readonly contextTable: number;
  readonly twoLevel: number;
}

export const cdTables = table<CdTable>(
  'cd-table',
  { domain: 'int', device: 'int', contextTable: 'int', contextBits: 'int', twoLevel: 'int' },
  (id, r) => ({
    id,
    h0: 0,
    h1: 0,
    domain: r.domain,
    device: r.device,
    contextTable: r.contextTable,
    contextBits: r.contextBits,
    twoLevel: r.twoLevel,
  }),
);

/** CDs below one level 1 descriptor: leaves of 64 KiB (S1Fmt 10), as Linux uses them. */
export const LEAF_BITS = 10;
export const LEAF_PAGES = 16;
const CD_BYTES = 64;
const L1_BYTES = 8;

export function smmuDomainOf(world: World, domain: number): SmmuDomain {
  const row = smmuDomains.first(world, (each) => each.domain === domain);
  return smmuDomains.get(world, row?.id ?? -1);
}

export const cdTableOf = (world: World, device: number, domain?: number): CdTable =>
  tableOf(cdTables, world, device, domain);
export const cdTablesIn = (world: World, domain: number): CdTable[] => tablesIn(cdTables, world, domain);
/** The PASID tables whose entry 0 is that of a domain: also of a device that is being attached, or has left since. */
export function cdTablesWith(world: World, domain: number): CdTable[] {
  return cdTables.all(world).filter((row) => row.domain === domain);
}

/** A place in memory: page number and byte offset. */
export interface Place {
  readonly page: number;
  readonly offset: number;
}

const placeAt = (page: number, bytes: number): Place => ({ page: page + (bytes >>> 12), offset: bytes & 0xfff });

/** Where the level 1 descriptor for a PASID stands. */
export function level1Place(row: CdTable, pasid: number): Place {
  return placeAt(row.contextTable, (pasid >>> LEAF_BITS) * L1_BYTES);
}

/** Where the CD for a PASID stands, null if the leaf that would hold it was never allocated. */
export function contextPlace(world: World, row: CdTable, pasid: number): Place | null {
  if (row.twoLevel === 0) return placeAt(row.contextTable, pasid * CD_BYTES);
  const { page, offset } = level1Place(row, pasid);
  const words = [readWord(world, page, offset), readWord(world, page, offset + 4)];
  if (getField(words, L1CD.fields.V) === 0) return null;
  return placeAt(getField(words, L1CD.fields.L2Ptr), (pasid % 2 ** LEAF_BITS) * CD_BYTES);
}

/** Whether the entry of a PASID is valid. */
export function hasContext(world: World, row: CdTable, pasid: number): boolean {
  return rootOf(world, row, pasid) !== -1;
}

/** The root that the valid entry of a PASID leads to, QUIET for nowhere, -1 for no valid entry. */
export function rootOf(world: World, row: CdTable, pasid: number): number {
  const place = contextPlace(world, row, pasid);
  if (place === null) return -1;
  const words = wordsOf(world, place.page);
  const first = place.offset >>> 2;
  if (getField(words, CD.fields.V, first) === 0) return -1;
  if (getField(words, CD.fields.EPD0, first) === 1) return QUIET;
  return pageOf(getField(words, CD.fields.TTB0, first), CD.fields.TTB0.shift ?? 4);
}

/** Level 1 descriptor that points to a leaf. SMMUv3 5.3. */
export function level1Words(leaf: number): Uint32Array {
  return encode(L1CD, { V: 1, L2Ptr: pointerTo(leaf, 0, L1CD.fields.L2Ptr.shift ?? 12) });
}

/** Memory attributes of arm64 Linux: normal write-back in the byte that AttrIndx of our descriptors names. */
const MAIR_NORMAL = 0xff;

/** A context descriptor for these page tables. Shared ASIDs are those of an mm; `stall` 1: faults stall. SMMUv3 5.4; arm_smmu_write_ctx_desc(). */
export function contextWords(
  world: World,
  smmu: number,
  pgd: number,
  asid: number,
  shared: boolean,
  stall = 0,
  updates: { readonly HA?: number; readonly HD?: number } = {},
): Uint32Array {
  return encode(CD, {
    T0SZ: 16,
    IR0: 1,
    OR0: 1,
    SH0: 3,
    EPD1: 1,
    V: 1,
    IPS: outputSizeCode(world, smmu),
    AA64: 1,
    S: stall,
    R: 1,
    A: 1,
    ...updates,
    ASET: shared ? 0 : 1,
    ASID: asid,
    TTB0: pointerTo(pgd, 0, CD.fields.TTB0.shift ?? 4),
    MAIR_LO: MAIR_NORMAL,
  });
}

/** Entry 0 of a PASID table: the DMA addresses of its domain, under a private ASID. */
export function entryZeroWords(world: World, { domain }: CdTable): Uint32Array {
  const { smmu, pgd, asid, stall } = smmuDomainOf(world, domain);
  return contextWords(world, smmu, pgd, asid, false, stall);
}

/** Faults of a device stall: firmware says that they may, and its SMMU can (master->stall_enabled). */
export function mayStall(world: World, device: number): boolean {
  const { link, stall } = devices.get(world, device);
  return stall === 1 && canStall(world, links.get(world, link).smmu);
}

/** StreamID of a device. */
export function streamOf(world: World, device: number): number {
  return links.get(world, devices.get(world, device).link).sid;
}
