/** Domains, and the process directories that say which page tables a process_id (the PASID) has. RISC-V IOMMU 2.2. */
import { devices } from '../../devices/device.ts';
import { encode, getField } from '../../hardware/layout.ts';
import { links } from '../../hardware/pcie/link.ts';
import { PDTP_MODE } from '../../hardware/riscv-iommu/device-directory.layout.ts';
import { deviceIdOf } from '../../hardware/riscv-iommu/device-directory.ts';
import { PC, PDTE_NONLEAF } from '../../hardware/riscv-iommu/process-directory.layout.ts';
import { isCapable } from '../../hardware/riscv-iommu/registers.ts';
import { type PasidTable, QUIET, tableOf } from '../../iommu/pasid-table.ts';
import { readWord, wordsOf } from '../../world/memory.ts';
import type { Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';
import type { Place } from './directory.ts';
import { firstStageMode, unitOf } from './unit.ts';

/** What the driver keeps of a domain (struct riscv_iommu_domain) beside its address space. */
export interface RiscvDomain extends Row {
  readonly domain: number;
  readonly iommu: number;
}

export const riscvDomains = table<RiscvDomain>('riscv-domain', { domain: 'int', iommu: 'int' }, (id, r) => ({
  ...{ id, h0: 0, h1: 0, domain: r.domain, iommu: r.iommu },
}));

/** A process directory: process contexts, one for each PASID, in tables that are linked in on first use. */
export interface ProcessDirectory extends PasidTable {
  /** Page of the root. */
  readonly root: number;
  /** Of the table PDTP_MODE: one level and 8 bits, two and 17, three and 20. */
  readonly mode: number;
}

export const directories = table<ProcessDirectory>(
  'process-directory',
  { domain: 'int', device: 'int', root: 'int', mode: 'int', contextBits: 'int' },
  (id, r) => ({
    ...{ id, h0: 0, h1: 0, domain: r.domain, device: r.device },
    ...{ root: r.root, mode: r.mode, contextBits: r.contextBits },
  }),
);

export function domainIommu(world: World, domain: number): number {
  const row = riscvDomains.first(world, (each) => each.domain === domain);
  return riscvDomains.get(world, row?.id ?? -1).iommu;
}

export const directoryOf = (world: World, device: number, domain?: number): ProcessDirectory =>
  tableOf(directories, world, device, domain);

/** Bits of a process_id that each mode resolves, the shallowest first. */
const MODES = [
  { mode: PDTP_MODE.PD8, bits: 8, name: 'PD8' },
  { mode: PDTP_MODE.PD17, bits: 17, name: 'PD17' },
  { mode: PDTP_MODE.PD20, bits: 20, name: 'PD20' },
] as const;

/** The shallowest directory for PASIDs of so many bits that the IOMMU has, else its deepest; null where it has none. */
export function directoryMode(
  world: World,
  iommu: number,
  pasidBits: number,
): { readonly mode: number; readonly bits: number } | null {
  const known = MODES.filter(({ name }) => isCapable(world, iommu, name));
  return known.find(({ bits }) => bits >= pasidBits) ?? known.at(-1) ?? null;
}

const PC_BYTES = PC.size;
const ENTRY_BYTES = PDTE_NONLEAF.size;
/** Levels above the leaves: pdtp.MODE counts levels. */
const topLevel = ({ mode }: ProcessDirectory): number => mode - 1;

/** PDI: which entry of a level a process_id goes through. RISC-V IOMMU 2.3.2. */
function indexAt(pasid: number, level: number): number {
  if (level === 0) return pasid & 255;
  return level === 1 ? (pasid >>> 8) & 511 : pasid >>> 17;
}

/** The next entry on the way to the context of a PASID: of the directory that `level` names, in the table on `page`. */
export function entryPlace(page: number, pasid: number, level: number): Place {
  return { page, offset: indexAt(pasid, level) * (level === 0 ? PC_BYTES : ENTRY_BYTES) };
}

/** The first entry on the way to the context of a PASID that leads nowhere, null if all tables are there. */
export function missingEntry(world: World, row: ProcessDirectory, pasid: number): Place | null {
  const found = descend(world, row, pasid);
  return found.level === 0 ? null : entryPlace(found.page, pasid, found.level);
}

/** Where the context of a PASID stands, null if a table on the way was never allocated. riscv_iommu_get_pc(). */
export function contextPlace(world: World, row: ProcessDirectory, pasid: number): Place | null {
  const { page, level } = descend(world, row, pasid);
  return level === 0 ? entryPlace(page, pasid, 0) : null;
}

/** Follows the directory as far as it goes: to its leaf, or to the level whose entry is not valid. */
function descend(
  world: World,
  row: ProcessDirectory,
  pasid: number,
): { readonly page: number; readonly level: number } {
  let page = row.root;
  for (let level = topLevel(row); level > 0; level--) {
    const below = tableBelow(world, entryPlace(page, pasid, level));
    if (below < 0) return { page, level };
    page = below;
  }
  return { page, level: 0 };
}

/** Page of the table that an entry of a directory leads to, -1 for none. */
export function tableBelow(world: World, { page, offset }: Place): number {
  const words = [readWord(world, page, offset), readWord(world, page, offset + 4)];
  return getField(words, PDTE_NONLEAF.fields.V) === 0 ? -1 : getField(words, PDTE_NONLEAF.fields.PPN);
}

/** The root that the valid context of a PASID leads to, QUIET for the empty table, -1 for no valid context. */
export function rootOf(world: World, row: ProcessDirectory, pasid: number): number {
  const place = contextPlace(world, row, pasid);
  if (place === null) return -1;
  const words = wordsOf(world, place.page);
  const first = place.offset >>> 2;
  if (getField(words, PC.fields['ta.V'], first) === 0) return -1;
  const root = getField(words, PC.fields['fsc.PPN'], first);
  return root === unitOf(world, domainIommu(world, row.domain)).emptyTable ? QUIET : root;
}

/** Whether the context of a PASID is valid. */
export function hasContext(world: World, row: ProcessDirectory, pasid: number): boolean {
  return rootOf(world, row, pasid) !== -1;
}

/** A process context for these page tables. RISC-V IOMMU 2.2.2. */
export function contextWords(world: World, pgd: number, pscid: number): Uint32Array {
  return encode(PC, { 'ta.V': 1, 'ta.PSCID': pscid, 'fsc.PPN': pgd, 'fsc.MODE': firstStageMode(world) });
}

/** The device_id of a device. */
export function deviceId(world: World, device: number): number {
  return deviceIdOf(links.get(world, devices.get(world, device).link).sid);
}

export function iommuOf(world: World, device: number): number {
  return links.get(world, devices.get(world, device).link).smmu;
}
