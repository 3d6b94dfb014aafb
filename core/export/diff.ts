import { at, type Machine, seek } from '../machine/machine.ts';
import { inWords } from '../sim/telling.ts';
import type { Table } from '../world/table.ts';
import { look } from './inspect.ts';
import { type Cells, rowFields } from './row-fields.ts';
import { viewOf } from './state.ts';

/** How a thing differs between two moments, field by field. */
export interface ThingDiff {
  readonly key: string;
  /** Its keys on both sides, null where it is not there. */
  readonly keys: { readonly left: string | null; readonly right: string | null };
  /** What kind of thing it is: a table, or a kind of record in memory. */
  readonly kind: string;
  readonly title: string;
  readonly change: 'created' | 'gone' | 'changed';
  readonly fields: readonly FieldDiff[];
}

/** A field on both sides; empty where the thing is not there. */
export interface FieldDiff {
  readonly name: string;
  readonly left: string;
  readonly right: string;
}

/** All things of a machine at one moment, by a name that means the same in another run. */
type Inventory = ReadonlyMap<string, Item>;

interface Item {
  readonly key: string;
  readonly kind: string;
  readonly title: string;
  readonly fields: readonly { readonly name: string; readonly value: string }[];
}

/** Bookkeeping of the emulator itself, which no kernel and no hardware has. */
const LEFT_OUT = new Set(['actor']);
/** Things that stand in memory or in a cache; rows are found in their tables. */
const RECORDS = /^(pte|cd|ste|cmdq|evtq|priq|iotlb|atc|cached-cd)\/.*\d/;

/** What differs between two moments of one run or of two, grouped by thing, in the order in which people look for it. */
export function diffOf(
  left: { machine: Machine; event: number },
  right: { machine: Machine; event: number },
): ThingDiff[] {
  const [one, other] = [inventoryAt(left.machine, left.event), inventoryAt(right.machine, right.event)];
  const names = [...new Set([...one.keys(), ...other.keys()])];
  const found = names.flatMap((name): ThingDiff[] => {
    const [before, after] = [one.get(name), other.get(name)];
    const item = after ?? before;
    if (item === undefined) return [];
    const fields = fieldsOf(before, after);
    if (fields.length === 0) return [];
    const change = before === undefined ? 'created' : after === undefined ? 'gone' : 'changed';
    const keys = { left: before?.key ?? null, right: after?.key ?? null };
    return [{ key: item.key, keys, kind: item.kind, title: item.title, change, fields }];
  });
  return found.sort((a, b) => rankOf(a.kind) - rankOf(b.kind));
}

const RANKS = [
  ...['process', 'task', 'mm', 'vma', 'bond', 'context', 'domain', 'group', 'device', 'job', 'atc', 'cd', 'ste', 'pte'],
  ...['priq', 'evtq', 'cmdq', 'iotlb', 'fault', 'iopf', 'request-group', 'lock', 'message', 'frame'],
];

function rankOf(kind: string): number {
  const rank = RANKS.indexOf(kind);
  return rank < 0 ? RANKS.length : rank;
}

function fieldsOf(before: Item | undefined, after: Item | undefined): FieldDiff[] {
  const valueIn = (item: Item | undefined, name: string): string =>
    item?.fields.find((field) => field.name === name)?.value ?? '';
  const names = [...new Set([...(before?.fields ?? []), ...(after?.fields ?? [])].map(({ name }) => name))];
  return names
    .map((name) => ({ name, left: valueIn(before, name), right: valueIn(after, name) }))
    .filter(({ left, right }) => left !== right);
}

/** Everything there is after an event; the machine stands afterwards where it stood. */
function inventoryAt(machine: Machine, event: number): Inventory {
  const moment = at(machine);
  seek(machine, event);
  const items = new Map<string, Item>();
  for (const item of [...rowsIn(machine), ...recordsIn(machine)]) {
    const base = `${item.kind} ${item.title}`;
    let name = base;
    for (let nth = 2; items.has(name); nth++) name = `${base} (${nth})`;
    items.set(name, item);
  }
  seek(machine, moment);
  return items;
}

function* rowsIn({ world }: Machine): Iterable<Item> {
  for (const table of world.schema.tables) {
    if (LEFT_OUT.has(table.name)) continue;
    for (const row of table.all(world)) {
      const { title, fields } = rowFields(world, table as unknown as Table<Cells>, row as Cells);
      const words = inWords(world, table.name, row.id);
      const named = words === String(row.id) ? title : words;
      yield {
        key: `${table.name}/${row.id}`,
        kind: table.name,
        title: named,
        fields: fields.filter(({ name }) => name !== 'frame'),
      };
    }
  }
}

/** What the machine's view shows of memory and caches, decoded as the inspector does it. */
function* recordsIn(machine: Machine): Iterable<Item> {
  const keys = new Set(
    [...JSON.stringify(viewOf(machine)).matchAll(/"key":"([^"]+)"/g)].map((match) => match[1] ?? ''),
  );
  for (const key of keys) {
    if (!RECORDS.test(key)) continue;
    const found = look(machine, key);
    if (found === null) continue;
    const bits = found.records
      .flatMap((record) => record.bits)
      .map(({ name, hex, value }) => ({ name, value: value || hex }));
    yield { key, kind: key.slice(0, key.indexOf('/')), title: found.title, fields: [...found.fields, ...bits] };
  }
}
