/** Address spaces that the IOMMUs know, each by the root of its page tables and its PSCID: one map for all of them. */
import { domains } from '../../iommu/domain.ts';
import type { IoTables } from '../../iommu/pasid-table.ts';
import { NO_SPACE, spaces } from '../../iommu/space.ts';
import { present } from '../../lib/assert.ts';
import { mms } from '../../process/mm.ts';
import type { Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';
import { NO_PASID } from '../atc.ts';

/**
 * Whose a PSCID is (riscv_iommu_pscids): no CPU has such tags, so none is shared with one. Exactly one of mm, domain and
 * space is given, the others are -1.
 */
export interface AddressSpace extends Row {
  readonly pscid: number;
  /** Page of the root of its tables; that of a process stands in its mm. */
  readonly pgd: number;
  readonly mm: number;
  /** The domain whose DMA addresses these are. */
  readonly domain: number;
  /** The private PASID whose DMA addresses these are. */
  readonly space: number;
  readonly users: number;
}

export const addressSpaces = table<AddressSpace>(
  'pscid',
  { pscid: 'int', pgd: 'int', mm: 'int', domain: 'int', space: 'int', users: 'int' },
  (id, r) => ({
    ...{ id, h0: 0, h1: 0, pscid: r.pscid, pgd: r.pgd },
    ...{ mm: r.mm, domain: r.domain, space: r.space, users: r.users },
  }),
);

/** RISCV_IOMMU_MAX_PSCID: 20 bits; 0 is never given out. */
const PSCID_END = 2 ** 20;

function freePscid(world: World): number {
  let pscid = 1;
  while (spaceWithPscid(world, pscid) !== undefined) pscid++;
  return pscid < PSCID_END ? pscid : -1;
}

/** The PSCID of a process, or a new one, held once more; -1 where none is left. */
export function holdPscid(world: World, mm: number): number {
  const known = addressSpaces.first(world, (row) => row.mm === mm);
  if (known === undefined) return takePscid(world, { mm, pgd: -1 });
  addressSpaces.edit(world, known.id, (row) => {
    row.users += 1;
  });
  return known.pscid;
}

/** Gives an address space the lowest free PSCID, -1 if there is none. */
export function takePscid(
  world: World,
  owner: Pick<AddressSpace, 'pgd'> & Partial<Pick<AddressSpace, 'mm' | 'domain' | 'space'>>,
): number {
  const pscid = freePscid(world);
  if (pscid > 0) addressSpaces.insert(world, { mm: -1, domain: -1, space: -1, ...owner, pscid, users: 1 });
  return pscid;
}

/** Lets go of an address space once; its PSCID is free when nobody holds it. */
export function dropPscid(world: World, { id, users }: AddressSpace): void {
  if (users === 1) {
    addressSpaces.remove(world, id);
    return;
  }
  addressSpaces.edit(world, id, (row) => {
    row.users -= 1;
  });
}

export const spaceWithPscid = (world: World, pscid: number): AddressSpace | undefined =>
  addressSpaces.first(world, (row) => row.pscid === pscid);

export const spaceOfMm = (world: World, mm: number): AddressSpace | undefined =>
  addressSpaces.first(world, (row) => row.mm === mm);

/** The PSCID of a process that is attached. */
export function pscidOf(world: World, mm: number): number {
  return present(spaceOfMm(world, mm), 'a process that is attached has a PSCID').pscid;
}

/** Page tables of DMA addresses: those of a private PASID, NO_SPACE: of the domain. One that is only being made has none. */
export function tablesOf(world: World, domain: number, space: number): IoTables {
  const own = addressSpaces.first(world, (row) => (space === NO_SPACE ? row.domain === domain : row.space === space));
  const pasid = space === NO_SPACE ? NO_PASID : spaces.get(world, space).pasid;
  return { pgd: own?.pgd ?? -1, tag: own?.pscid ?? -1, pasid };
}

/** The address space of a private PASID. */
export function spaceOfPrivate(world: World, space: number): AddressSpace {
  return present(
    addressSpaces.first(world, (row) => row.space === space),
    'a private PASID has page tables',
  );
}

/** Whose an address space is, in words. */
export function ownerOf(world: World, { mm, domain, space }: Pick<AddressSpace, 'mm' | 'domain' | 'space'>): string {
  if (mm >= 0) return mms.get(world, mm).name;
  return domain >= 0 ? `domain ${domains.get(world, domain).name}` : spaces.get(world, space).name;
}
