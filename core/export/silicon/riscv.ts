import { describeCommand } from '../../drivers/riscv-iommu/describe.ts';
import { contextLayout, devicePlace } from '../../drivers/riscv-iommu/directory.ts';
import { contextPlace, directories, domainIommu, entryPlace } from '../../drivers/riscv-iommu/domain.ts';
import { lostFaults } from '../../drivers/riscv-iommu/fault-thread.ts';
import { overflowed } from '../../drivers/riscv-iommu/page-thread.ts';
import { unitOf } from '../../drivers/riscv-iommu/unit.ts';
import { linesOf } from '../../hardware/config-cache.ts';
import { decode, getField } from '../../hardware/layout.ts';
import { commandLayout } from '../../hardware/riscv-iommu/commands.layout.ts';
import { DC_EXTENDED } from '../../hardware/riscv-iommu/device-directory.layout.ts';
import { causeName } from '../../hardware/riscv-iommu/fault-queue.ts';
import { ddtCache } from '../../hardware/riscv-iommu/iommu.ts';
import { PC } from '../../hardware/riscv-iommu/process-directory.layout.ts';
import { FQ_RECORD, PQ_RECORD } from '../../hardware/riscv-iommu/queues.layout.ts';
import { REGISTER, REGISTERS } from '../../hardware/riscv-iommu/registers.layout.ts';
import { shortPage } from '../../lib/format.ts';
import type { World } from '../../world/world.ts';
import type { QueueLook, QueueRole, QueueState, SiliconLook } from './look.ts';

const QUEUES: readonly QueueLook[] = [
  {
    role: 'priq',
    name: 'Page-request queue',
    entryBytes: PQ_RECORD.size,
    tail: REGISTER.pqt,
    head: REGISTER.pqh,
    cite: 'RISC-V IOMMU 3.3',
    layoutOf: () => PQ_RECORD,
    label: (words) => {
      const { R, W, L, PRGI, PageAddr, PV, PID } = decode(PQ_RECORD, words);
      const wants = `${R === 1 ? 'R' : ''}${W === 1 ? 'W' : ''}` || 'stop';
      const text = `${wants} ${shortPage(PageAddr)} group ${PRGI}${L === 1 ? ' last' : ''}`;
      return { text, pasid: PV === 1 ? PID : -1 };
    },
  },
  {
    role: 'cmdq',
    name: 'Command queue',
    entryBytes: 16,
    tail: REGISTER.cqt,
    head: REGISTER.cqh,
    cite: 'RISC-V IOMMU 3.1',
    layoutOf: commandLayout,
    label: (words) => ({ text: describeCommand(words.subarray(0, 4)), pasid: -1 }),
  },
  {
    role: 'evtq',
    name: 'Fault queue',
    entryBytes: FQ_RECORD.size,
    tail: REGISTER.fqt,
    head: REGISTER.fqh,
    cite: 'RISC-V IOMMU 3.2',
    layoutOf: () => FQ_RECORD,
    label: (words) => {
      const { CAUSE, PV, PID } = decode(FQ_RECORD, words);
      return { text: causeName(CAUSE), pasid: PV === 1 ? PID : -1 };
    },
  },
];

function queueState(world: World, iommu: number, role: QueueRole): QueueState {
  const unit = unitOf(world, iommu);
  const states = {
    cmdq: { page: unit.commandQueue, bits: unit.commandBits, overflow: false },
    evtq: { page: unit.faultQueue, bits: unit.faultBits, overflow: lostFaults(world, iommu) },
    priq: { page: unit.pageQueue, bits: unit.pageBits, overflow: overflowed(world, iommu) },
  };
  return { ...states[role], hasWrapBit: false };
}

const DC = DC_EXTENDED.fields;

/** The RISC-V IOMMU as it is shown. */
export const RISCV_LOOK: SiliconLook = {
  terms: {
    kind: 'RISC-V IOMMU',
    streams: 'Device directory',
    stream: 'DC',
    pasids: 'Process directory',
    entry: 'PC',
    streamName: 'Device context',
    entryName: 'Process context',
    streamId: 'device',
    pasid: 'pid',
    tag: 'PSCID',
    quiet: 'quiet: an empty page table',
  },
  queues: QUEUES,
  queueState,
  registers: REGISTERS,
  registerPages: 1,
  streamPlace: devicePlace,
  streamLayout: contextLayout,
  streamInWords: (words) => {
    if (getField(words, DC['tc.V']) === 0) return 'not valid';
    return getField(words, DC['tc.PDTV']) === 1 ? 'process directory' : 'page table';
  },
  entryPlace: (world, { id }, pasid) => contextPlace(world, directories.get(world, id), pasid),
  entryLayout: PC,
  entryLook: (world, table, words) => {
    if (getField(words, PC.fields['ta.V']) === 0) return null;
    const root = getField(words, PC.fields['fsc.PPN']);
    const { emptyTable } = unitOf(world, domainIommu(world, table.domain));
    return { isQuiet: root === emptyTable, root, tag: getField(words, PC.fields['ta.PSCID']), isShared: false };
  },
  levelAbove: (world, { id }) => {
    const { root, mode } = directories.get(world, id);
    return mode > 1 ? entryPlace(root, 0, mode - 1) : null;
  },
  cachedStreams: (world, iommu) => linesOf(world, ddtCache(world, iommu)),
  stalls: () => ({ limit: 0, held: [] }),
};
