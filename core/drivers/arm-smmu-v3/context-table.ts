import { getField } from '../../hardware/layout.ts';
import { CMD_CFGI_CD, OPCODE } from '../../hardware/smmuv3/commands.layout.ts';
import { CD } from '../../hardware/smmuv3/context.layout.ts';
import { HTTU } from '../../hardware/smmuv3/id-registers.layout.ts';
import { REGISTER } from '../../hardware/smmuv3/registers.layout.ts';
import { mastersOf } from '../../iommu/pasid-table.ts';
import { processes } from '../../iommu/process.ts';
import { present } from '../../lib/assert.ts';
import { hasBug, tellBug } from '../../policy/policy.ts';
import { allocateContiguous } from '../../process/frame.ts';
import { mms } from '../../process/mm.ts';
import { call, done, fail, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import { writeWord, writeWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { tagOf } from './asid-map.ts';
import { issue, issueSync } from './command-queue.ts';
import {
  cdTables,
  contextPlace,
  contextWords,
  LEAF_PAGES,
  level1Place,
  level1Words,
  type Place,
  smmuDomainOf,
  streamOf,
} from './domain.ts';
import { readl } from './unit.ts';

const UNDER_LOCK = 'iommu_process_lock';

/** arm_smmu_sync_cd(): each device of the domain has its own cached copy; all must forget it. `leaf` 0: level 1 too. */
export const syncContext = procedure(
  'arm_smmu_sync_cd',
  'smmu-driver',
  { next: ['cdTable', 'pasid', 'leaf', 'after'], sync: ['cdTable'] },
  (go) => ({
    next: step(
      'has the cached context descriptor of {pasid} invalidated for the next device',
      { cite: 'SMMUv3 4.3.3' },
      (world, { cdTable, pasid, leaf, after }) => {
        const [device, ...others] = mastersOf(world, cdTables.get(world, cdTable)).filter((each) => each > after);
        if (device === undefined) return go.sync({ cdTable });
        const fields = { SubstreamID: pasid, StreamID: streamOf(world, device), Leaf: leaf };
        const command = issue(smmuOf(world, cdTable), CMD_CFGI_CD, OPCODE.CFGI_CD, fields);
        const isLast = others.length === 0;
        return call(command, isLast ? go.sync({ cdTable }) : go.next({ cdTable, pasid, leaf, after: device }));
      },
    ),
    sync: step('waits for the invalidations', { cite: 'SMMUv3 4.7.3' }, (world, { cdTable }) =>
      issueSync.at.insert({ smmu: smmuOf(world, cdTable) }),
    ),
  }),
);

const smmuOf = (world: World, cdTable: number): number => smmuDomainOf(world, cdTables.get(world, cdTable).domain).smmu;

/** The entry of a process: its own page tables, under its ASID in the SMMUs. */
function entryWords(world: World, cdTable: number, mm: number): Uint32Array {
  const { asid, shared } = tagOf(world, mm);
  const { smmu, stall } = smmuDomainOf(world, cdTables.get(world, cdTable).domain);
  return contextWords(world, smmu, mms.get(world, mm).pgd, asid, shared === 1, stall, hardwareUpdates(world, smmu));
}

/** What the SMMU may note by itself in the page tables of a process: CD.HA and HD. RFCv2 26/36. */
function hardwareUpdates(world: World, smmu: number): { HA: number; HD: number } {
  const can = getField([readl(world, smmu, REGISTER.IDR0)], REGISTER.IDR0.layout.fields.HTTU);
  return { HA: can >= HTTU.ACCESS ? 1 : 0, HD: can >= HTTU.ACCESS_DIRTY ? 1 : 0 };
}

/** Every cached copy of an entry of a table. */
export const forgetContext = (cdTable: number, pasid: number, leaf: number) =>
  syncContext.at.next({ cdTable, pasid, leaf, after: -1 });

/**
 * arm_smmu_write_ctx_desc(), installing: the body first, then word 0 with V in one 64-bit store, the caches
 * invalidated after each, so that the SMMU never sees half a descriptor. Returns 0 or -ENOMEM.
 */
export const installContext = procedure(
  'arm_smmu_write_ctx_desc',
  'smmu-driver',
  {
    leaf: ['cdTable', 'process'],
    body: ['cdTable', 'process'],
    valid: ['cdTable', 'process'],
    done: [],
  },
  (go) => ({
    leaf: step(
      'looks for the leaf of the PASID table that holds {pasid}: {found}',
      { atomic: UNDER_LOCK, cite: 'RFCv2 15/36; SMMUv3 5.3' },
      (world, { cdTable, process }) => {
        const row = cdTables.get(world, cdTable);
        const { pasid } = processes.get(world, process);
        const known = contextPlace(world, row, pasid) !== null;
        tell(world, { pasid, found: known ? 'it is there' : 'a new one is linked in' });
        if (known) return go.body({ cdTable, process });
        const leaf = allocateContiguous(world, LEAF_PAGES, LEAF_PAGES);
        if (!leaf.ok) return fail('ENOMEM');
        const at = level1Place(row, pasid);
        writeWords(world, at.page, at.offset, level1Words(leaf.value));
        return call(forgetContext(cdTable, pasid, 0), go.body({ cdTable, process }));
      },
    ),
    body: step(
      'writes the context descriptor of {pasid}, still without V: TTB0 is the pgd of {mm}',
      { atomic: UNDER_LOCK, cite: 'SMMUv3 5.4; RFCv2 23/36' },
      (world, { cdTable, process }) => {
        const row = cdTables.get(world, cdTable);
        const { mm, pasid } = processes.get(world, process);
        tell(world, { mm, pasid });
        const place = present(contextPlace(world, row, pasid), 'the leaf for the PASID is there');
        const words = entryWords(world, cdTable, mm);
        writeWords(world, place.page, place.offset + 8, words.subarray(2));
        return call(forgetContext(cdTable, pasid, 1), go.valid({ cdTable, process }));
      },
    ),
    valid: step(
      'makes the context descriptor of {pasid} valid',
      { atomic: 'one 64-bit store of word 0', cite: 'SMMUv3 5.4: V is in word 0', transaction: true },
      (world, { cdTable, process }) => {
        const row = cdTables.get(world, cdTable);
        const { mm, pasid } = processes.get(world, process);
        tell(world, { mm, pasid });
        const place = present(contextPlace(world, row, pasid), 'the leaf for the PASID is there');
        const words = entryWords(world, cdTable, mm);
        writeWords(world, place.page, place.offset, words.subarray(0, 2));
        return call(forgetContext(cdTable, pasid, 1), go.done({}));
      },
    ),
    done: step('has the context descriptor in place', { cite: 'RFCv2 21/36' }, () => done()),
  }),
);

const WORDS = CD.size / 4;

function clearValid(world: World, { page, offset }: Place): void {
  writeWord(world, page, offset, 0);
  writeWord(world, page, offset + 4, 0);
}

/** arm_smmu_write_ctx_desc(), removing: V goes first, in one store; then what is cached of it. */
export const clearContext = procedure(
  'arm_smmu_clear_ctx_desc',
  'smmu-driver',
  { clear: ['cdTable', 'pasid'], valid: ['cdTable', 'pasid'] },
  (go) => ({
    clear: step(
      '{clears} of {pasid}',
      { atomic: 'one 64-bit store of word 0', cite: 'SMMUv3 5.4; RFCv2 14/36', transaction: true },
      (world, { cdTable, pasid }) => {
        const place = contextPlace(world, cdTables.get(world, cdTable), pasid);
        tell(world, { clears: 'clears the context descriptor' });
        if (place === null) return done();
        if (hasBug(world, 'entry-torn')) {
          tellBug(world, { clears: 'begins at its end, TTB0 before V, to clear the context descriptor' });
          writeWords(world, place.page, place.offset + 8, new Uint32Array(WORDS - 2));
          return go.valid({ cdTable, pasid });
        }
        clearValid(world, place);
        return forgetContext(cdTable, pasid, 1);
      },
    ),
    valid: step(
      'clears word 0 of the context descriptor of {pasid}, with V, last',
      { cite: 'Linux before 75ed00055c05: intel_pasid_clear_entry', transaction: true },
      (world, { cdTable, pasid }) => {
        clearValid(world, present(contextPlace(world, cdTables.get(world, cdTable), pasid), 'its place is known'));
        return forgetContext(cdTable, pasid, 1);
      },
    ),
  }),
);
