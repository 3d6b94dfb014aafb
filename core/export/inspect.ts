import { atcOf, devices } from '../devices/device.ts';
import { formatOf } from '../hardware/cpus.ts';
import type { Layout } from '../hardware/layout.ts';
import { entriesOf, entryAt, TLB_ENTRY_BYTES, type TlbShape } from '../hardware/tlb.ts';
import { domains } from '../iommu/domain.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { spaces } from '../iommu/space.ts';
import { hex, pageAddress } from '../lib/format.ts';
import type { Machine } from '../machine/machine.ts';
import { type Frame, frames } from '../process/frame.ts';
import { mms } from '../process/mm.ts';
import { pinsOn } from '../process/pins.ts';
import { readWord } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { historyOf, type Origin } from './history.ts';
import { isSwapEntry, validityInWords } from './memory-view.ts';
import { pasidTableName, registerPlace } from './places.ts';
import { record } from './record.ts';
import { rowFields, tableOf } from './row-fields.ts';
import type { Place, QueueLook } from './silicon/look.ts';
import { lookOf } from './silicon/look-of.ts';
import { pathOf } from './tree-view.ts';
import type { InspectionView } from './view.ts';

/** What a thing is made of now, without its past, and where it is kept: null for what is kept in several places. */
export interface Look extends Omit<InspectionView, 'history'> {
  readonly origin: Origin | null;
}

type Inspector = (machine: Machine, key: string, parts: readonly string[]) => Look | null;

/** What there is to know about the thing behind a key, null if it is not there at this moment. */
export function inspect(machine: Machine, key: string): InspectionView | null {
  const found = look(machine, key);
  if (found === null) return null;
  const { origin, ...view } = found;
  return { ...view, history: origin === null ? [] : historyOf(machine, origin) };
}

/** What the thing behind a key is now, null if it is not there at this moment. */
export function look(machine: Machine, key: string): Look | null {
  const [kind = '', ...parts] = key.split('/');
  const special = Object.hasOwn(INSPECTORS, kind) ? INSPECTORS[kind] : undefined;
  return special === undefined ? inspectRow(machine, key, kind, Number(parts[0])) : special(machine, key, parts);
}

const INSPECTORS: Readonly<Record<string, Inspector>> = {
  pte: inspectDescriptor,
  cd: inspectContext,
  'cached-cd': inspectCachedContext,
  ste: inspectStream,
  cmdq: inspectSlot,
  evtq: inspectSlot,
  priq: inspectSlot,
  iotlb: inspectCached,
  atc: inspectCached,
  reg: inspectRegister,
  page: inspectPage,
  table: inspectTable,
  frame: inspectFrame,
};

function inspectRow(machine: Machine, key: string, name: string, id: number): Look | null {
  const table = tableOf(machine.world, name);
  const row = table?.find(machine.world, id);
  if (table === undefined || row === undefined) return null;
  const { title, fields } = rowFields(machine.world, table, row);
  return { key, title, subtitle: `${name} ${id}`, fields, records: [], origin: { table, id } };
}

/** A record in memory, bit by bit, with the events that wrote it. */
function inspectRecord(machine: Machine, key: string, title: string, layout: Layout, place: Place): Look {
  const words = wordsAt(machine.world, place, layout.size);
  const at = `${layout.size} bytes at ${pageAddress(place.page, place.offset)}`;
  const origin = { ...place, bytes: layout.size };
  return { key, title, subtitle: `${at}, ${layout.cite}`, fields: [], records: [record(layout, words)], origin };
}

function wordsAt(world: World, { page, offset }: Place, bytes: number): Uint32Array {
  return Uint32Array.from({ length: bytes / 4 }, (_, i) => readWord(world, page, offset + i * 4));
}

function inspectDescriptor(machine: Machine, key: string, parts: readonly string[]): Look | null {
  const table = Number.parseInt(parts[0] ?? '', 16);
  const index = Number(parts[1]);
  if (!(table >= 0) || !(index >= 0 && index < 512)) return null;
  const place = { page: table, offset: index * 8 };
  const [lo = 0, hi = 0] = wordsAt(machine.world, place, 8);
  const leaf = isLeaf(machine, table);
  const format = formatOf(machine.world);
  const pte = { lo, hi, format };
  const layout = !leaf ? format.table : isSwapEntry(pte) ? format.swap.layout : format.leaf;
  const title = `Descriptor ${index} of table ${hex(table)}`;
  const view = inspectRecord(machine, key, title, layout, place);
  return { ...view, fields: [{ name: 'Valid', value: validityInWords(pte, leaf) }] };
}

/** Whether a table is the last of a walk: nothing below it is a table of its own. */
function isLeaf(machine: Machine, table: number): boolean {
  const { world } = machine;
  const format = formatOf(world);
  for (let index = 0; index < 512; index++) {
    const pte = { lo: readWord(world, table, index * 8), hi: readWord(world, table, index * 8 + 4) };
    if (!format.isValid(pte)) continue;
    const below = format.pfnOf(pte);
    return tableOf(world, 'frame')?.find(world, below - world.slots.ramFirst)?.['use'] !== 'table';
  }
  return true;
}

function inspectContext(machine: Machine, key: string, parts: readonly string[]): Look | null {
  const { world } = machine;
  const [id = -1, pasid = -1] = parts.map(Number);
  const row = siliconOf(world).pasidTables.rows.find(world, id);
  if (row === undefined) return null;
  const { entryPlace, entryLayout, terms } = lookOf(world);
  const place = entryPlace(world, row, pasid);
  if (place === null) return null;
  const title = `${terms.entryName} of PASID ${pasid}, ${pasidTableName(world, row)}`;
  return inspectRecord(machine, key, title, entryLayout, place);
}

function inspectCachedContext(machine: Machine, key: string, parts: readonly string[]): Look | null {
  const { world } = machine;
  const [id = -1, sid = -1, ssid = -1] = parts.map(Number);
  const { iommus, pasidTables } = siliconOf(world);
  if (iommus.find(world, id) === undefined) return null;
  const line = pasidTables.cached(world, id).find((each) => each.sid === sid && each.ssid === ssid);
  if (line === undefined) return null;
  const { terms, entryLayout } = lookOf(world);
  const subtitle = 'a copy in the IOMMU: memory may say something else by now';
  const title = `Cached ${terms.entryName.toLowerCase()} of ${terms.streamId} 0x${hex(sid)}, PASID ${ssid}`;
  return { key, title, subtitle, fields: [], records: [record(entryLayout, line.words)], origin: null };
}

function inspectStream(machine: Machine, key: string, parts: readonly string[]): Look | null {
  const { world } = machine;
  const [id = -1, sid = -1] = parts.map(Number);
  if (siliconOf(world).iommus.find(world, id) === undefined) return null;
  const { streamPlace, streamLayout, terms } = lookOf(world);
  const place = streamPlace(world, id, sid);
  if (place === null) return null;
  return inspectRecord(machine, key, `${terms.streamName} 0x${hex(sid)}`, streamLayout(world, id), place);
}

/** A queue as a whole: its two registers. */
function inspectQueue({ world }: Machine, key: string, queue: QueueLook, iommu: number): Look {
  const { name, cite, tail, head, role } = queue;
  const records = [tail, head].map((register) =>
    record(register.layout, wordsAt(world, registerPlace(world, iommu, register), register.layout.size)),
  );
  const { bits } = lookOf(world).queueState(world, iommu, role);
  const fields = [{ name: 'Entries', value: String(2 ** bits) }];
  return { key, title: name, subtitle: cite, fields, records, origin: null };
}

function inspectSlot(machine: Machine, key: string, parts: readonly string[]): Look | null {
  const { world } = machine;
  const { queues, queueState } = lookOf(world);
  const queue = queues.find(({ role }) => role === key.split('/')[0]);
  const [iommu = -1, index = -1] = parts.map(Number);
  if (queue === undefined || siliconOf(world).iommus.find(world, iommu) === undefined) return null;
  if (parts.length === 1) return inspectQueue(machine, key, queue, iommu);
  const { page, bits } = queueState(world, iommu, queue.role);
  if (!(index >= 0 && index < 2 ** bits)) return null;
  const at = index * queue.entryBytes;
  const place = { page: page + (at >>> 12), offset: at & 0xfff };
  const empty = { name: 'an empty slot', size: queue.entryBytes, cite: queue.cite, fields: {} };
  const layout = queue.layoutOf(readWord(world, place.page, place.offset)) ?? empty;
  return inspectRecord(machine, key, `${queue.name} entry ${index}`, layout, place);
}

function inspectCached(machine: Machine, key: string, parts: readonly string[]): Look | null {
  const { world } = machine;
  const isAtc = key.startsWith('atc/');
  const [owner = -1, index = -1] = parts.map(Number);
  const { iommus, iotlb } = siliconOf(world);
  const name = (isAtc ? devices.find(world, owner) : iommus.find(world, owner))?.name;
  if (name === undefined) return null;
  const cache: TlbShape = isAtc ? atcOf(world, owner) : iotlb(world, owner);
  if (parts.length === 1) return inspectCache(world, key, `${isAtc ? 'ATC' : 'IOTLB'} of ${name}`, cache);
  const entry = index < cache.sets * cache.ways ? entryAt(world, cache, index) : null;
  if (entry === null) return null;
  const at = index * TLB_ENTRY_BYTES;
  const place = { page: cache.page + (at >>> 12), offset: at & 0xfff };
  const fields = [
    { name: isAtc ? 'PASID' : lookOf(world).terms.tag, value: String(entry.asid) },
    { name: 'Page', value: pageAddress(entry.page) },
    { name: 'Covers', value: entry.span === 0 ? '4 KiB' : `${2 ** entry.span} pages` },
    { name: 'Leads to', value: pageAddress(entry.output) },
    { name: 'Global', value: entry.global ? 'yes' : 'no' },
  ];
  const title = `${isAtc ? 'ATC' : 'IOTLB'} entry ${index} of ${name}`;
  const records = isAtc ? [] : [record(formatOf(world).leaf, Uint32Array.of(entry.lo, entry.hi))];
  return {
    key,
    title,
    subtitle: 'storage of the hardware itself',
    fields,
    records,
    origin: { ...place, bytes: TLB_ENTRY_BYTES },
  };
}

function inspectCache(world: World, key: string, title: string, cache: TlbShape): Look {
  const fields = [
    { name: 'Entries', value: `${entriesOf(world, cache).length} of ${cache.sets * cache.ways}` },
    { name: 'Geometry', value: `${cache.sets} sets of ${cache.ways} ways` },
  ];
  return { key, title, subtitle: 'storage of the hardware itself', fields, records: [], origin: null };
}

/** A page of an address space: the descriptor that a walk for it ends at. */
function inspectPage(machine: Machine, key: string, parts: readonly string[]): Look | null {
  const mm = mms.find(machine.world, Number(parts[0]));
  const page = Number.parseInt(parts[1] ?? '', 16);
  if (mm === undefined || !(page >= 0)) return null;
  const last = pathOf(machine.world, mm.pgd, page).at(-1);
  const found = last && inspectDescriptor(machine, key, [last.table, String(last.index)]);
  if (!found) return null;
  const walked = { name: 'Walk ends', value: `level ${last.level}, ${found.title.toLowerCase()}` };
  return { ...found, title: `Page ${pageAddress(page)} of ${mm.name}`, fields: [walked, ...found.fields] };
}

const TABLES = { arm64: 'arm64, 4 KiB granule', sv39: 'RISC-V Sv39', sv48: 'RISC-V Sv48' } as const;

function inspectTable(machine: Machine, key: string, parts: readonly string[]): Look | null {
  const pfn = Number.parseInt(parts[0] ?? '', 16);
  const frame = frames.find(machine.world, pfn - machine.world.slots.ramFirst);
  if (frame?.use !== 'table') return null;
  const used = Array.from({ length: 512 }, (_, index) => readWord(machine.world, pfn, index * 8)).filter(
    (low) => (low & 1) === 1,
  );
  const fields = [
    { name: 'Page of memory', value: `0x${hex(pfn)}` },
    { name: 'Valid descriptors', value: `${used.length} of 512` },
    { name: 'Of', value: mms.find(machine.world, frame.owner)?.name ?? 'DMA addresses' },
  ];
  const origin = { page: pfn, offset: 0, bytes: 4096 };
  return {
    key,
    title: `Page table ${hex(pfn)}`,
    subtitle: TABLES[formatOf(machine.world).name],
    fields,
    records: [],
    origin,
  };
}

/** A page of memory: who uses it, and how it begins. */
function inspectFrame(machine: Machine, key: string, parts: readonly string[]): Look | null {
  const pfn = Number.parseInt(parts[0] ?? '', 16);
  const frame = frames.find(machine.world, pfn - machine.world.slots.ramFirst);
  if (frame === undefined) return null;
  const fields = [
    { name: 'Use', value: purposeOf(machine.world, frame) },
    { name: 'References', value: String(frame.refs) },
    { name: 'Pins', value: String(pinsOn(machine.world, pfn)) },
    { name: 'First bytes', value: ascii(wordsAt(machine.world, { page: pfn, offset: 0 }, 32)) },
  ];
  const origin = { page: pfn, offset: 0, bytes: 4096 };
  return { key, title: `Frame ${hex(pfn)}`, subtitle: `4 KiB at ${pageAddress(pfn)}`, fields, records: [], origin };
}

/** What a page of memory is used for. */
function purposeOf(world: World, { use, owner }: Frame): string {
  if (use === 'dma') return `DMA memory of domain ${domains.find(world, owner)?.name ?? 'that is gone'}`;
  return use === 'private' ? `DMA memory of ${spaces.find(world, owner)?.name ?? 'a private PASID'}` : use;
}

/** Words as hex, and as text where they are text. */
function ascii(words: Uint32Array): string {
  const bytes = [...words].flatMap((word) => [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff));
  const text = bytes.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
  return `${[...words.slice(0, 4)].map((word) => hex(word, 8)).join(' ')} ${text}`;
}

function inspectRegister(machine: Machine, key: string, parts: readonly string[]): Look | null {
  const { world } = machine;
  const iommu = siliconOf(world).iommus.find(world, Number(parts[0]));
  const offset = Number.parseInt(parts[1] ?? '', 16);
  const register = lookOf(world).registers.find((each) => offset >= each.offset && offset < each.offset + each.bytes);
  if (iommu === undefined || register === undefined) return null;
  const place = registerPlace(world, iommu.id, register);
  return inspectRecord(machine, key, `${iommu.name} ${register.name}`, register.layout, place);
}
