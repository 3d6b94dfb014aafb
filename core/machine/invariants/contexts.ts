import { type CdTable, cdTables, contextPlace, isBoundThrough } from '../../drivers/arm-smmu-v3/domain.ts';
import { tablesOf } from '../../drivers/arm-smmu-v3/io-pgtable.ts';
import { getField, pageOf } from '../../hardware/layout.ts';
import { CD } from '../../hardware/smmuv3/context.layout.ts';
import { bonds, contexts, contextsOf } from '../../iommu/context.ts';
import { domains } from '../../iommu/domain.ts';
import { pasidCursor } from '../../iommu/pasid.ts';
import { processes, processLock, processWithPasid } from '../../iommu/process.ts';
import { NO_SPACE } from '../../iommu/space.ts';
import { present } from '../../lib/assert.ts';
import { hex } from '../../lib/format.ts';
import { mms } from '../../process/mm.ts';
import { isFree } from '../../sim/lock.ts';
import { wordsOf } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { every, type Invariant, type Verdict } from './invariant.ts';

export const CONTEXT_INVARIANTS: readonly Invariant[] = [
  {
    id: 'pasid-entries',
    stands: ['I1'],
    claim:
      'A valid context descriptor leads to the page tables of the process that holds the PASID, or, once it exits, nowhere.',
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
    check: (world) => every(cdTables.slots(world), (cdTable) => wrongEntryZero(world, cdTable)),
  },
  {
    id: 'context-devices',
    stands: ['I5', 'P2'],
    claim: 'A context counts exactly the devices that have a bond.',
    cases: 'contexts',
    check: (world) =>
      every(contexts.slots(world), ({ id, devices }) => {
        const count = bonds.all(world).filter(({ context }) => context === id).length;
        return count === devices ? null : `context ${id} counts ${devices} devices and has ${count}`;
      }),
  },
  {
    id: 'context-refs',
    stands: ['P3'],
    claim: 'A process has at least one reference for each of its contexts.',
    cases: 'processes with a context',
    check: (world) =>
      every(processes.slots(world), ({ id, kref, pasid }) => {
        const links = contextsOf(world, id).length;
        return links <= kref ? null : `PASID ${pasid} has ${links} contexts and ${kref} references`;
      }),
  },
];

/** PASIDs that are looked at: those that the cursor has passed, and all of a table so small that it has wrapped. */
const PASIDS_CHECKED = 64;

function lastPasid(world: World, cdTable: CdTable): number {
  const all = 2 ** cdTable.contextBits;
  return Math.min(all <= PASIDS_CHECKED ? all : pasidCursor.get(world, 0).next, PASIDS_CHECKED);
}

/** Stands for where a valid entry leads whose walks are off: nowhere. */
const QUIET = -2;

/** The root that the valid entry of a PASID leads to, QUIET for nowhere, -1 for no valid entry. */
function rootOf(world: World, cdTable: CdTable, pasid: number): number {
  const place = contextPlace(world, cdTable, pasid);
  if (place === null) return -1;
  const words = wordsOf(world, place.page);
  const first = place.offset >>> 2;
  if (getField(words, CD.fields.V, first) === 0) return -1;
  if (getField(words, CD.fields.EPD0, first) === 1) return QUIET;
  return pageOf(getField(words, CD.fields.TTB0, first), CD.fields.TTB0.shift ?? 4);
}

function wrongEntryZero(world: World, cdTable: CdTable): string | null {
  const { name } = domains.get(world, cdTable.domain);
  const root = rootOf(world, cdTable, 0);
  if (root < 0) return `entry 0 of domain ${name} is not valid`;
  const { pgd } = tablesOf(world, cdTable.domain, NO_SPACE);
  if (root !== pgd) return `entry 0 of domain ${name} leads to 0x${hex(root)}, not to 0x${hex(pgd)}`;
  const place = present(contextPlace(world, cdTable, 0), 'a valid entry has a place');
  const isShared = getField(wordsOf(world, place.page), CD.fields.ASET, place.offset >>> 2) === 0;
  return isShared ? `entry 0 of domain ${name} has a shared ASID` : null;
}

function deadContext(world: World): Verdict {
  let looked = 0;
  for (const cdTable of cdTables.all(world)) {
    for (let pasid = lastPasid(world, cdTable) - 1; pasid > 0; pasid--) {
      const root = rootOf(world, cdTable, pasid);
      if (root === -1) continue;
      const process = processWithPasid(world, pasid);
      const mm = process && mms.find(world, process.mm);
      if (mm === undefined) return `PASID ${pasid} has a valid entry and no process`;
      if (root !== QUIET && mm.pgd !== root)
        return `PASID ${pasid} leads to page tables at 0x${hex(root)}, not those of ${mm.name}`;
      looked++;
    }
  }
  return looked;
}

/** Entry and context come and go together, under the lock; the entry of a process that exits goes first. */
function entryWithoutContext(world: World): Verdict {
  if (!isFree(world, processLock.id)) return 0;
  let looked = 0;
  for (const cdTable of cdTables.all(world)) {
    for (let pasid = lastPasid(world, cdTable) - 1; pasid > 0; pasid--) {
      const process = processWithPasid(world, pasid);
      const isLinked = process !== undefined && isBoundThrough(world, process.id, cdTable);
      const isValid = rootOf(world, cdTable, pasid) !== -1;
      if (isLinked && !isValid && process.state !== 'exiting') return `PASID ${pasid} has a context and no valid entry`;
      if (isValid && !isLinked) return `PASID ${pasid} has a valid entry and no context`;
      if (isValid) looked++;
    }
  }
  return looked;
}
