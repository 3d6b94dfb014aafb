import { encode } from '../../hardware/layout.ts';
import { CMD_IODIR, FUNC3, OPCODE } from '../../hardware/riscv-iommu/commands.layout.ts';
import { PC, PDTE_NONLEAF } from '../../hardware/riscv-iommu/process-directory.layout.ts';
import { mastersOf } from '../../iommu/pasid-table.ts';
import { processes } from '../../iommu/process.ts';
import { spaces } from '../../iommu/space.ts';
import { present } from '../../lib/assert.ts';
import { hasBug, tellBug } from '../../policy/policy.ts';
import { allocateContiguous } from '../../process/frame.ts';
import { mms } from '../../process/mm.ts';
import { call, done, fail, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import { writeWords } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { pscidOf, tablesOf } from './address-space.ts';
import { issue, issueFence } from './command-queue.ts';
import type { Place } from './directory.ts';
import { contextPlace, contextWords, deviceId, directories, domainIommu, hasContext, missingEntry } from './domain.ts';
import { firstStageMode, unitOf } from './unit.ts';

const UNDER_LOCK = 'iommu_process_lock';

const iommuOf = (world: World, directory: number): number =>
  domainIommu(world, directories.get(world, directory).domain);

/** Each device of the domain has its own cached copy of a process context; all must forget it. RISC-V IOMMU 3.1.3. */
const syncContext = procedure(
  'riscv_iommu_pdt_inval',
  'smmu-driver',
  { next: ['directory', 'pasid', 'after'], sync: ['directory'] },
  (go) => ({
    next: step(
      'has the cached process context of {pasid} invalidated for the next device',
      { cite: 'RISC-V IOMMU 3.1.3' },
      (world, { directory, pasid, after }) => {
        const [device, ...others] = mastersOf(world, directories.get(world, directory)).filter((each) => each > after);
        if (device === undefined) return go.sync({ directory });
        const code = { opcode: OPCODE.IODIR, func3: FUNC3.INVAL_PDT };
        const command = issue(iommuOf(world, directory), CMD_IODIR, code, {
          DV: 1,
          DID: deviceId(world, device),
          PID: pasid,
        });
        const isLast = others.length === 0;
        return call(command, isLast ? go.sync({ directory }) : go.next({ directory, pasid, after: device }));
      },
    ),
    sync: step('waits for the invalidations', { cite: 'RISC-V IOMMU 3.1.2' }, (world, { directory }) =>
      issueFence.at.insert({ iommu: iommuOf(world, directory) }),
    ),
  }),
);

/** Every cached copy of a context of a directory. */
const forgetContext = (directory: number, pasid: number) => syncContext.at.next({ directory, pasid, after: -1 });

/** The process context of a PASID, in words. */
interface Entry {
  readonly pasid: number;
  readonly words: Uint32Array;
}

function ofProcess(world: World, process: number): Entry {
  const { mm, pasid } = processes.get(world, process);
  return { pasid, words: contextWords(world, mms.get(world, mm).pgd, pscidOf(world, mm)) };
}

function ofSpace(world: World, space: number): Entry {
  const { domain, pasid } = spaces.get(world, space);
  const { pgd, tag } = tablesOf(world, domain, space);
  return { pasid, words: contextWords(world, pgd, tag) };
}

const placeOf = (world: World, directory: number, pasid: number): Place =>
  present(contextPlace(world, directories.get(world, directory), pasid), 'the tables for the PASID are there');

/** fsc, the second half. */
function writeBody(world: World, directory: number, { pasid, words }: Entry): void {
  const { page, offset } = placeOf(world, directory, pasid);
  writeWords(world, page, offset + 8, words.subarray(2));
}

/** ta with V, the first half. */
function writeValid(world: World, directory: number, { pasid, words }: Entry): void {
  const { page, offset } = placeOf(world, directory, pasid);
  writeWords(world, page, offset, words.subarray(0, 2));
}

/** Links the next table in that is missing on the way to a context; false where no memory is left. */
function linkTable(world: World, entry: Place): boolean {
  const below = allocateContiguous(world, 1);
  if (!below.ok) return false;
  writeWords(world, entry.page, entry.offset, encode(PDTE_NONLEAF, { V: 1, PPN: below.value }));
  return true;
}

/**
 * The process context of a process: fsc first, then ta with V in one 64-bit store. What is not valid is never cached
 * (RISC-V IOMMU 2.7), so nothing has to be forgotten before a walk can find it. Returns 0 or -ENOMEM.
 */
export const installContext = procedure(
  'riscv_iommu_set_pc',
  'smmu-driver',
  {
    tables: ['directory', 'process'],
    body: ['directory', 'process'],
    valid: ['directory', 'process'],
    done: [],
  },
  (go) => ({
    tables: step(
      'looks for the way through the process directory to {pasid}: {found}',
      { atomic: UNDER_LOCK, cite: 'RISC-V IOMMU 2.2; riscv_iommu_get_pc()' },
      (world, { directory, process }) => {
        const { pasid } = processes.get(world, process);
        const missing = missingEntry(world, directories.get(world, directory), pasid);
        tell(world, { pasid, found: missing === null ? 'all tables are there' : 'the next table is linked in' });
        if (missing === null) return go.body({ directory, process });
        return linkTable(world, missing) ? go.tables({ directory, process }) : fail('ENOMEM');
      },
    ),
    body: step(
      'writes fsc of the process context of {pasid}, still without V: its root is the pgd of {mm}',
      { atomic: UNDER_LOCK, cite: 'RISC-V IOMMU 2.2.2' },
      (world, { directory, process }) => {
        const { mm, pasid } = processes.get(world, process);
        tell(world, { mm, pasid });
        writeBody(world, directory, ofProcess(world, process));
        return go.valid({ directory, process });
      },
    ),
    valid: step(
      'makes the process context of {pasid} valid, with PSCID {pscid}',
      { atomic: 'one 64-bit store of ta', cite: 'RISC-V IOMMU 2.2.2: V is in ta', transaction: true },
      (world, { directory, process }) => {
        const { mm, pasid } = processes.get(world, process);
        tell(world, { mm, pasid, pscid: pscidOf(world, mm) });
        writeValid(world, directory, ofProcess(world, process));
        return call(forgetContext(directory, pasid), go.done({}));
      },
    ),
    done: step('has the process context in place', { cite: 'RISC-V IOMMU 2.2.2' }, () => done()),
  }),
);

/** The same for a private PASID. Returns 0 or -ENOMEM. */
export const installPrivate = procedure(
  'riscv_iommu_set_private_pc',
  'smmu-driver',
  { tables: ['directory', 'space'], body: ['directory', 'space'], valid: ['directory', 'space'] },
  (go) => ({
    tables: step(
      'looks for the way through the process directory to {pasid}: {found}',
      { cite: 'RISC-V IOMMU 2.2; riscv_iommu_get_pc()' },
      (world, { directory, space }) => {
        const { pasid } = spaces.get(world, space);
        const missing = missingEntry(world, directories.get(world, directory), pasid);
        tell(world, { pasid, found: missing === null ? 'all tables are there' : 'the next table is linked in' });
        if (missing === null) return go.body({ directory, space });
        return linkTable(world, missing) ? go.tables({ directory, space }) : fail('ENOMEM');
      },
    ),
    body: step(
      'writes fsc of the process context of {pasid}, still without V: its root is that of {space}',
      { cite: 'RISC-V IOMMU 2.2.2' },
      (world, { directory, space }) => {
        tell(world, { pasid: spaces.get(world, space).pasid });
        writeBody(world, directory, ofSpace(world, space));
        return go.valid({ directory, space });
      },
    ),
    valid: step(
      'makes the process context of {pasid} valid',
      { atomic: 'one 64-bit store of ta', cite: 'RISC-V IOMMU 2.2.2: V is in ta', transaction: true },
      (world, { directory, space }) => {
        const { pasid } = spaces.get(world, space);
        tell(world, { pasid });
        writeValid(world, directory, ofSpace(world, space));
        return forgetContext(directory, pasid);
      },
    ),
  }),
);

/** Takes a process context away: V goes first, in one store; then what is cached of it. */
export const clearContext = procedure(
  'riscv_iommu_clear_pc',
  'smmu-driver',
  { clear: ['directory', 'pasid'], valid: ['directory', 'pasid'] },
  (go) => ({
    clear: step(
      '{clears} of {pasid}',
      { atomic: 'one 64-bit store of ta', cite: 'RISC-V IOMMU 2.2.2', transaction: true },
      (world, { directory, pasid }) => {
        tell(world, { clears: 'clears V of the process context' });
        if (!hasContext(world, directories.get(world, directory), pasid)) return done();
        const { page, offset } = placeOf(world, directory, pasid);
        if (hasBug(world, 'entry-torn')) {
          tellBug(world, { clears: 'begins at its end, fsc before V, to clear the process context' });
          writeWords(world, page, offset + 8, [0, 0]);
          return go.valid({ directory, pasid });
        }
        writeWords(world, page, offset, [0, 0]);
        return forgetContext(directory, pasid);
      },
    ),
    valid: step(
      'clears ta of the process context of {pasid}, with V, last',
      { cite: 'Linux before 75ed00055c05: intel_pasid_clear_entry', transaction: true },
      (world, { directory, pasid }) => {
        const { page, offset } = placeOf(world, directory, pasid);
        writeWords(world, page, offset, [0, 0]);
        return forgetContext(directory, pasid);
      },
    ),
  }),
);

/**
 * The process has exited, and DMA may still be running: its context stays valid, so that its device is told of a missing
 * page and not of a missing context, and leads to an empty page table. No bit of a process context keeps faults from being
 * recorded (DC.tc.DTF is for a whole device), so accesses that are not asked for by ATS leave a record each.
 */
export const quietContext = procedure('riscv_iommu_quiet_pc', 'smmu-driver', { quiet: ['directory', 'pasid'] }, () => ({
  quiet: step(
    'leads the process context of {pasid} to an empty page table',
    { atomic: 'one 64-bit store of fsc', cite: 'RISC-V IOMMU 2.2.2', transaction: true },
    (world, { directory, pasid }) => {
      if (!hasContext(world, directories.get(world, directory), pasid)) return done();
      const { emptyTable } = unitOf(world, iommuOf(world, directory));
      const { page, offset } = placeOf(world, directory, pasid);
      const empty = encode(PC, { 'fsc.PPN': emptyTable, 'fsc.MODE': firstStageMode(world) });
      writeWords(world, page, offset + 8, empty.subarray(2));
      return forgetContext(directory, pasid);
    },
  ),
}));
