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

/** One cell in words; a field named as a table refers to a row of it. */
export function cellInWords(world: World, key: string, value: unknown): { value: string; link?: string } {
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
  const fields = table.describe().map(({ key }) => ({ name: key, ...cellInWords(world, key, row[key]) }));
  if (typeof row['name'] === 'string') return { title: row['name'], fields };
  const words = inWords(world, table.name, row.id);
  return { title: words === String(row.id) ? `${table.name} ${row.id}` : words, fields };
}
