import type { MachineView, MessageView, Moment } from '../engine/contract.ts';

/** The columns of the machine, from left to right. */
export const COLUMNS = ['processes', 'tables', 'iommu', 'devices'] as const;
export type ColumnId = (typeof COLUMNS)[number];

/** How many of some things each column shows. */
export function countByColumn(view: MachineView, keys: ReadonlySet<string>): Readonly<Record<ColumnId, number>> {
  const shownIn: Record<ColumnId, unknown> = {
    processes: [view.processes, view.kernel],
    tables: [view.trees, view.dmaTrees],
    iommu: view.iommus,
    devices: view.groups,
  };
  const count = (id: ColumnId) => [...keysIn(shownIn[id])].filter((key) => keys.has(key)).length;
  return { processes: count('processes'), tables: count('tables'), iommu: count('iommu'), devices: count('devices') };
}

/** The columns that there is room for, those with the most first to be taken, in their order on the page. */
export function fullestColumns(counts: Readonly<Record<ColumnId, number>>, room: number): readonly ColumnId[] {
  const ranked = [...COLUMNS].sort((one, other) => counts[other] - counts[one]).slice(0, room);
  return COLUMNS.filter((id) => ranked.includes(id));
}

/** The key under which a column shows a thing: an address space stands in the card of its process. */
export function shownAs(key: string, view: Pick<MachineView, 'processes'> | undefined): string {
  const [kind, id] = key.split('/');
  if (kind !== 'mm') return key;
  return view?.processes.find(({ mm }) => mm === Number(id))?.key ?? key;
}

/** Where the kernel's own lanes do what they do; programs, workers and the script move in the first column. */
const COLUMNS_OF_LANES: Readonly<Record<string, readonly ColumnId[]>> = {
  'device-driver': ['devices'],
  'smmu-driver': ['iommu'],
  iommu: ['iommu'],
  mm: ['processes', 'tables'],
};

/** The columns of those who speak or are spoken to after an event, up to a moment, or whom its sentence names. */
export function columnsTold(
  { at, view, now }: Pick<Moment, 'at' | 'view' | 'now'>,
  messages: readonly Pick<MessageView, 'event' | 'from' | 'to'>[],
  after: number,
): ReadonlySet<ColumnId> {
  const names = new Map<string, readonly ColumnId[]>([
    ...view.iommus.map(({ name }) => [name, ['iommu']] as const),
    ...view.groups.flatMap(({ devices }) => devices.map(({ name }) => [name, ['devices']] as const)),
  ]);
  const said = messages.filter(({ event }) => event > after && event <= at);
  const lanes = new Set(said.flatMap(({ from, to }) => [from, to]));
  const named = [...names.keys()].filter((name) => now.sentence.split(/[^\w-]+/).includes(name));
  const columns = [...lanes, ...named].map((lane) => names.get(lane) ?? COLUMNS_OF_LANES[lane] ?? ['processes']);
  return new Set(columns.flat() as ColumnId[]);
}

/** Every key in a view, or in a part of one. */
export function keysIn(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return found;
  if ('key' in value && typeof value.key === 'string') found.add(value.key);
  for (const part of Object.values(value)) keysIn(part, found);
  return found;
}
