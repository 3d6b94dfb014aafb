import { atcOf, deviceOn } from '../devices/device.ts';
import { linksOf } from '../hardware/pcie/link.ts';
import { entryAt, RIGHT, type TlbEntry, type TlbShape } from '../hardware/tlb.ts';
import { domains } from '../iommu/domain.ts';
import { domainOf } from '../iommu/group.ts';
import { pasidCursor } from '../iommu/pasid.ts';
import type { IoTables, PasidTable } from '../iommu/pasid-table.ts';
import { processOf, processWithPasid } from '../iommu/process.ts';
import { type Iommu, siliconOf } from '../iommu/silicon.ts';
import { NO_SPACE, spaces, spaceWithPasid } from '../iommu/space.ts';
import { hex, pageAddress } from '../lib/format.ts';
import { type Mm, mms } from '../process/mm.ts';
import { isPresent, isWritable, pfnOf, readPte } from '../process/page-table.ts';
import { actors } from '../sim/actor.ts';
import { readWord, readWords } from '../world/memory.ts';
import { ringLength } from '../world/ring.ts';
import type { World } from '../world/world.ts';
import { actorView } from './actor-view.ts';
import { keys, PASIDS_SHOWN, pasidTableName, registerPlace } from './places.ts';
import type { Place, QueueLook } from './silicon/look.ts';
import { lookOf } from './silicon/look-of.ts';
import type {
  CacheEntryView,
  CacheView,
  IommuView,
  PasidRowView,
  PasidTableView,
  QueueView,
  SlotView,
  StreamView,
} from './view.ts';

/** Slots of a queue that are drawn. */
const SLOTS = 8;

export function iommuViews(world: World): IommuView[] {
  return siliconOf(world)
    .iommus.all(world)
    .map((iommu) => iommuView(world, iommu));
}

function iommuView(world: World, { id, name }: Iommu): IommuView {
  const { iotlb, pasidTables, iommuOfDomain, ownerOfTag } = siliconOf(world);
  const { terms, queues, stalls } = lookOf(world);
  const own = actors.all(world).filter((row) => row.lane === name);
  const tables = pasidTables.rows.all(world).filter((row) => iommuOfDomain(world, row.domain) === id);
  return {
    key: `smmu/${id}`,
    name,
    kind: terms.kind,
    terms: { streams: terms.streams, pasids: terms.pasids, tag: terms.tag },
    streams: streamViews(world, id),
    pasidTables: tables.map((row) => pasidTable(world, row)),
    iotlb: cacheView(
      world,
      `iotlb/${id}`,
      iotlb(world, id),
      (index) => keys.cached('iotlb', id, index),
      ({ asid }) =>
        ofMm(world, mms.find(world, ownerOfTag(world, asid)?.mm ?? -1)) ?? ofDma(world, ({ tag }) => tag === asid),
    ),
    configCache: configLines(world, id),
    queues: queues.map((queue) => queueView(world, id, queue)),
    stalls: stalls(world, id),
    actors: own.map((row) => actorView(world, row.id)),
  };
}

function wordsAt(world: World, { page, offset }: Place, bytes: number): Uint32Array {
  return readWords(world, page, offset, bytes / 4, new Uint32Array(bytes / 4));
}

function streamViews(world: World, iommu: number): StreamView[] {
  const { streamPlace, streamLayout, streamInWords } = lookOf(world);
  const { size } = streamLayout(world, iommu);
  return linksOf(world, iommu).map(({ id, sid }) => {
    const place = streamPlace(world, iommu, sid);
    const config = place === null ? 'not valid' : streamInWords(wordsAt(world, place, size));
    return { key: keys.stream(iommu, sid), sid: `0x${hex(sid)}`, device: deviceOn(world, id)?.name ?? '', config };
  });
}

function pasidTable(world: World, row: PasidTable): PasidTableView {
  const used = Math.min(pasidCursor.get(world, 0).next, PASIDS_SHOWN - 1, 2 ** row.contextBits - 1);
  const rows: PasidRowView[] = [];
  for (let pasid = 0; pasid <= Math.max(used, 2); pasid++) rows.push(pasidRow(world, row, pasid));
  return { key: `cd-table/${row.id}`, domain: pasidTableName(world, row).replace('domain ', ''), rows };
}

function pasidRow(world: World, row: PasidTable, pasid: number): PasidRowView {
  const none = { key: keys.context(row.id, pasid), pasid, mm: null, dmaTree: null, asid: null, shared: false };
  const words = siliconOf(world).pasidTables.wordsOf(world, row, pasid);
  const entry = words && lookOf(world).entryLook(world, row, words);
  if (entry === null) return { ...none, valid: false, leadsTo: 'none', label: 'not valid' };
  const { root, isQuiet } = entry;
  const base = { ...none, valid: true, asid: entry.tag, shared: entry.isShared } as const;
  if (isQuiet) {
    const mm = processWithPasid(world, pasid)?.mm ?? null;
    return { ...base, leadsTo: 'none', mm, label: lookOf(world).terms.quiet };
  }
  if (root === siliconOf(world).ioTables(world, row.domain, NO_SPACE).pgd)
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

function configLines(world: World, iommu: number): { readonly key: string; readonly label: string }[] {
  const { terms, cachedStreams } = lookOf(world);
  const streams = cachedStreams(world, iommu).map(({ sid }) => ({
    key: keys.stream(iommu, sid),
    label: `${terms.stream} 0x${hex(sid)}`,
  }));
  const contexts = siliconOf(world)
    .pasidTables.cached(world, iommu)
    .map(({ sid, ssid }) => ({
      key: `cached-cd/${iommu}/${sid}/${ssid}`,
      label: `${terms.entry} 0x${hex(sid)} ${terms.pasid} ${ssid}`,
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
  const { ioTables } = siliconOf(world);
  const own = domains.all(world).map(({ id }) => ({ domain: id, ...ioTables(world, id, NO_SPACE) }));
  const others = spaces.all(world).map(({ id, domain }) => ({ domain, ...ioTables(world, domain, id) }));
  const found = [...own, ...others].find((tables) => fits(tables, tables.domain));
  return found && { pgd: found.pgd, mm: null, pasid: found.pasid < 0 ? null : found.pasid };
}

/** The entries of a translation cache, each compared with what the page tables say now. */
function cacheView(
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
  const { sets, ways, replacement = 'fifo' } = cache;
  return { key, size, geometry: { sets, ways, replacement }, entries };
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

/** How the queue of an IOMMU stands: the values of its registers, and the records between them. */
export function queueIndexes(world: World, iommu: number, queue: QueueLook) {
  const state = lookOf(world).queueState(world, iommu, queue.role);
  const at = (place: Place): number => readWord(world, place.page, place.offset);
  const prod = at(registerPlace(world, iommu, queue.tail));
  const cons = at(registerPlace(world, iommu, queue.head));
  const length = ringLength({ log2Size: state.bits, hasWrapBit: state.hasWrapBit }, prod, cons);
  return { ...state, prod, cons, length };
}

function queueView(world: World, iommu: number, queue: QueueLook): QueueView {
  const { bits, prod, cons, length, overflow, hasWrapBit, page } = queueIndexes(world, iommu, queue);
  const size = 2 ** bits;
  const first = cons % size;
  const window = Math.min(SLOTS, size);
  const start = firstSlot(first, length, window, size);
  const slots: SlotView[] = [];
  for (let i = 0; i < window; i++) {
    const index = (start + i) % size;
    slots.push(slotView(world, iommu, queue, page, index, (index - first + size) % size < length));
  }
  return {
    key: `${queue.role}/${iommu}`,
    name: queue.name,
    size,
    prod: prod % size,
    cons: first,
    prodWrap: hasWrapBit && ((prod >>> bits) & 1) === 1,
    consWrap: hasWrapBit && ((cons >>> bits) & 1) === 1,
    length,
    overflow,
    slots,
  };
}

/** The window keeps still while the live entries are inside it. */
function firstSlot(first: number, length: number, window: number, size: number): number {
  const aligned = first - (first % window);
  return first + Math.max(length, 1) <= aligned + window ? aligned : (first - 1 + size) % size;
}

function slotView(world: World, iommu: number, queue: QueueLook, page: number, index: number, live: boolean): SlotView {
  const key = keys.slot(queue.role, iommu, index);
  if (!live) return { key, index, live, label: '', mm: null };
  const at = index * queue.entryBytes;
  const words = wordsAt(world, { page: page + (at >>> 12), offset: at & 0xfff }, queue.entryBytes);
  const { text, pasid } = queue.label(words);
  return { key, index, live, label: text, mm: processWithPasid(world, pasid)?.mm ?? null };
}
