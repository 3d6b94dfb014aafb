/** Whose each ASID is in the SMMUs: one map for all of them. */
import { domains } from '../../iommu/domain.ts';
import { present } from '../../lib/assert.ts';
import { mms } from '../../process/mm.ts';
import type { Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';
import { asidBits, units } from './unit.ts';

/** Whose an ASID is in the SMMUs (arm_smmu_asid_xa): entry 0 of a domain, or a process. */
export interface AsidEntry extends Row {
  readonly asid: number;
  /** The mm whose translations it tags, -1 for those of a domain. */
  readonly mm: number;
  /** The domain whose DMA addresses it tags, -1 for those of a process. */
  readonly domain: number;
  /** 1 if it is the ASID of the CPUs, whose broadcasts are meant for it too (CD.ASET = 0). */
  readonly shared: number;
  readonly users: number;
}

export const asidEntries = table<AsidEntry>(
  'asid-entry',
  { asid: 'int', mm: 'int', domain: 'int', shared: 'int', users: 'int' },
  (id, r) => ({ id, h0: 0, h1: 0, asid: r.asid, mm: r.mm, domain: r.domain, shared: r.shared, users: r.users }),
);

/** The tag of a process in the SMMUs. */
export function tagOf(world: World, mm: number): AsidEntry {
  return present(
    asidEntries.first(world, (row) => row.mm === mm),
    'a process that is attached has an ASID',
  );
}

/** Takes the lowest free ASID that an SMMU can have for a domain, -1 if there is none. */
export function takePrivateAsid(world: World, smmu: number, domain: number): number {
  const asid = lowestFree(world, asidBits(world, smmu));
  if (asid > 0) asidEntries.insert(world, { asid, mm: -1, domain, shared: 0, users: 1 });
  return asid;
}

function lowestFree(world: World, bits: number): number {
  for (let asid = 1; asid < 2 ** bits; asid++) if (entryOf(world, asid) === undefined) return asid;
  return -1;
}

export const entryOf = (world: World, asid: number): AsidEntry | undefined =>
  asidEntries.first(world, (row) => row.asid === asid);

/** An ASID for a process that every SMMU can have, since its entry may stand in the tables of several. */
export function takeOwnAsid(world: World, mm: number): number {
  const bits = Math.min(...units.all(world).map(({ smmu }) => asidBits(world, smmu)));
  const known = asidEntries.first(world, (row) => row.mm === mm);
  if (known !== undefined) return holdAgain(world, known);
  const asid = lowestFree(world, bits);
  if (asid > 0) asidEntries.insert(world, { asid, mm, domain: -1, shared: 0, users: 1 });
  return asid;
}

export function holdAgain(world: World, { id, asid }: AsidEntry): number {
  asidEntries.edit(world, id, (row) => {
    row.users += 1;
  });
  return asid;
}

/** Whose an ASID is, in words. */
export function ownerOf(world: World, { mm, domain }: Pick<AsidEntry, 'mm' | 'domain'>): string {
  return mm >= 0 ? mms.get(world, mm).name : `domain ${domains.get(world, domain).name}`;
}
