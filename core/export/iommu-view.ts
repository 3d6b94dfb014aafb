import { atcOf, deviceOn } from '../devices/device.ts';
import { asidEntries } from '../drivers/arm-smmu-v3/asid-map.ts';
import { describeCommand } from '../drivers/arm-smmu-v3/describe.ts';
import { type CdTable, cdTables, contextPlace, smmuDomainOf } from '../drivers/arm-smmu-v3/domain.ts';
import { type IoTables, tablesOf } from '../drivers/arm-smmu-v3/io-pgtable.ts';
import { streamPlace } from '../drivers/arm-smmu-v3/probe.ts';
import { readl, type Unit, unitOf } from '../drivers/arm-smmu-v3/unit.ts';
import { linesOf } from '../hardware/config-cache.ts';
import { decode, getField, pageOf } from '../hardware/layout.ts';
import { addressPage, linksOf, messages } from '../hardware/pcie/link.ts';
import { CD } from '../hardware/smmuv3/context.layout.ts';
import { EVENT, EVT_CONFIG, EVT_TRANSLATION_CLASS } from '../hardware/smmuv3/events.layout.ts';
import { PRIQ_ENTRY } from '../hardware/smmuv3/pri-queue.layout.ts';
import { REGISTER, type Register } from '../hardware/smmuv3/registers.layout.ts';
import { cdCache, iotlb, type Smmu, smmus, steCache } from '../hardware/smmuv3/smmu.ts';
import { type Stall, stallsIn } from '../hardware/smmuv3/stall.ts';
import { STE, STE_CONFIG } from '../hardware/smmuv3/stream-table.layout.ts';
import { entryAt, RIGHT, type TlbEntry, type TlbShape } from '../hardware/tlb.ts';
import { domains } from '../iommu/domain.ts';
import { domainOf } from '../iommu/group.ts';
import { pasidCursor } from '../iommu/pasid.ts';
import { processOf, processWithPasid } from '../iommu/process.ts';
import { NO_SPACE, spaces, spaceWithPasid } from '../iommu/space.ts';
import { hex, pageAddress, shortPage } from '../lib/format.ts';
import { type Mm, mms } from '../process/mm.ts';
import { isPresent, isWritable, pfnOf, readPte } from '../process/page-table.ts';
import { actors } from '../sim/actor.ts';
import { readWords } from '../world/memory.ts';
import { ringLength } from '../world/ring.ts';
import type { World } from '../world/world.ts';
import { actorView } from './actor-view.ts';
import { cdTableName, ENTRY_BYTES, keys, PASIDS_SHOWN, type Queue, queueOf } from './places.ts';
import type {
  CacheEntryView,
  CacheView,
  IommuView,
  PasidRowView,
  PasidTableView,
  QueueView,
  SlotView,
  StallView,
  StreamView,
} from './view.ts';

/** Slots of a queue that are drawn. */
const SLOTS = 8;

export function iommuViews(world: World): IommuView[] {
  return smmus.all(world).map((smmu) => iommuView(world, smmu));
}

function iommuView(world: World, smmu: Smmu): IommuView {
  const unit = unitOf(world, smmu.id);
  const own = actors.all(world).filter((row) => row.lane === smmu.name);
  return {
    key: `smmu/${smmu.id}`,
    name: smmu.name,
    kind: 'SMMUv3',
    streams: streamViews(world, smmu),
    pasidTables: cdTables
      .all(world)
      .filter((row) => smmuDomainOf(world, row.domain).smmu === smmu.id)
      .map((row) => pasidTable(world, row)),
    iotlb: cacheView(
      world,
      `iotlb/${smmu.id}`,
      iotlb(world, smmu.id),
      (index) => keys.cached('iotlb', smmu.id, index),
      ({ asid }) =>
        ofMm(world, mms.find(world, asidEntries.first(world, (row) => row.asid === asid)?.mm ?? -1)) ??
        ofDma(world, (tables) => tables.asid === asid),
    ),
    configCache: configLines(world, smmu.id),
    queues: [
      queueView(world, unit, 'priq', 'PRI queue', REGISTER.PRIQ_PROD, REGISTER.PRIQ_CONS),
      queueView(world, unit, 'cmdq', 'Command queue', REGISTER.CMDQ_PROD, REGISTER.CMDQ_CONS),
      queueView(world, unit, 'evtq', 'Event queue', REGISTER.EVENTQ_PROD, REGISTER.EVENTQ_CONS),
    ],
    stalls: {
      limit: getField([readl(world, smmu.id, REGISTER.IDR5)], REGISTER.IDR5.layout.fields.STALL_MAX),
      held: stallsIn(world, smmu.id).map((row) => stallView(world, row)),
    },
    actors: own.map((row) => actorView(world, row.id)),
  };
}

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

const CONFIGS = new Map<number, string>(Object.entries(STE_CONFIG).map(([name, code]) => [code, name]));
const CONFIG_WORDS: Readonly<Record<string, string>> = {
  ABORT: 'abort',
  BYPASS: 'bypass',
  S1_TRANSLATE: 'stage 1',
  S2_TRANSLATE: 'stage 2',
  S1_S2_TRANSLATE: 'stage 1 and 2',
};

function streamViews(world: World, smmu: Smmu): StreamView[] {
  return linksOf(world, smmu.id).map(({ id, sid }) => {
    const place = streamPlace(world, smmu.id, sid);
    const words = readWords(world, place.page, place.offset, STE.size / 4, new Uint32Array(STE.size / 4));
    const { V, Config } = decode(STE, words);
    const config = V === 0 ? 'not valid' : (CONFIG_WORDS[CONFIGS.get(Config) ?? 'ABORT'] ?? 'abort');
    return { key: keys.stream(smmu.id, sid), sid: `0x${hex(sid)}`, device: deviceOn(world, id)?.name ?? '', config };
  });
}

function pasidTable(world: World, row: CdTable): PasidTableView {
  const used = Math.min(pasidCursor.get(world, 0).next, PASIDS_SHOWN - 1, 2 ** row.contextBits - 1);
  const rows: PasidRowView[] = [];
  for (let pasid = 0; pasid <= Math.max(used, 2); pasid++) rows.push(pasidRow(world, row, pasid));
  return { key: `cd-table/${row.id}`, domain: cdTableName(world, row).replace('domain ', ''), rows };
}

function pasidRow(world: World, row: CdTable, pasid: number): PasidRowView {
  const none = { key: keys.context(row.id, pasid), pasid, mm: null, dmaTree: null, asid: null, shared: false };
  const place = contextPlace(world, row, pasid);
  const words = place && readWords(world, place.page, place.offset, CD.size / 4, new Uint32Array(CD.size / 4));
  if (words === null || getField(words, CD.fields.V) === 0) {
    return { ...none, valid: false, leadsTo: 'none', label: 'not valid' };
  }
  const { ASID: asid, ASET } = CD.fields;
  const base = { ...none, valid: true, asid: getField(words, asid), shared: getField(words, ASET) === 0 } as const;
  if (getField(words, CD.fields.EPD0) === 1) {
    const mm = processWithPasid(world, pasid)?.mm ?? null;
    return { ...base, leadsTo: 'none', mm, label: 'quiet: no walk, no event' };
  }
  const root = pageOf(getField(words, CD.fields.TTB0), CD.fields.TTB0.shift ?? 4);
  if (root === smmuDomainOf(world, row.domain).pgd)
    return { ...base, leadsTo: 'iova', dmaTree: `domain/${row.domain}`, label: 'DMA addresses' };
  const space = spaceWithPasid(world, pasid);
  if (space !== undefined)
    return { ...base, leadsTo: 'iova', dmaTree: `space/${space.id}`, label: `DMA of ${space.name}` };
  const mm = mms.first(world, (each) => each.pgd === root);
  return {
    ...base,
    leadsTo: 'mm',
    mm: mm?.id ?? null,
    label: mm === undefined ? `0x${hex(root)}` : `PGD of ${mm.name}`,
  };
}

function configLines(world: World, smmu: number): { readonly key: string; readonly label: string }[] {
  const streams = linesOf(world, steCache(world, smmu)).map(({ sid }) => ({
    key: keys.stream(smmu, sid),
    label: `STE 0x${hex(sid)}`,
  }));
  const contexts = linesOf(world, cdCache(world, smmu)).map(({ sid, ssid }) => ({
    key: `cached-cd/${smmu}/${sid}/${ssid}`,
    label: `CD 0x${hex(sid)} ssid ${ssid}`,
  }));
  return [...streams, ...contexts];
}

/** Whose translation an entry is: the root of the page tables, and the mm if they are those of one. */
interface Owner {
  readonly pgd: number;
  readonly mm: number | null;
  readonly pasid: number | null;
}
type OwnerOf = (entry: TlbEntry) => Owner | undefined;

function ofMm(world: World, mm: Mm | undefined): Owner | undefined {
  return mm && { pgd: mm.pgd, mm: mm.id, pasid: processOf(world, mm.id)?.pasid ?? null };
}

/** The page tables of DMA addresses that fit. */
function ofDma(world: World, fits: (tables: IoTables, domain: number) => boolean): Owner | undefined {
  const own = domains.all(world).map(({ id }) => ({ domain: id, ...tablesOf(world, id, NO_SPACE) }));
  const others = spaces.all(world).map(({ id, domain }) => ({ domain, ...tablesOf(world, domain, id) }));
  const found = [...own, ...others].find((tables) => fits(tables, tables.domain));
  return found && { pgd: found.pgd, mm: null, pasid: found.pasid < 0 ? null : found.pasid };
}

/** The entries of a translation cache, each compared with what the page tables say now. */
export function cacheView(
  world: World,
  key: string,
  cache: TlbShape,
  keyAt: (index: number) => string,
  ownerOf: OwnerOf,
): CacheView {
  const size = cache.sets * cache.ways;
  const entries: CacheEntryView[] = [];
  for (let index = 0; index < size; index++) {
    const entry = entryAt(world, cache, index);
    if (entry !== null) entries.push(entryView(world, keyAt(index), entry, ownerOf(entry)));
  }
  return { key, size, entries };
}

function entryView(world: World, key: string, entry: TlbEntry, owner: Owner | undefined): CacheEntryView {
  const can = (right: number, letter: string): string => ((entry.rights & right) !== 0 ? letter : '-');
  return {
    key,
    mm: owner?.mm ?? null,
    pasid: owner?.pasid ?? null,
    page: pageAddress(entry.page),
    pfn: hex(entry.output),
    perms: can(RIGHT.read, 'r') + can(RIGHT.write, 'w') + can(RIGHT.execute, 'x'),
    stale: owner === undefined || isStale(world, owner.pgd, entry),
  };
}

function isStale(world: World, pgd: number, entry: TlbEntry): boolean {
  const pte = readPte(world, pgd, entry.page);
  if (!isPresent(pte) || pfnOf(pte) !== entry.output) return true;
  return (entry.rights & RIGHT.write) !== 0 && !isWritable(pte);
}

/** The ATC of a device, tagged by PASID. */
export function atcView(world: World, device: number): CacheView {
  return cacheView(
    world,
    `atc/${device}`,
    atcOf(world, device),
    (index) => keys.cached('atc', device, index),
    ({ asid }) =>
      ofMm(world, mms.find(world, processWithPasid(world, asid)?.mm ?? -1)) ??
      ofDma(world, ({ pasid }, domain) => pasid === asid && domain === domainOf(world, device)),
  );
}

function queueView(
  world: World,
  unit: Unit,
  queue: Queue,
  name: string,
  prodAt: Register,
  consAt: Register,
): QueueView {
  const { bits } = queueOf(unit, queue);
  const size = 2 ** bits;
  const prod = readl(world, unit.smmu, prodAt);
  const cons = readl(world, unit.smmu, consAt);
  const length = ringLength({ log2Size: bits }, prod, cons);
  const first = cons % size;
  const window = Math.min(SLOTS, size);
  const start = firstSlot(first, length, window, size);
  const slots: SlotView[] = [];
  for (let i = 0; i < window; i++) {
    const index = (start + i) % size;
    slots.push(slotView(world, unit, queue, index, (index - first + size) % size < length));
  }
  return {
    key: `${queue}/${unit.smmu}`,
    name,
    size,
    prod: prod % size,
    cons: first,
    prodWrap: ((prod >>> bits) & 1) === 1,
    consWrap: ((cons >>> bits) & 1) === 1,
    length,
    overflow: ((prod ^ cons) & 0x8000_0000) !== 0,
    slots,
  };
}

/** The window keeps still while the live entries are inside it. */
function firstSlot(first: number, length: number, window: number, size: number): number {
  const aligned = first - (first % window);
  return first + Math.max(length, 1) <= aligned + window ? aligned : (first - 1 + size) % size;
}

const EVENTS = new Map<number, string>(Object.entries(EVENT).map(([name, id]) => [id, name]));

function slotView(world: World, unit: Unit, queue: Queue, index: number, live: boolean): SlotView {
  const key = keys.slot(queue, unit.smmu, index);
  if (!live) return { key, index, live, label: '', mm: null };
  const at = index * ENTRY_BYTES[queue];
  const words = readWords(
    world,
    queueOf(unit, queue).page + (at >>> 12),
    at & 0xfff,
    ENTRY_BYTES[queue] / 4,
    new Uint32Array(8),
  );
  if (queue === 'cmdq') return { key, index, live, label: describeCommand(words), mm: null };
  if (queue === 'evtq') {
    const id = getField(words, EVT_CONFIG.fields.EventID);
    const { Stall, STAG } = decode(EVT_TRANSLATION_CLASS, words);
    const stalled = Stall === 1 ? ` STAG ${STAG}` : '';
    return { key, index, live, label: `${EVENTS.get(id) ?? `event 0x${hex(id)}`}${stalled}`, mm: null };
  }
  const { R, W, Last, PRGIndex, PageAddr, SubstreamID } = decode(PRIQ_ENTRY, words);
  const wants = `${R === 1 ? 'R' : ''}${W === 1 ? 'W' : ''}` || 'stop';
  const label = `${wants} ${shortPage(PageAddr)} group ${PRGIndex}${Last === 1 ? ' last' : ''}`;
  return { key, index, live, label, mm: processWithPasid(world, SubstreamID)?.mm ?? null };
}
