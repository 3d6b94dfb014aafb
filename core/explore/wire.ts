import { present } from '../lib/assert.ts';
import { type StackFrame, seal } from '../sim/procedure.ts';
import type { Row } from '../world/row.ts';
import { rowKey, rowOfKey, type World, wordKey, wordOfKey } from '../world/world.ts';
import { learnLook } from './claims.ts';
import { type Columns, groupOfFrame, rowColumn, rowNumber, slotOfGroup, wordColumn } from './columns.ts';
import type { Ground } from './ground.ts';
import { learnColumns } from './memo.ts';
import { type Part, partFor } from './programs.ts';

/**
 * What a worker says of its numbers before it sends states in them. Columns, rows and parts of the script are numbered as
 * a worker meets them; the numbers of another one are other numbers. Each is told once, before the first state that uses it.
 */
export interface Words {
  readonly columns: readonly ColumnName[];
  readonly rows: readonly (Row | undefined)[];
  readonly parts: readonly Pick<Part, 'counts' | 'regions'>[];
  /** At which groups which invariant has looked: what was not changed of these in a state needs no asking in the next. */
  readonly looks: readonly Look[];
}

interface Look {
  /** Place among the claims, which are the same everywhere. */
  readonly claim: number;
  /** A table, or OTHERS; null for a frame of memory, which its page names. */
  readonly table: number | null;
  readonly page: number;
}

/** A row by its table and id, or a word by its page and place there: frames have other slots elsewhere. */
type ColumnName = { readonly table: number; readonly id: number } | { readonly page: number; readonly index: number };

/** How much of its numbers a worker has told another one. */
export interface Told {
  columns: number;
  rows: number;
  parts: number;
  looks: number;
}

export const nothingTold = (): Told => ({ columns: 0, rows: 0, parts: 0, looks: 0 });

/** What the other one does not know yet. */
export function newWords(ground: Ground, told: Told): Words {
  const { columns, parts, claims } = ground;
  const words: Words = {
    columns: columns.keys.slice(told.columns).map((_key, at) => nameOf(columns, told.columns + at)),
    rows: columns.rows.slice(told.rows),
    parts: parts.list.slice(told.parts).map(({ counts, regions }) => ({ counts, regions })),
    looks: looksFrom(ground, told.looks),
  };
  told.columns = columns.keys.length;
  told.rows = columns.rows.length;
  told.parts = parts.list.length;
  told.looks = claims.looks.length;
  return words;
}

function looksFrom({ claims, columns }: Ground, first: number): Look[] {
  const looks: Look[] = [];
  for (let at = first; at < claims.looks.length; at += 2) {
    const [claim, group] = [claims.looks.at(at), claims.looks.at(at + 1)];
    const slot = slotOfGroup(columns, group);
    looks.push({ claim, table: slot < 0 ? group : null, page: slot < 0 ? 0 : columns.world.slots.pageOf(slot) });
  }
  return looks;
}

function nameOf({ keys, firstRows, world }: Columns, column: number): ColumnName {
  const key = keys[column] as number;
  if (firstRows[column] !== null) return rowOfKey(key);
  const { slot, index } = wordOfKey(key);
  return { page: world.slots.pageOf(slot), index };
}

/** The numbers of another worker, as they are here. */
export interface Heard {
  /** By column there: the column here. */
  readonly columns: number[];
  /** By number of a row there, from 1 on. */
  readonly rows: (Row | undefined)[];
  /** The same rows as this world keeps them, as far as they were met. */
  readonly adopted: (Row | undefined)[];
  readonly parts: number[];
}

export const nothingHeard = (): Heard => ({ columns: [], rows: [], adopted: [], parts: [] });

export function hear({ columns, parts, turns, claims }: Ground, heard: Heard, words: Words): void {
  for (const name of words.columns) heard.columns.push(columnOf(columns, name));
  learnColumns(turns.memo);
  for (const row of words.rows) heard.rows.push(row);
  for (const { counts, regions } of words.parts) heard.parts.push(partFor(parts, counts, regions));
  for (const { claim, table, page } of words.looks)
    learnLook(claims, claim, table ?? groupOfFrame(columns, columns.world.slots.claim(page)));
}

/** A state in the numbers of another worker, from `at` on, in those of this one. */
export function translate(columns: Columns, heard: Heard, words: Int32Array, at: number): Int32Array {
  const state = new Int32Array(columns.keys.length);
  for (let there = 0; there < heard.columns.length; there++) {
    const value = words[at + there] as number;
    if (value === 0) continue;
    const column = heard.columns[there] as number;
    const isWord = columns.firstRows[column] === null;
    state[column] = isWord ? value : rowNumber(columns, column, rowHere(columns, heard, column, value - 1));
  }
  return state;
}

function rowHere({ keys, world }: Columns, { rows, adopted }: Heard, column: number, at: number): Row | undefined {
  const row = rows[at];
  if (row === undefined) return undefined;
  const known = adopted[at];
  if (known !== undefined) return known;
  const table = present(world.schema.tables[rowOfKey(keys[column] as number).table], 'a row has a table');
  const sealed = table.describe().filter(({ kind }) => kind === 'sealed');
  const cells = row as unknown as Readonly<Record<string, StackFrame | null>>;
  const own = Object.fromEntries(sealed.map(({ key }) => [key, stackHere(world, cells[key] ?? null)]));
  const here = table.adopt(world, { ...row, ...own });
  adopted[at] = here;
  return here;
}

function stackHere(world: World, frame: StackFrame | null): StackFrame | null {
  return frame === null ? null : seal(world, frame.step, frame.locals, stackHere(world, frame.caller));
}

/** No state here has a value there yet, or it would have a column: the world has what the first state had. */
function columnOf(columns: Columns, name: ColumnName): number {
  const { world } = columns;
  if ('table' in name) {
    const { table, id } = name;
    return rowColumn(columns, rowKey(table, id), world.rowsOf(table)[id]);
  }
  const slot = world.slots.claim(name.page);
  return wordColumn(columns, wordKey(slot, name.index), world.frame(slot).words[name.index] as number);
}
