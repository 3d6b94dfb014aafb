import { CMD_TLBI_NH_ASID, OPCODE } from '../../hardware/smmuv3/commands.layout.ts';
import { spaces } from '../../iommu/space.ts';
import { present } from '../../lib/assert.ts';
import { allocateContiguous } from '../../process/frame.ts';
import { call, fail, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import { writeWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { type PrivateDriver, privatePasidsOf } from '../private-pasids.ts';
import { issue } from './command-queue.ts';
import { forgetContext } from './context-table.ts';
import {
  type CdTable,
  cdTables,
  contextPlace,
  contextWords,
  LEAF_PAGES,
  level1Place,
  level1Words,
  smmuDomainOf,
} from './domain.ts';
import { CACHES } from './invalidate.ts';
import { dropTables, tablesOf, takeTables } from './io-pgtable.ts';
import { TABLES } from './pasid-entries.ts';

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

/** What this driver does for a private PASID; the order is in drivers/private-pasids.ts. */
const PRIVATE: PrivateDriver<CdTable> = {
  ...CACHES,
  prefix: 'arm_smmu',
  words: { table: 'PASID table', shortTable: 'table', entry: 'entry', tag: 'ASID' },
  cites: {
    make: 'arm_smmu_domain_finalise()',
    entry: 'SMMUv3 5.4',
    iotlb: 'SMMUv3 4.4.2.2',
    atc: 'SMMUv3 4.5.1; arm_smmu_atc_inv_domain()',
    free: 'io-pgtable.c free_io_pgtable_ops()',
  },
  table: TABLES,
  install: (cdTable, space) => installPrivate.at.leaf({ cdTable, space }),
  takeTables,
  dropTables,
  forgetTag: (world, domain, tag) =>
    issue(smmuDomainOf(world, domain).smmu, CMD_TLBI_NH_ASID, OPCODE.TLBI_NH_ASID, { ASID: tag }),
};

export const { attachPrivate, detachPrivate } = privatePasidsOf(PRIVATE);
