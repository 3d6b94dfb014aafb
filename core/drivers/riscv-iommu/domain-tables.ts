/** Domains and their process directories as they come and go: what a device needs before it can be attached. */
import { devices } from '../../devices/device.ts';
import { encode } from '../../hardware/layout.ts';
import { PDTE_NONLEAF } from '../../hardware/riscv-iommu/process-directory.layout.ts';
import { domains } from '../../iommu/domain.ts';
import { NO_SPACE } from '../../iommu/space.ts';
import { assert, present } from '../../lib/assert.ts';
import { decides } from '../../policy/policy.ts';
import { allocateContiguous, allocateFrame, putFrame } from '../../process/frame.ts';
import { writeWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { tablesOf, takePscid } from './address-space.ts';
import {
  contextPlace,
  contextWords,
  directories,
  directoryMode,
  domainIommu,
  iommuOf,
  missingEntry,
  type ProcessDirectory,
  riscvDomains,
  tableBelow,
} from './domain.ts';

export const BACKEND = 'riscv';

const PDTE_NONLEAF_COUNT = 4096 / PDTE_NONLEAF.size;

/** How the directory for PASIDs of so many bits looks; a device without PASIDs needs none, its domain has one all the same. */
function shapeFor(
  world: World,
  iommu: number,
  pasidBits: number,
): { readonly mode: number; readonly contextBits: number } {
  const shape = present(directoryMode(world, iommu, pasidBits), 'an IOMMU with a driver has process directories');
  return { mode: shape.mode, contextBits: Math.min(shape.bits, Math.max(pasidBits, 1)) };
}

/** Pages that all tables of a domain take: a directory as deep as its PASIDs need, and the root of its DMA addresses. */
export function domainPages(world: World, iommu: number, pasidBits: number): number {
  return shapeFor(world, iommu, pasidBits).mode + 1;
}

/** A domain: process 0 of its directory maps DMA addresses, none yet. At boot. riscv_iommu_alloc_paging_domain(). */
export function createDomain(world: World, name: string, iommu: number, pasidBits: number): number {
  const { contextBits } = shapeFor(world, iommu, pasidBits);
  const domain = domains.insert(world, { name, backend: BACKEND, minPasid: 1, maxPasid: 2 ** contextBits - 1 });
  const pgd = mustHave(allocateFrame(world, 'kernel'));
  const pscid = takePscid(world, { domain: domain.id, pgd });
  assert(pscid > 0, 'the IOMMUs have a PSCID for each domain');
  riscvDomains.insert(world, { domain: domain.id, iommu });
  if (decides(world, 'pasid-table', 'domain')) createDirectory(world, domain.id, -1, pasidBits);
  return domain.id;
}

/** Gives a device that joins a domain a process directory of its own, where the design wants it so. */
export function createOwnTable(world: World, domain: number, device: number): void {
  if (!decides(world, 'pasid-table', 'device')) return;
  const { contextBits } = createDirectory(world, domain, device, devices.get(world, device).pasidBits);
  domains.edit(world, domain, (row) => {
    row.maxPasid = Math.max(row.maxPasid, 2 ** contextBits - 1);
  });
}

/** Gives back the process directory that a device had of its own. */
export function freeOwnTable(world: World, device: number): void {
  const row = directories.first(world, (each) => each.device === device);
  if (row === undefined) return;
  freeBelow(world, row.root, row.mode - 1);
  directories.remove(world, row.id);
}

function freeBelow(world: World, page: number, level: number): void {
  for (let index = 0; level > 0 && index < PDTE_NONLEAF_COUNT; index++) {
    const below = tableBelow(world, { page, offset: index * PDTE_NONLEAF.size });
    if (below >= 0) freeBelow(world, below, level - 1);
  }
  putFrame(world, page);
}

function createDirectory(world: World, domain: number, device: number, pasidBits: number): ProcessDirectory {
  const shape = shapeFor(world, domainIommu(world, domain), pasidBits);
  const root = mustHave(allocateContiguous(world, 1));
  const row = directories.insert(world, { domain, device, root, ...shape });
  for (let entry = missingEntry(world, row, 0); entry !== null; entry = missingEntry(world, row, 0)) {
    const below = mustHave(allocateContiguous(world, 1));
    writeWords(world, entry.page, entry.offset, encode(PDTE_NONLEAF, { V: 1, PPN: below }));
  }
  writeContextZero(world, row);
  return row;
}

function mustHave(result: { readonly ok: true; readonly value: number } | { readonly ok: false }): number {
  assert(result.ok, 'memory is large enough for the tables of a domain');
  return result.value;
}

/** Process 0, which traffic without a process_id has (DC.tc.DPE): the DMA addresses of the domain. */
function writeContextZero(world: World, row: ProcessDirectory): void {
  const { pgd, tag } = tablesOf(world, row.domain, NO_SPACE);
  const { page, offset } = present(contextPlace(world, row, 0), 'the context of process 0 is always there');
  writeWords(world, page, offset, contextWords(world, pgd, tag));
}

/** A directory that belongs to a device goes with it: process 0 becomes that of the domain which the device joins. */
export function bringOwnTable(world: World, domain: number, device: number): void {
  const own = directories.first(world, (row) => row.device === device);
  if (own === undefined || own.domain === domain) return;
  const row = directories.edit(world, own.id, (draft) => {
    draft.domain = domain;
  });
  writeContextZero(world, row);
}

/** Why a device cannot be attached to a domain: it is another IOMMU's. */
export function whyNotAttach(world: World, domain: number, device: number): 'ENXIO' | null {
  return iommuOf(world, device) === domainIommu(world, domain) ? null : 'ENXIO';
}
