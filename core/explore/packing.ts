import type { Journal } from '../world/journal.ts';
import type { Row } from '../world/row.ts';
import { rowOfKey, type World, wordOfKey } from '../world/world.ts';

/**
 * How states of one world are written down as vectors of integers. A column is a row or a word that some step has
 * written; 0 stands for what the first state has there, so that a vector written before a column was known is still
 * right. Rows are numbered as they are met: a space of many states has few different rows.
 */
export interface Packing {
  readonly world: World;
  readonly rowColumns: Map<number, number>;
  readonly wordColumns: Map<number, number>;
  /** By column: the key of the journal, and for a word one more than what it was at first; rows have their first row. */
  readonly keys: number[];
  readonly firstRows: (Row | undefined | null)[];
  readonly firstWords: number[];
  readonly rows: (Row | undefined)[];
  readonly numbers: Map<Row | undefined, number>;
  /** What the world holds now, by column. */
  current: Int32Array;
}

/** Stands in `firstRows` for a column that is a word. */
const WORD = null;
const FIRST_WIDTH = 64;

export function createPacking(world: World): Packing {
  return {
    world,
    rowColumns: new Map(),
    wordColumns: new Map(),
    keys: [],
    firstRows: [],
    firstWords: [],
    rows: [undefined],
    numbers: new Map(),
    current: new Int32Array(FIRST_WIDTH),
  };
}

/** Columns that a vector has to hold: it may be longer than what is known yet. */
export function widthOf({ current }: Packing): number {
  return current.length;
}

/** States of one level, one after another. */
export interface Arena {
  words: Int32Array;
  /** Integers per state: its columns and what belongs to the script. */
  stride: number;
  count: number;
}

export function createArena(packing: Packing): Arena {
  const stride = widthOf(packing) + 1;
  return { words: new Int32Array(stride * 256), stride, count: 0 };
}

/** Writes down what the world holds after the steps of the journal from `first` on, taken from the state in `from`. */
export function save(packing: Packing, journal: Journal, from: Arena, index: number, into: Arena, extra: number): void {
  noteColumns(packing, journal);
  widen(packing, from);
  widen(packing, into);
  const { stride } = into;
  if ((into.count + 1) * stride > into.words.length) enlarge(into);
  const at = into.count * stride;
  into.words.set(from.words.subarray(index * stride, (index + 1) * stride), at);
  into.count++;
  into.words[at] = extra;
  const { world, rowColumns, wordColumns } = packing;
  for (let i = 0; i < journal.rowKey.length; i++) {
    const key = journal.rowKey.at(i);
    const column = rowColumns.get(key) as number;
    into.words[at + 1 + column] = rowNumber(packing, column, rowAt(world, key));
  }
  for (let i = 0; i < journal.wordKey.length; i++) {
    const key = journal.wordKey.at(i);
    const column = wordColumns.get(key) as number;
    into.words[at + 1 + column] = wordAt(world, key) ^ (packing.firstWords[column] as number);
  }
}

/** Puts the first state into an arena: all columns hold what they held at first. */
export function saveFirst(arena: Arena, extra: number): void {
  arena.words.fill(0, 0, arena.stride);
  arena.words[0] = extra;
  arena.count = 1;
}

/** Makes the world the first state again. */
export function loadFirst(packing: Packing): void {
  load(packing, { words: new Int32Array(widthOf(packing) + 1), stride: widthOf(packing) + 1, count: 1 }, 0);
}

/** Makes the world the state that was written down; the answer is what was written with it. */
export function load(packing: Packing, arena: Arena, index: number): number {
  widen(packing, arena);
  const { world, keys, firstRows, current } = packing;
  const { words, stride } = arena;
  const at = index * stride;
  const { journal } = world;
  world.journal = null;
  for (let column = 0; column < keys.length; column++) {
    const value = words[at + 1 + column] as number;
    if (current[column] === value) continue;
    current[column] = value;
    const key = keys[column] as number;
    const firstRow = firstRows[column];
    if (firstRow === WORD) {
      const { slot, index: word } = wordOfKey(key);
      world.writeSlot(slot, word, value ^ (packing.firstWords[column] as number));
    } else {
      const { table, id } = rowOfKey(key);
      world.setRow(table, id, value === 0 ? firstRow : packing.rows[value - 1]);
    }
  }
  world.journal = journal;
  return words[at] as number;
}

const rowAt = (world: World, key: number): Row | undefined => {
  const { table, id } = rowOfKey(key);
  return world.rowsOf(table)[id];
};

const wordAt = (world: World, key: number): number => {
  const { slot, index } = wordOfKey(key);
  return world.frame(slot).words[index] as number;
};

function rowNumber(packing: Packing, column: number, row: Row | undefined): number {
  if (row === packing.firstRows[column]) return 0;
  const known = packing.numbers.get(row);
  if (known !== undefined) return known;
  const number = packing.rows.push(row);
  packing.numbers.set(row, number);
  return number;
}

/** The first write to a row or a word gives it a column: the journal still has what it was before. */
function noteColumns(packing: Packing, journal: Journal): void {
  const { rowColumns, wordColumns, keys, firstRows, firstWords } = packing;
  for (let i = 0; i < journal.rowKey.length; i++) {
    const key = journal.rowKey.at(i);
    if (rowColumns.has(key)) continue;
    rowColumns.set(key, keys.push(key) - 1);
    firstRows.push(journal.rowValue[i]);
    firstWords.push(0);
  }
  for (let i = 0; i < journal.wordKey.length; i++) {
    const key = journal.wordKey.at(i);
    if (wordColumns.has(key)) continue;
    wordColumns.set(key, keys.push(key) - 1);
    firstRows.push(WORD);
    firstWords.push(journal.wordValue.at(i));
  }
  if (keys.length <= packing.current.length) return;
  const wider = new Int32Array(Math.max(keys.length, packing.current.length * 2));
  wider.set(packing.current);
  packing.current = wider;
}

/** Widens the vectors of an arena when more columns became known: what they do not say is as it was at first. */
function widen(packing: Packing, arena: Arena): void {
  const stride = widthOf(packing) + 1;
  if (arena.stride === stride) return;
  const words = new Int32Array(Math.max(256, arena.count) * stride);
  for (let index = 0; index < arena.count; index++) {
    words.set(arena.words.subarray(index * arena.stride, (index + 1) * arena.stride), index * stride);
  }
  arena.words = words;
  arena.stride = stride;
}

function enlarge(arena: Arena): void {
  const words = new Int32Array(arena.words.length * 2);
  words.set(arena.words);
  arena.words = words;
}
