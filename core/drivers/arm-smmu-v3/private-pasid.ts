import { devices } from '../../devices/device.ts';
import { CMD_TLBI_NH_ASID, OPCODE } from '../../hardware/smmuv3/commands.layout.ts';
import { takesEntries } from '../../iommu/pasid-table.ts';
import { spaces } from '../../iommu/space.ts';
import { present } from '../../lib/assert.ts';
import { isError } from '../../lib/errno.ts';
import { allocateContiguous, allocateFrame } from '../../process/frame.ts';
import { call, done, fail, procedure, RESULT, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import { writeWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { EVERYTHING, nextCache } from '../atc.ts';
import { freeBelow } from '../dma-tables.ts';
import { issue, issueSync } from './command-queue.ts';
import { clearContext, forgetContext } from './context-table.ts';
import {
  type CdTable,
  cdTables,
  cdTablesFor,
  cdTablesIn,
  contextPlace,
  contextWords,
  hasContext,
  LEAF_PAGES,
  level1Place,
  level1Words,
  smmuDomainOf,
} from './domain.ts';
import { invalidateAtc } from './invalidate.ts';
import { dropTables, tablesOf, takeTables } from './io-pgtable.ts';

/** Private PASIDs in the PASID tables: entries whose page tables belong to no process. */

const wordsFor = (world: World, space: number): Uint32Array => {
  const { domain } = spaces.get(world, space);
  const { pgd, tag } = tablesOf(world, domain, space);
  const { smmu, stall } = smmuDomainOf(world, domain);
  return contextWords(world, smmu, pgd, tag, false, stall);
};

const pasidOf = (world: World, space: number): number => spaces.get(world, space).pasid;

/** arm_smmu_write_ctx_desc() for a private PASID: as for a process, but its ASID is private. Returns 0 or -ENOMEM. */
const installPrivate = procedure(
  'arm_smmu_write_private_cd',
  'smmu-driver',
  { leaf: ['cdTable', 'space'], body: ['cdTable', 'space'], valid: ['cdTable', 'space'] },
  (go) => ({
    leaf: step(
      'looks for the leaf of the PASID table that holds {pasid}: {found}',
      { cite: 'SMMUv3 5.3' },
      (world, { cdTable, space }) => {
        const table = cdTables.get(world, cdTable);
        const pasid = pasidOf(world, space);
        const known = contextPlace(world, table, pasid) !== null;
        tell(world, { pasid, found: known ? 'it is there' : 'a new one is linked in' });
        if (known) return go.body({ cdTable, space });
        const leaf = allocateContiguous(world, LEAF_PAGES, LEAF_PAGES);
        if (!leaf.ok) return fail('ENOMEM');
        const at = level1Place(table, pasid);
        writeWords(world, at.page, at.offset, level1Words(leaf.value));
        return call(forgetContext(cdTable, pasid, 0), go.body({ cdTable, space }));
      },
    ),
    body: step(
      'writes the context descriptor of {pasid}, still without V: TTB0 is the root of {space}',
      { cite: 'SMMUv3 5.4' },
      (world, { cdTable, space }) => {
        const pasid = pasidOf(world, space);
        tell(world, { pasid });
        const place = present(contextPlace(world, cdTables.get(world, cdTable), pasid), 'the leaf is there');
        writeWords(world, place.page, place.offset + 8, wordsFor(world, space).subarray(2));
        return call(forgetContext(cdTable, pasid, 1), go.valid({ cdTable, space }));
      },
    ),
    valid: step(
      'makes the context descriptor of {pasid} valid',
      { atomic: 'one 64-bit store of word 0', cite: 'SMMUv3 5.4: V is in word 0', transaction: true },
      (world, { cdTable, space }) => {
        const pasid = pasidOf(world, space);
        tell(world, { pasid });
        const place = present(contextPlace(world, cdTables.get(world, cdTable), pasid), 'the leaf is there');
        writeWords(world, place.page, place.offset, wordsFor(world, space).subarray(0, 2));
        return forgetContext(cdTable, pasid, 1);
      },
    ),
  }),
);

const nextTable = (world: World, device: number, after: number): CdTable | undefined =>
  cdTablesFor(world, device).find((row) => row.id > after && takesEntries(world, row));

/** Page tables for a private PASID, then its entry in each table that the device's traffic goes through, or in none. */
export const attachPrivate = procedure(
  'arm_smmu_attach_pasid',
  'smmu-driver',
  {
    tables: ['device', 'space'],
    entry: ['device', 'space', 'after'],
    written: ['device', 'space', 'after', 'result'],
    undone: ['space', 'errno'],
  },
  (go) => ({
    tables: step(
      'makes page tables for {space}, with ASID {asid}: {outcome}',
      { atomic: 'iommu_process_lock', cite: 'arm_smmu_domain_finalise()' },
      (world, { device, space }) => {
        const root = allocateFrame(world, 'table');
        tell(world, { asid: 0, outcome: root.ok ? 'nothing is mapped' : 'no memory is left' });
        if (!root.ok) return fail('ENOMEM');
        tell(world, { asid: takeTables(world, space, root.value) });
        return go.entry({ device, space, after: -1 });
      },
    ),
    entry: step(
      'looks for the next PASID table that gets the entry: {found}',
      { cite: 'drivers/iommu/iommu.c __iommu_set_group_pasid()' },
      (world, { device, space, after }) => {
        const table = nextTable(world, device, after);
        tell(world, { found: table === undefined ? 'all have it' : 'there is one' });
        if (table === undefined) return done();
        const then = go.written({ device, space, after: table.id, result: RESULT });
        return call(installPrivate.at.leaf({ cdTable: table.id, space }), then);
      },
    ),
    written: step(
      'goes on to the next table, or takes back what it did',
      { cite: 'drivers/iommu/iommu.c __iommu_set_group_pasid()' },
      (_world, { device, space, after, result }) => {
        if (!isError(result)) return go.entry({ device, space, after });
        return call(clearPrivate.at.next({ space, after: -1 }), go.undone({ space, errno: -result }));
      },
    ),
    undone: step('gives the page tables back', { cite: 'drivers/iommu/iommu.c' }, (world, { space, errno }) => {
      freeTables(world, space);
      return fail(errno);
    }),
  }),
);

/** Takes the entry of a private PASID out of every PASID table that has it. */
const clearPrivate = procedure('arm_smmu_clear_pasid', 'smmu-driver', { next: ['space', 'after'] }, (go) => ({
  next: step(
    'looks for the next PASID table that has the entry: {found}',
    { cite: 'drivers/iommu/iommu.c __iommu_remove_group_pasid()' },
    (world, { space, after }) => {
      const { domain, pasid } = spaces.get(world, space);
      const table = cdTablesIn(world, domain).find((row) => row.id > after && hasContext(world, row, pasid));
      tell(world, { found: table === undefined ? 'none' : 'there is one' });
      if (table === undefined) return done();
      return call(clearContext.at.clear({ cdTable: table.id, pasid }), go.next({ space, after: table.id }));
    },
  ),
}));

/** The entry, the IOTLB by ASID, the ATC by PASID; then page tables and the memory that they map are free. */
export const detachPrivate = procedure(
  'arm_smmu_detach_pasid',
  'smmu-driver',
  {
    entry: ['space'],
    tlb: ['space'],
    sync: ['space'],
    atc: ['space', 'after'],
    wait: ['space'],
    free: ['space'],
  },
  (go) => ({
    entry: step('takes the entry of {space} away', { cite: 'SMMUv3 5.4' }, (_world, { space }) =>
      call(clearPrivate.at.next({ space, after: -1 }), go.tlb({ space })),
    ),
    tlb: step('invalidates the IOTLB by the ASID of {space}', { cite: 'SMMUv3 4.4.2.2' }, (world, { space }) => {
      const { domain } = spaces.get(world, space);
      const { tag } = tablesOf(world, domain, space);
      const { smmu } = smmuDomainOf(world, domain);
      return call(issue(smmu, CMD_TLBI_NH_ASID, OPCODE.TLBI_NH_ASID, { ASID: tag }), go.sync({ space }));
    }),
    sync: step('waits until the IOTLB is clean', { cite: 'SMMUv3 4.7.3' }, (world, { space }) => {
      const { domain } = spaces.get(world, space);
      const { smmu } = smmuDomainOf(world, domain);
      return call(issueSync.at.insert({ smmu }), go.atc({ space, after: -1 }));
    }),
    atc: step(
      'sees to the ATCs for {pasid}: {found}',
      { cite: 'SMMUv3 4.5.1; arm_smmu_atc_inv_domain()' },
      (world, { space, after }) => {
        const { domain, pasid } = spaces.get(world, space);
        const device = nextCache(world, domain, after, pasid);
        tell(world, {
          pasid,
          found: device === undefined ? 'no other device has one' : `that of ${devices.get(world, device).name}`,
        });
        if (device === undefined) return after < 0 ? go.free({ space }) : go.wait({ space });
        return call(invalidateAtc(world, device, pasid, EVERYTHING, EVERYTHING), go.atc({ space, after: device }));
      },
    ),
    wait: step('waits until the ATCs are clean', { cite: 'SMMUv3 3.9.1' }, (world, { space }) => {
      const { smmu } = smmuDomainOf(world, spaces.get(world, space).domain);
      return call(issueSync.at.insert({ smmu }), go.free({ space }));
    }),
    free: step(
      'frees the page tables of {space}, and {count} mapped',
      { cite: 'io-pgtable.c free_io_pgtable_ops()' },
      (world, { space }) => {
        const count = freeTables(world, space);
        tell(world, { count: count === 1 ? 'the page that was' : `${count} pages that were` });
        return done();
      },
    ),
  }),
);

/** Frees what a private PASID maps, its page tables, and its ASID; gives the pages that were mapped. */
function freeTables(world: World, space: number): number {
  const count = freeBelow(world, tablesOf(world, spaces.get(world, space).domain, space).pgd);
  dropTables(world, space);
  return count;
}
