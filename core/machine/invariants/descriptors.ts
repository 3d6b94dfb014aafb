import { deviceOn, devices } from '../../devices/device.ts';
import type { ConfigLine } from '../../hardware/config-cache.ts';
import { linkTo } from '../../hardware/pcie/link.ts';
import { domains } from '../../iommu/domain.ts';
import { domainOf } from '../../iommu/group.ts';
import { pasidCursor } from '../../iommu/pasid.ts';
import { isBoundThrough, type PasidTable, QUIET } from '../../iommu/pasid-table.ts';
import { processLock, processWithPasid } from '../../iommu/process.ts';
import { type PasidTables, siliconOf } from '../../iommu/silicon.ts';
import { NO_SPACE, type Space, spaces, spaceWithPasid } from '../../iommu/space.ts';
import { present } from '../../lib/assert.ts';
import { hex } from '../../lib/format.ts';
import { mms } from '../../process/mm.ts';
import { isFree } from '../../sim/lock.ts';
import type { World } from '../../world/world.ts';
import { every, type Invariant, type Verdict } from './invariant.ts';

export const DESCRIPTOR_INVARIANTS: readonly Invariant[] = [
  {
    id: 'pasid-entries',
    stands: ['I1'],
    claim:
      'A valid context descriptor leads to the page tables of who holds the PASID, a process or a device, or, once a process exits, nowhere.',
    cases: 'valid context descriptors of a PASID',
    check: deadContext,
  },
  {
    id: 'context-entries',
    stands: ['I9', 'P4'],
    claim: 'A PASID table has an entry for exactly the processes that those whom it serves have bound.',
    cases: 'contexts and valid context descriptors, while nobody holds iommu_process_lock',
    check: entryWithoutContext,
  },
  {
    id: 'entry-zero',
    stands: [],
    claim: 'Entry 0 of a PASID table is valid, its ASID is private, and it leads to the DMA page tables of its domain.',
    cases: 'PASID tables',
    check: (world) => every(siliconOf(world).pasidTables.rows.slots(world), (table) => wrongEntryZero(world, table)),
  },
  {
    id: 'private-entries',
    stands: ['I9'],
    claim: 'A private PASID that is in use has an entry in the PASID table of its device, and belongs to no process.',
    cases: 'private PASIDs',
    check: (world) => every(spaces.slots(world), (space) => wrongSpace(world, space)),
  },
  {
    id: 'released-tables',
    stands: ['I30', 'P10'],
    claim: 'Once the notifiers of an mm have been told of its end, no context descriptor leads to its page tables.',
    cases: 'valid context descriptors of a PASID',
    check: (world) => every(descriptorsOf(world), (descriptor) => releasedRoot(world, descriptor)),
  },
  {
    id: 'asid-owner',
    stands: ['I16', 'P12'],
    claim: 'Context descriptors with one ASID lead to the same page tables.',
    cases: 'valid context descriptors',
    check: sharedAsid,
  },
  {
    id: 'descriptors-cached',
    stands: ['I4', 'I13'],
    claim:
      'While nobody holds iommu_process_lock, the context descriptor that the SMMU has cached for a PASID is that in memory.',
    cases: 'cached context descriptors of a PASID',
    check: staleDescriptor,
  },
];

/** PASIDs that are looked at: those that the cursor has passed, and all of a table so small that it has wrapped. */
const PASIDS_CHECKED = 64;

/** The end of the PASIDs that are looked at in a table. */
export function lastPasid(world: World, { contextBits }: PasidTable): number {
  const all = 2 ** contextBits;
  return Math.min(all <= PASIDS_CHECKED ? all : pasidCursor.get(world, 0).next, PASIDS_CHECKED);
}

function deadContext(world: World): Verdict {
  const { pasidTables, ioTables } = siliconOf(world);
  let looked = 0;
  for (const table of pasidTables.rows.all(world)) {
    for (let pasid = lastPasid(world, table) - 1; pasid > 0; pasid--) {
      const root = pasidTables.rootOf(world, table, pasid);
      if (root === -1) continue;
      looked++;
      const space = spaceWithPasid(world, pasid);
      const process = processWithPasid(world, pasid);
      const mm = process && mms.find(world, process.mm);
      if (space !== undefined && ioTables(world, space.domain, space.id).pgd === root) continue;
      if (mm === undefined) return `PASID ${pasid} has a valid entry and no process`;
      if (root !== QUIET && mm.pgd !== root)
        return `PASID ${pasid} leads to page tables at 0x${hex(root)}, not those of ${mm.name}`;
    }
  }
  return looked;
}

/** Entry and context come and go together, under the lock; the entry of a process that exits goes first. */
function entryWithoutContext(world: World): Verdict {
  if (!isFree(world, processLock.id)) return 0;
  const { pasidTables } = siliconOf(world);
  let looked = 0;
  for (const table of pasidTables.rows.all(world)) {
    for (let pasid = lastPasid(world, table) - 1; pasid > 0; pasid--) {
      if (spaceWithPasid(world, pasid) !== undefined) continue;
      const process = processWithPasid(world, pasid);
      const isLinked = process !== undefined && isBoundThrough(world, process.id, table);
      const isValid = pasidTables.rootOf(world, table, pasid) !== -1;
      if (isLinked && !isValid && process.state !== 'exiting') return `PASID ${pasid} has a context and no valid entry`;
      if (isValid && !isLinked) return `PASID ${pasid} has a valid entry and no context`;
      if (isValid) looked++;
    }
  }
  return looked;
}

function wrongEntryZero(world: World, table: PasidTable): string | null {
  const { pasidTables, ioTables } = siliconOf(world);
  const { name } = domains.get(world, table.domain);
  const root = pasidTables.rootOf(world, table, 0);
  if (root < 0) return `entry 0 of domain ${name} is not valid`;
  const { pgd } = ioTables(world, table.domain, NO_SPACE);
  if (root !== pgd) return `entry 0 of domain ${name} leads to 0x${hex(root)}, not to 0x${hex(pgd)}`;
  const words = present(pasidTables.wordsOf(world, table, 0), 'a valid entry has a place');
  return pasidTables.isShared(words) ? `entry 0 of domain ${name} has a shared ASID` : null;
}

function wrongSpace(world: World, { name, device, pasid, state }: Space): string | null {
  if (pasid < 0) return null;
  if (processWithPasid(world, pasid) !== undefined) return `PASID ${pasid} of ${name} belongs to a process too`;
  if (state !== 'live' || domainOf(world, device) < 0) return null;
  const { pasidTables } = siliconOf(world);
  const isThere = pasidTables.rootOf(world, pasidTables.of(world, device), pasid) !== -1;
  return isThere ? null : `PASID ${pasid} of ${name} has no valid entry`;
}

/** An entry that the hardware would walk tables by now. */
interface Descriptor {
  readonly table: PasidTable;
  readonly iommu: number;
  readonly pasid: number;
  /** Page of the root of its tables. */
  readonly root: number;
  readonly tag: number;
}

/** The valid entries of all PASIDs, and entry 0 where `withZero`. */
function descriptorsOf(world: World, withZero = false): Descriptor[] {
  const { pasidTables, iommuOfDomain } = siliconOf(world);
  const found: Descriptor[] = [];
  for (const table of pasidTables.rows.all(world)) {
    for (let pasid = lastPasid(world, table) - 1; pasid >= (withZero ? 0 : 1); pasid--) {
      const root = pasidTables.rootOf(world, table, pasid);
      const iommu = iommuOfDomain(world, table.domain);
      if (root >= 0) found.push({ table, iommu, pasid, root, tag: tagIn(world, pasidTables, table, pasid) });
    }
  }
  return found;
}

/** The tag in the entry of a PASID, -1 where there is no place for one. */
export function tagIn(world: World, tables: PasidTables, table: PasidTable, pasid: number): number {
  const words = tables.wordsOf(world, table, pasid);
  return words === null ? -1 : tables.tagIn(words);
}

function releasedRoot(world: World, { pasid, root }: Descriptor): string | null {
  if (spaceWithPasid(world, pasid) !== undefined) return null;
  const mm = mms.first(world, ({ pgd }) => pgd === root);
  if (mm === undefined) return `PASID ${pasid} leads to page tables at 0x${hex(root)} that are nobody's`;
  const isUnheard = mm.notifiers === 0;
  return isUnheard ? `PASID ${pasid} leads to the page tables of ${mm.name} after its release` : null;
}

function sharedAsid(world: World): Verdict {
  const roots = new Map<string, number>();
  return every(descriptorsOf(world, true), ({ table, iommu, tag, root, pasid }) => {
    const known = roots.get(`${iommu}.${tag}`) ?? root;
    roots.set(`${iommu}.${tag}`, root);
    if (known === root) return null;
    const whose = devices.find(world, table.device)?.name ?? domains.find(world, table.domain)?.name;
    return `PASID ${pasid} of ${whose} has ASID ${tag}, which is that of page tables at 0x${hex(known)}`;
  });
}

function staleDescriptor(world: World): Verdict {
  if (!isFree(world, processLock.id)) return 0;
  const { iommus, pasidTables } = siliconOf(world);
  let looked = 0;
  for (const { id, name } of iommus.all(world)) {
    const lines = pasidTables.cached(world, id).filter(({ ssid }) => ssid > 0);
    const verdict = every(lines, (line) => changedSince(world, id, line));
    if (typeof verdict === 'string') return `${name} ${verdict}`;
    looked += verdict;
  }
  return looked;
}

function changedSince(world: World, iommu: number, { sid, ssid, words }: ConfigLine): string | null {
  const link = linkTo(world, iommu, sid);
  const device = link === null ? undefined : deviceOn(world, link.id);
  if (device === undefined || domainOf(world, device.id) < 0) return null;
  const { pasidTables } = siliconOf(world);
  const now = pasidTables.wordsOf(world, pasidTables.of(world, device.id), ssid);
  if (now === null) return `has a descriptor for PASID ${ssid} of ${device.name}, for which there is none`;
  const isSame = words.every((word, index) => now[index] === word);
  return isSame ? null : `has an old descriptor for PASID ${ssid} of ${device.name}`;
}
