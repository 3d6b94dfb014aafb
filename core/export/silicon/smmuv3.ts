import { deviceOn } from '../../devices/device.ts';
import { describeCommand } from '../../drivers/arm-smmu-v3/describe.ts';
import { type CdTable, cdTables, contextPlace, level1Place } from '../../drivers/arm-smmu-v3/domain.ts';
import { streamPlace } from '../../drivers/arm-smmu-v3/probe.ts';
import { readl, unitOf } from '../../drivers/arm-smmu-v3/unit.ts';
import { linesOf } from '../../hardware/config-cache.ts';
import { decode, getField, pageOf } from '../../hardware/layout.ts';
import { addressPage, messages } from '../../hardware/pcie/link.ts';
import { commandLayout } from '../../hardware/smmuv3/commands.layout.ts';
import { CD } from '../../hardware/smmuv3/context.layout.ts';
import { EVENT, EVT_CONFIG, EVT_TRANSLATION_CLASS, eventLayout } from '../../hardware/smmuv3/events.layout.ts';
import { PRIQ_ENTRY } from '../../hardware/smmuv3/pri-queue.layout.ts';
import { REGISTER, REGISTERS } from '../../hardware/smmuv3/registers.layout.ts';
import { steCache } from '../../hardware/smmuv3/smmu.ts';
import { type Stall, stallsIn } from '../../hardware/smmuv3/stall.ts';
import { STE, STE_CONFIG } from '../../hardware/smmuv3/stream-table.layout.ts';
import type { PasidTable } from '../../iommu/pasid-table.ts';
import { processWithPasid } from '../../iommu/process.ts';
import { hex, pageAddress, shortPage } from '../../lib/format.ts';
import type { World } from '../../world/world.ts';
import type { StallView } from '../silicon-view.ts';
import type { QueueLook, QueueRole, QueueState, SiliconLook } from './look.ts';

const EVENTS = new Map<number, string>(Object.entries(EVENT).map(([name, id]) => [id, name]));

const QUEUES: readonly QueueLook[] = [
  {
    role: 'priq',
    name: 'PRI queue',
    entryBytes: 16,
    tail: REGISTER.PRIQ_PROD,
    head: REGISTER.PRIQ_CONS,
    cite: 'SMMUv3 3.5',
    layoutOf: () => PRIQ_ENTRY,
    label: (words) => {
      const { R, W, Last, PRGIndex, PageAddr, SubstreamID } = decode(PRIQ_ENTRY, words);
      const wants = `${R === 1 ? 'R' : ''}${W === 1 ? 'W' : ''}` || 'stop';
      const text = `${wants} ${shortPage(PageAddr)} group ${PRGIndex}${Last === 1 ? ' last' : ''}`;
      return { text, pasid: SubstreamID };
    },
  },
  {
    role: 'cmdq',
    name: 'Command queue',
    entryBytes: 16,
    tail: REGISTER.CMDQ_PROD,
    head: REGISTER.CMDQ_CONS,
    cite: 'SMMUv3 3.5',
    layoutOf: (word) => commandLayout(word & 0xff),
    label: (words) => ({ text: describeCommand(words), pasid: -1 }),
  },
  {
    role: 'evtq',
    name: 'Event queue',
    entryBytes: 32,
    tail: REGISTER.EVENTQ_PROD,
    head: REGISTER.EVENTQ_CONS,
    cite: 'SMMUv3 3.5',
    layoutOf: (word) => eventLayout(word & 0xff),
    label: (words) => {
      const id = getField(words, EVT_CONFIG.fields.EventID);
      const { Stall, STAG } = decode(EVT_TRANSLATION_CLASS, words);
      const stalled = Stall === 1 ? ` STAG ${STAG}` : '';
      return { text: `${EVENTS.get(id) ?? `event 0x${hex(id)}`}${stalled}`, pasid: -1 };
    },
  },
];

function queueState(world: World, smmu: number, role: QueueRole): QueueState {
  const unit = unitOf(world, smmu);
  const [page, bits] = {
    cmdq: [unit.commandQueue, unit.commandBits],
    evtq: [unit.eventQueue, unit.eventBits],
    priq: [unit.priQueue, unit.priBits],
  }[role] as [number, number];
  const { tail, head } = QUEUES.find((queue) => queue.role === role) as QueueLook;
  const overflow = ((readl(world, smmu, tail) ^ readl(world, smmu, head)) & 0x8000_0000) !== 0;
  return { page, bits, hasWrapBit: true, overflow };
}

const CONFIGS = new Map<number, string>(Object.entries(STE_CONFIG).map(([name, code]) => [code, name]));
const CONFIG_WORDS: Readonly<Record<string, string>> = {
  ABORT: 'abort',
  BYPASS: 'bypass',
  S1_TRANSLATE: 'stage 1',
  S2_TRANSLATE: 'stage 2',
  S1_S2_TRANSLATE: 'stage 1 and 2',
};

/** A stall buffer keeps messages of devices. */
function stallView(world: World, stall: Stall): StallView {
  const { link, kind, bytes, pasid, lo, exec, ...address } = messages.get(world, stall.message);
  return {
    key: `stall/${stall.id}`,
    stag: stall.stag < 0 ? null : stall.stag,
    device: deviceOn(world, link)?.name ?? '',
    what: `${exec === 1 ? 'fetch' : kind} ${bytes} B`,
    address: pageAddress(addressPage({ lo, hi: address.hi }), lo & 0xfff),
    mm: processWithPasid(world, pasid)?.mm ?? null,
    state: stall.state,
  };
}

const cdTable = (world: World, { id }: PasidTable): CdTable => cdTables.get(world, id);

/** SMMUv3 as it is shown. */
export const SMMUV3_LOOK: SiliconLook = {
  terms: {
    kind: 'SMMUv3',
    streams: 'Stream table',
    stream: 'STE',
    pasids: 'PASID table',
    entry: 'CD',
    streamName: 'Stream table entry',
    entryName: 'Context descriptor',
    streamId: 'stream',
    pasid: 'ssid',
    tag: 'ASID',
    quiet: 'quiet: no walk, no event',
  },
  queues: QUEUES,
  queueState,
  registers: REGISTERS,
  registerPages: 17,
  streamPlace,
  streamLayout: () => STE,
  streamInWords: (words) => {
    const { V, Config } = decode(STE, words);
    return V === 0 ? 'not valid' : (CONFIG_WORDS[CONFIGS.get(Config) ?? 'ABORT'] ?? 'abort');
  },
  entryPlace: (world, table, pasid) => contextPlace(world, cdTable(world, table), pasid),
  entryLayout: CD,
  entryLook: (_world, _table, words) => {
    if (getField(words, CD.fields.V) === 0) return null;
    return {
      isQuiet: getField(words, CD.fields.EPD0) === 1,
      root: pageOf(getField(words, CD.fields.TTB0), CD.fields.TTB0.shift ?? 4),
      tag: getField(words, CD.fields.ASID),
      isShared: getField(words, CD.fields.ASET) === 0,
    };
  },
  levelAbove: (world, table) => {
    const row = cdTable(world, table);
    return row.twoLevel === 1 ? level1Place(row, 0) : null;
  },
  cachedStreams: (world, smmu) => linesOf(world, steCache(world, smmu)),
  stalls: (world, smmu) => ({
    limit: getField([readl(world, smmu, REGISTER.IDR5)], REGISTER.IDR5.layout.fields.STALL_MAX),
    held: stallsIn(world, smmu).map((row) => stallView(world, row)),
  }),
};
