import { hex, pageAddress } from '../lib/format.ts';
import { type StackFrame, stepOf } from '../sim/procedure.ts';
import { inWords } from '../sim/telling.ts';
import type { Row } from '../world/row.ts';
import type { Table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import type { InspectionView } from './view.ts';

/** A row whose cells are read by name. */
export type Cells = Row & Readonly<Record<string, unknown>>;

/** The table of a name, undefined if the machine has none. */
export function tableOf(world: World, name: string): Table<Cells> | undefined {
  return world.schema.tables.find((table) => table.name === name) as Table<Cells> | undefined;
}

/** Fields that hold page numbers of addresses, and those that hold page numbers of memory. */
const ADDRESSES = new Set(['page', 'start', 'end', 'asking', 'reading']);
const FRAMES = new Set([
  'pfn',
  'pgd',
  'contextTable',
  'streamTable',
  'commandQueue',
  'eventQueue',
  'priQueue',
  'syncPage',
]);

const WORDS = new Set(['data', 'value', 'valueHi', 'lo', 'hi']);

/** Columns that name a row of a table that they are not named after. */
const REFERENCES: Readonly<Record<string, string>> = {
  'accel.listensIn': 'domain',
  'accel.mutex': 'lock',
  'iopf.queue': 'fault-queue',
  'lock.owner': 'actor',
  'mm.mmapLock': 'lock',
  'mm.pageTableLock': 'lock',
  'sent-request.group': 'request-group',
  'task.actor': 'actor',
  'vfio-container.mutex': 'lock',
  'vfio-container.owner': 'mm',
  'vfio-group.home': 'domain',
};
/** Columns that are named after a table and name no row of it. */
const NUMBERS = new Set(['smmu.unit', 'riscv-iommu.unit']);
/** Columns that say yes or no. */
const FLAGS = new Set([
  ...['exiting', 'shared', 'twoLevel', 'failed', 'last', 'exec', 'priv', 'read', 'write', 'locked', 'held', 'leaving'],
  ...['refused', 'noWrite', 'stale', 'open', 'dontfork', 'clean', 'priBusy', 'blocking', 'stall', 'up'],
]);

/** One cell of a table's row in words. */
export function columnInWords(
  world: World,
  table: string,
  key: string,
  value: unknown,
): { value: string; link?: string } {
  const column = `${table}.${key}`;
  if (typeof value !== 'number') return cellInWords(world, key, value);
  if (FLAGS.has(key)) return { value: value === 0 ? 'no' : 'yes' };
  if (value < 0) return { value: 'none' };
  if (NUMBERS.has(column)) return { value: String(value) };
  const other = REFERENCES[column];
  if (other === undefined) return cellInWords(world, key, value);
  const row = tableOf(world, other)?.find(world, value);
  if (row === undefined) return { value: `${other} ${value}, gone` };
  return { value: titleOf(world, other, row), link: `${other}/${value}` };
}

/** One cell in words; a field named as a table refers to a row of it. */
function cellInWords(world: World, key: string, value: unknown): { value: string; link?: string } {
  if (value === null || value === undefined) return { value: 'none' };
  if (key === 'frame') return { value: stackInWords(value as StackFrame) };
  if (typeof value !== 'number') return { value: String(value) };
  if (ADDRESSES.has(key)) return { value: value < 0 ? 'none' : pageAddress(value) };
  if (WORDS.has(key)) return { value: `0x${hex(value >>> 0, 8)}` };
  if (FRAMES.has(key)) return { value: `0x${hex(value)}` };
  const table = tableOf(world, key);
  if (table === undefined) return { value: String(value) };
  if (value < 0) return { value: 'none' };
  if (table.find(world, value) === undefined) return { value: `${key} ${value}, gone` };
  return { value: inWords(world, key, value), link: `${key}/${value}` };
}

function stackInWords(frame: StackFrame): string {
  const names: string[] = [];
  for (let at: StackFrame | null = frame; at !== null; at = at.caller) names.push(stepOf(at).name);
  return names.join(' < ');
}

/** A row's title and its cells, in the order of its declaration. */
export function rowFields(
  world: World,
  table: Table<Cells>,
  row: Cells,
): { title: string; fields: InspectionView['fields'] } {
  const fields = table.describe().map(({ key }) => ({ name: key, ...columnInWords(world, table.name, key, row[key]) }));
  return { title: titleOf(world, table.name, row), fields };
}

/** The name of a row, else what sentences call it, else its number. */
function titleOf(world: World, table: string, row: Cells): string {
  if (typeof row['name'] === 'string') return row['name'];
  const words = inWords(world, table, row.id);
  return words === String(row.id) ? `${table} ${row.id}` : words;
}
