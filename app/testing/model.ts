import type {
  CacheEntryView,
  JobView,
  LevelView,
  MachineView,
  PasidRowView,
  ProcessView,
  TreeView,
  VmaView,
  WalkView,
} from '../engine/contract.ts';

const PAGE = 4096;
const LEVELS = [0, 1, 2, 3] as const;
const CELLS_AT_MOST = 16;

/** A type whose every part may be written: the fixture's views are made by changing one draft. */
export type Draft<T> = T extends readonly (infer Item)[]
  ? Draft<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Draft<T[Key]> }
    : T;

export interface Area {
  readonly name: string;
  readonly perms: string;
  readonly start: number;
  readonly pages: number;
  readonly backing: VmaView['backing'];
}

/** A process of the fixture: its areas, and the page frames that it has by page number. */
export interface Person {
  readonly mm: number;
  readonly name: string;
  readonly pid: number;
  readonly asid: number;
  pasid: number | null;
  readonly areas: readonly Area[];
  readonly frames: Map<number, number>;
  doing: string | null;
  waiting: boolean;
}

const hex = (value: number) => value.toString(16);

function slotOf(page: number, level: number): number {
  return Math.floor(page / 2 ** (27 - 9 * level)) % 512;
}

const tablesKnown: string[] = [];

/** Page number of the table that covers `page` at `level`: tables are numbered as they are first asked for. */
function tableOf(person: Person, page: number, level: number): string {
  const covers = `${person.name} ${level} ${Math.floor(page / 2 ** (36 - 9 * level))}`;
  if (!tablesKnown.includes(covers)) tablesKnown.push(covers);
  return hex(0x40 + tablesKnown.indexOf(covers));
}

/** The tree, as its real indices have it, with the walk of the moment. */
export function treeOf(person: Person, walk: WalkView | null = null): Draft<TreeView> {
  const pages = [...person.frames.keys()].sort((one, other) => one - other);
  return {
    mm: person.mm,
    name: person.name,
    root: tableOf(person, 0, 0),
    asid: person.asid,
    pasid: person.pasid,
    levels: LEVELS.map((level) => levelOf(person, pages, level)),
    leaves: pages.map((page) => leafOf(person, page)),
    walk: walk as Draft<WalkView> | null,
  };
}

function levelOf(person: Person, pages: readonly number[], level: number): Draft<LevelView> {
  const tables = new Map<string, Draft<LevelView>['tables'][number]>();
  if (level === 0) tables.set(tableOf(person, 0, 0), emptyTable(tableOf(person, 0, 0), 0));
  for (const page of pages) {
    const pfn = tableOf(person, page, level);
    const table = tables.get(pfn) ?? emptyTable(pfn, page - (page % 2 ** (36 - 9 * level)));
    tables.set(pfn, table);
    const index = slotOf(page, level);
    if (table.entries.some((entry) => entry.index === index)) continue;
    const to = level === 3 ? hex(person.frames.get(page) ?? 0) : tableOf(person, page, level + 1);
    table.entries.push({ key: `table/${pfn}/${index}`, index, to });
  }
  return { level, tables: [...tables.values()] };
}

function emptyTable(pfn: string, base: number): Draft<LevelView>['tables'][number] {
  return { key: `table/${pfn}`, pfn, base: `0x${hex(base * PAGE)}`, entries: [] };
}

function leafOf(person: Person, page: number): Draft<TreeView>['leaves'][number] {
  const area = person.areas.find(({ start, pages }) => page >= start / PAGE && page < start / PAGE + pages);
  const pfn = hex(person.frames.get(page) ?? 0);
  return {
    key: `frame/${pfn}`,
    from: `table/${tableOf(person, page, 3)}/${slotOf(page, 3)}`,
    page: `0x${hex(page * PAGE)}`,
    pfn,
    perms: area?.perms ?? '---',
    flags: 'AF',
    backing: area?.name ?? 'none',
  };
}

/** The walk of `page` by one of the two walkers, as far as the tree goes. */
export function walkOf(person: Person, page: number, walker: WalkView['walker'], who: string, to = 3): WalkView {
  const path = LEVELS.filter((level) => level <= to).map((level) => ({
    level,
    table: `table/${tableOf(person, page, level)}`,
    index: slotOf(page, level),
  }));
  const end = to < 3 ? 'none' : person.frames.has(page) ? 'found' : 'missing';
  return { event: 0, walker, who, page: `0x${hex(page * PAGE)}`, path, end };
}

/** The process as the page draws it; `asked` is the page number that the moment is about. */
export function processOf(person: Person, asked: number | null = null): Draft<ProcessView> {
  return {
    key: `process/${person.mm}`,
    name: person.name,
    pid: person.pid,
    mm: person.mm,
    pasid: person.pasid,
    state: 'live',
    threads: [{ key: `actor/${person.name}`, name: 'CPU 0', doing: person.doing, waiting: person.waiting }],
    vmas: person.areas.map((area, index) => vmaOf(person, area, index, asked)),
  };
}

function vmaOf(person: Person, area: Area, index: number, asked: number | null): Draft<VmaView> {
  const first = area.start / PAGE;
  const pages = Math.ceil(area.pages / CELLS_AT_MOST);
  const cells = Array.from({ length: Math.ceil(area.pages / pages) }, (_, cell) => {
    const inside = Array.from({ length: pages }, (_, page) => first + cell * pages + page);
    const page = inside[0] ?? first;
    const resident = inside.filter((number) => person.frames.has(number)).length;
    const isAsked = asked !== null && inside.includes(asked);
    const place = { key: `page/${person.mm}/${hex(page)}`, page: `0x${hex(page * PAGE)}`, pages };
    return { ...place, resident, swapped: 0, asked: isAsked };
  });
  const { name, perms, backing } = area;
  const [start, end] = [`0x${hex(area.start)}`, `0x${hex(area.start + area.pages * PAGE)}`];
  return { key: `vma/${person.mm}${index}`, name, perms, start, end, pages: area.pages, backing, flags: '', cells };
}

export function pasidRow(pasid: number, person: Person | null): Draft<PasidRowView> {
  const base = { key: `cd/0/${pasid}`, pasid, dmaTree: null };
  if (person === null) {
    return { ...base, valid: pasid === 0, leadsTo: 'iova', mm: null, asid: 0xffff, shared: false, label: 'IOVA map' };
  }
  const { asid, mm } = person;
  return { ...base, valid: true, leadsTo: 'mm', mm, asid, shared: true, label: `PGD of ${person.name}` };
}

export function cacheEntry(cache: string, index: number, person: Person, page: number): Draft<CacheEntryView> {
  const pfn = hex(person.frames.get(page) ?? 0);
  const address = `0x${hex(page * PAGE)}`;
  return {
    key: `${cache}/${index}`,
    mm: person.mm,
    pasid: person.pasid,
    page: address,
    pfn,
    perms: 'rw-',
    stale: false,
  };
}

const SLOTS_DRAWN = 8;

/** A queue of 32 with these live labels, the first at the consumer's index. */
export function queueOf(key: string, name: string, cons: number, live: readonly string[], mm: number | null = 0) {
  const size = 32;
  const prod = (cons + live.length) % size;
  const first = Math.max(0, Math.min(size - SLOTS_DRAWN, cons - 3));
  const slots = Array.from({ length: SLOTS_DRAWN }, (_, offset) => {
    const index = first + offset;
    const label = live[index - cons];
    return { key: `${key}/${index}`, index, live: label !== undefined, label: label ?? '', mm };
  });
  const wraps = { prodWrap: false, consWrap: false };
  return { key, name, size, prod, cons, ...wraps, length: live.length, overflow: false, slots };
}

export function job(index: number, person: Person, what: string, address: string): Draft<JobView> {
  const { mm, pasid } = person;
  return { key: `job/gpu0/${index}`, what, address, mm, pasid, state: 'queued', note: '' };
}

/** A machine with its power on and nothing in it yet. */
export function emptyMachine(): Draft<MachineView> {
  return {
    event: 0,
    time: 0,
    fingerprint: '0000000000000000',
    policy: 'rfcv2',
    bug: null,
    backend: 'smmuv3',
    processes: [],
    trees: [],
    dmaTrees: [],
    iommus: [],
    groups: [],
    kernel: { faults: [], locks: [], actors: [], asids: [], containers: [], frames: { used: 0, limit: 4096 } },
    memory: { swap: { used: 0, limit: 64 }, slots: [], pins: [] },
  };
}
