import { finish0, finish1, mix0, mix1 } from '../lib/hash.ts';
import { shareOf } from '../world/ring.ts';
import type { Row } from '../world/row.ts';
import { rowOfKey, type World, wordOfKey } from '../world/world.ts';
import { placeIn, type RingColumns, ringColumns, wordOfRing } from './rings.ts';

/**
 * States of one world as vectors of integers. A column is a row or a word that some step has written; 0 stands for what
 * the first state has there, so that a vector written before a column was known is still right. Rows are numbered as
 * they are met: a space of many states has few different rows. The ledger has no columns, as nothing reads it.
 */
export interface Columns {
  readonly world: World;
  readonly rowColumns: Map<number, number>;
  readonly wordColumns: Map<number, number>;
  /** By column: the key of the journal. */
  readonly keys: number[];
  /** By column: what the first state has there, `WORD` for a word, whose value stands beside it. */
  readonly firstRows: (Row | undefined | null)[];
  readonly firstWords: number[];
  /** By column: its table, or its frame of memory counted on from the tables. */
  readonly groups: number[];
  /** By group: its columns. */
  readonly inGroups: number[][];
  /** By column: the ring that the word belongs to, NO_RING for none. */
  readonly ringOf: number[];
  readonly rings: RingColumns[];
  readonly rows: (Row | undefined)[];
  readonly numbers: Map<Row | undefined, number>;
  /** The state that is looked at, and the one that the world is in. */
  current: Int32Array;
  inWorld: Int32Array;
  /** By group, of the state that is looked at: 64 bits that say what is in it; 0 for what is there at first. */
  sums0: Int32Array;
  sums1: Int32Array;
  /** Its fingerprint without the rings, and with them. */
  h0: number;
  h1: number;
  all0: number;
  all1: number;
}

const WORD = null;
export const NO_RING = -1;
const FIRST_WIDTH = 64;
/** Each state of a level has room for so many more than are known. */
const MORE_COLUMNS = 16;

export function createColumns(world: World): Columns {
  const columns: Columns = {
    ...{ world, rings: world.rings.map((ring) => ringColumns(world, ring)) },
    ...{ rowColumns: new Map(), wordColumns: new Map(), keys: [], firstRows: [], firstWords: [] },
    ...{ groups: [], inGroups: [], ringOf: [], rows: [undefined], numbers: new Map([[undefined, 1]]) },
    ...{ current: new Int32Array(FIRST_WIDTH), inWorld: new Int32Array(FIRST_WIDTH) },
    ...{ sums0: new Int32Array(FIRST_WIDTH), sums1: new Int32Array(FIRST_WIDTH) },
    ...{ h0: 0, h1: 0, all0: 0, all1: 0 },
  };
  const [h0, h1] = world.fingerprint();
  addRings(columns);
  columns.h0 = (h0 - columns.all0) | 0;
  columns.h1 = h1 ^ columns.all1;
  addRings(columns);
  return columns;
}

/** Counts the rings anew that changed, and adds them all to the fingerprint. */
export function addRings(columns: Columns): void {
  let { h0, h1 } = columns;
  for (const each of columns.rings) {
    if (each.stale) {
      const { ring, words } = each;
      const wordAt = (place: number): number => wordOfRing(columns.current, each, place);
      const [a, b] = shareOf(ring, wordAt(words) >>> 0, wordAt(words + 1) >>> 0, wordAt);
      each.share0 = a;
      each.share1 = b;
      each.stale = false;
    }
    h0 = (h0 + each.share0) | 0;
    h1 ^= each.share1;
  }
  columns.all0 = h0;
  columns.all1 = h1;
}

/** Sets a column of the state that is looked at; the fingerprint is right again after `addRings`. */
function setColumn(columns: Columns, column: number, value: number): void {
  const { current, sums0, sums1 } = columns;
  const old = current[column] as number;
  if (old === value) return;
  current[column] = value;
  const group = columns.groups[column] as number;
  sums0[group] = (sums0[group] as number) + weight0(column, value) - weight0(column, old);
  sums1[group] = (sums1[group] as number) + weight1(column, value) - weight1(column, old);
  const ring = columns.ringOf[column] as number;
  if (ring !== NO_RING) {
    (columns.rings[ring] as RingColumns).stale = true;
    return;
  }
  columns.h0 = (columns.h0 + share0(columns, column, value) - share0(columns, column, old)) | 0;
  columns.h1 ^= share1(columns, column, value) ^ share1(columns, column, old);
}

export const weight0 = (column: number, value: number): number =>
  value === 0 ? 0 : finish0(mix0(mix0(column, column), value));
export const weight1 = (column: number, value: number): number =>
  value === 0 ? 0 : finish1(mix1(mix1(column, column), value));

/** The share of a column in the fingerprint, as the world has it. */
export function share0({ world, keys, firstRows, firstWords, rows }: Columns, column: number, value: number): number {
  const first = firstRows[column];
  if (first !== WORD) return (value === 0 ? first : rows[value - 1])?.h0 ?? 0;
  const { slot, index } = wordOfKey(keys[column] as number);
  return world.slots.word0(slot, index, value ^ (firstWords[column] as number));
}

export function share1({ world, keys, firstRows, firstWords, rows }: Columns, column: number, value: number): number {
  const first = firstRows[column];
  if (first !== WORD) return (value === 0 ? first : rows[value - 1])?.h1 ?? 0;
  const { slot, index } = wordOfKey(keys[column] as number);
  return world.slots.word1(slot, index, value ^ (firstWords[column] as number));
}

/** Looks at the state in a vector of so many columns that begins at `at`. */
export function look(columns: Columns, words: Int32Array, at: number, width: number): void {
  const { current, keys } = columns;
  const told = Math.min(width, keys.length);
  for (let column = 0; column < told; column++) {
    const value = words[at + column] as number;
    if (current[column] !== value) setColumn(columns, column, value);
  }
  for (let column = told; column < keys.length; column++) if (current[column] !== 0) setColumn(columns, column, 0);
  addRings(columns);
}

/** Makes the world the state that is looked at. */
export function bringWorld({ world, current, inWorld, keys, firstRows, firstWords, rows }: Columns): void {
  const { journal } = world;
  world.journal = null;
  for (let column = 0; column < keys.length; column++) {
    const value = current[column] as number;
    if (inWorld[column] === value) continue;
    inWorld[column] = value;
    const key = keys[column] as number;
    const first = firstRows[column];
    if (first === WORD) {
      const { slot, index } = wordOfKey(key);
      world.writeSlot(slot, index, value ^ (firstWords[column] as number));
    } else {
      const { table, id } = rowOfKey(key);
      world.setRow(table, id, value === 0 ? first : rows[value - 1]);
    }
  }
  world.journal = journal;
}

const NOTHING = new Int32Array(0);

/** Looks at the first state. */
export const lookAtFirst = (columns: Columns): void => look(columns, NOTHING, 0, 0);

/** Makes the world the first state again. */
export function bringFirst(columns: Columns): void {
  lookAtFirst(columns);
  bringWorld(columns);
}

/** The number of a row where `column` stands: 0 for the one that was there at first. */
export function rowNumber({ rows, numbers, firstRows }: Columns, column: number, row: Row | undefined): number {
  if (row === firstRows[column]) return 0;
  const known = numbers.get(row);
  if (known !== undefined) return known;
  const number = rows.push(row);
  numbers.set(row, number);
  return number;
}

/** The column of a row; the first write gives it one, `first` is what was there until then. */
export function rowColumn(columns: Columns, key: number, first: Row | undefined): number {
  const known = columns.rowColumns.get(key);
  if (known !== undefined) return known;
  columns.rowColumns.set(key, columns.keys.length);
  columns.firstRows.push(first);
  columns.firstWords.push(0);
  columns.ringOf.push(NO_RING);
  return addColumn(columns, key, rowOfKey(key).table);
}

export function wordColumn(columns: Columns, key: number, first: number): number {
  const known = columns.wordColumns.get(key);
  if (known !== undefined) return known;
  const column = columns.keys.length;
  columns.wordColumns.set(key, column);
  columns.firstRows.push(WORD);
  columns.firstWords.push(first);
  const { slot, index } = wordOfKey(key);
  const page = columns.world.slots.pageOf(slot);
  columns.ringOf.push(columns.rings.findIndex((ring) => placeIn(ring, page, index) >= 0));
  for (const ring of columns.rings) {
    const place = placeIn(ring, page, index);
    if (place >= 0) ring.columns[place] = column;
  }
  return addColumn(columns, key, groupOfFrame(columns, slot));
}

/** A table is a group of columns, and so is a frame of memory. */
export const groupOfFrame = ({ world }: Columns, slot: number): number => world.schema.tables.length + slot;

/** The frame that a group is, negative for a table. */
export const slotOfGroup = ({ world }: Columns, group: number): number => group - world.schema.tables.length;

function addColumn(columns: Columns, key: number, group: number): number {
  columns.groups.push(group);
  const column = columns.keys.push(key) - 1;
  columns.inGroups[group] = [...(columns.inGroups[group] ?? []), column];
  const { length } = columns.current;
  if (columns.keys.length > length) {
    columns.current = resized(columns.current, length + MORE_COLUMNS);
    columns.inWorld = resized(columns.inWorld, length + MORE_COLUMNS);
  }
  reserveGroup(columns, group);
  return column;
}

/** Makes room for the sums of a group. */
export function reserveGroup(columns: Columns, group: number): void {
  if (group < columns.sums0.length) return;
  columns.sums0 = resized(columns.sums0, 2 * (group + 1));
  columns.sums1 = resized(columns.sums1, 2 * (group + 1));
}

function resized(words: Int32Array, length: number): Int32Array {
  const larger = new Int32Array(length);
  larger.set(words);
  return larger;
}
