import { finish0, finish1, mix0, mix1 } from '../lib/hash.ts';
import { ReadLog, type View } from '../world/reads.ts';
import { rowOfKey, wordOfKey } from '../world/world.ts';
import { type Columns, groupOfFrame, reserveGroup } from './columns.ts';
import { NO_COLUMN } from './rings.ts';
import { findNumber, nothingSeen, numberFor, type Seen } from './seen.ts';
import { createViews, type Views, viewKey } from './views.ts';

/**
 * What guards, steps and invariants said of what they looked at. They read rows and words and nothing else, so where all
 * that one looked at is the same again, it says the same again: the machine is asked only for what is new to it.
 */
export interface Memo {
  readonly columns: Columns;
  readonly answers: Seen;
  /** By number of the key: the answer. */
  readonly results: number[];
  readonly views: Views;
  /** Places of shapes that look at something that has no column yet, by the key of its row or word. */
  readonly awaitedRows: Map<number, Place[]>;
  readonly awaitedWords: Map<number, Place[]>;
  known: number;
  shapes: number;
  /** How often the machine was asked, of how many questions. */
  asked: number;
  questions: number;
}

/** One thing that can be asked in every state: of one actor at one label, of one invariant, of one line of the script. */
export interface Question {
  shapes: Shape[];
  /** The answer in every state, where nothing was looked at to find it; else UNKNOWN. */
  constant: number;
}

interface Place {
  readonly shape: Shape;
  readonly at: number;
}

/** Rows, words, tables and frames that were looked at together. */
interface Shape {
  readonly seed: number;
  readonly rows: ReadonlySet<number>;
  readonly words: ReadonlySet<number>;
  readonly groups: ReadonlySet<number>;
  /** Columns of the rows and words, and the groups. */
  readonly columns: Int32Array;
  readonly sums: Int32Array;
  readonly views: ReadonlyMap<View, number>;
  /** It was made of others: what looks at less goes by it as well. */
  readonly isWide: boolean;
}

/** More shapes of one question than this are made one: what looks at more than it must is right all the same. */
const MOST_SHAPES = 8;
/** Of one table or frame of memory, more than so many rows or words that such a shape looks at are the whole of it. */
const MOST_OF_GROUP = 8;
export const UNKNOWN = -1;

export function createMemo(columns: Columns): Memo {
  return {
    ...{
      columns,
      answers: nothingSeen(),
      results: [],
      views: createViews(),
      awaitedRows: new Map(),
      awaitedWords: new Map(),
    },
    ...{ known: 0, shapes: 0, asked: 0, questions: 0 },
  };
}

export const newQuestion = (): Question => ({ shapes: [], constant: UNKNOWN });

let key0 = 0;
let key1 = 0;

function takeKey(memo: Memo, { seed, columns, sums, views }: Shape): void {
  const { current, sums0, sums1 } = memo.columns;
  let a = seed;
  let b = seed;
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as number;
    const value = column === NO_COLUMN ? 0 : (current[column] as number);
    a = mix0(a, value);
    b = mix1(b, value);
  }
  for (let i = 0; i < sums.length; i++) {
    const group = sums[i] as number;
    a = mix0(a, sums0[group] as number);
    b = mix1(mix1(b, sums1[group] as number), sums0[group] as number);
  }
  if (views.size > 0) {
    for (const [view, table] of views) {
      const [c, d] = viewKey(memo.views, memo.columns, view, table);
      a = mix0(a, c);
      b = mix1(b, d);
    }
  }
  key0 = finish0(a);
  key1 = finish1(b);
}

/** What was answered where all that was looked at was as in the state that is looked at now; UNKNOWN if it was not asked there. */
export function recall(memo: Memo, { shapes, constant }: Question): number {
  memo.questions++;
  if (constant !== UNKNOWN) return constant;
  for (let i = 0; i < shapes.length; i++) {
    takeKey(memo, shapes[i] as Shape);
    const number = findNumber(memo.answers, key0, key1);
    if (number >= 0) return memo.results[number] as number;
  }
  return UNKNOWN;
}

const log = new ReadLog();

/** Lets the world note what is looked at from here on. */
export function listenTo({ columns }: Memo): void {
  log.clear();
  columns.world.reads = log;
}

/** Ends it; the groups of columns that were looked at. */
export function endListening({ columns }: Memo): Set<number> {
  const { world } = columns;
  world.reads = null;
  const groups = new Set<number>(log.tables);
  for (const slot of log.frames) groups.add(groupOfFrame(columns, slot));
  for (const key of log.rows) groups.add(rowOfKey(key).table);
  for (const key of log.words) groups.add(groupOfFrame(columns, key >>> 10));
  for (const table of log.views.values()) groups.add(table);
  return groups;
}

/** Keeps an answer for all states in which what was looked at, as the log has it, is the same. */
export function keep(memo: Memo, question: Question, result: number): void {
  memo.asked++;
  if (log.isEmpty()) {
    question.constant = result;
    return;
  }
  const shape = shapeFor(memo, question);
  takeKey(memo, shape);
  const number = numberFor(memo.answers, key0, key1, memo.results.length);
  if (number === memo.results.length) memo.results.push(result);
}

/** What was looked at together. */
type Looked = Pick<Shape, 'groups' | 'rows' | 'words' | 'views'>;

function shapeFor(memo: Memo, question: Question): Shape {
  const looked = lookedAt(memo.columns);
  const { shapes } = question;
  const { columns } = memo;
  const known = shapes.find((shape) =>
    shape.isWide ? isWithin(columns, looked, shape) : isSameLook(columns, looked, shape),
  );
  if (known !== undefined) return known;
  if (shapes.length < MOST_SHAPES) {
    const shape = newShape(memo, looked, false);
    shapes.push(shape);
    return shape;
  }
  const union = newShape(memo, unionOf(columns, [...shapes, looked]), true);
  question.shapes = [union];
  return union;
}

/** All that was looked at; where that is much of a table or a frame of memory, the whole of it, which one sum stands for. */
function unionOf(columns: Columns, all: readonly Looked[]): Looked {
  const groups = new Set(all.flatMap((each) => [...each.groups]));
  const rows = new Set(all.flatMap((each) => [...each.rows]));
  const words = new Set(all.flatMap((each) => [...each.words]));
  const views = new Map(all.flatMap((each) => [...each.views]));
  const counts = new Map<number, number>();
  const groupsOf = [...[...rows].map(groupOfRow), ...[...words].map((key) => groupOfWord(columns, key))];
  for (const group of groupsOf) counts.set(group, (counts.get(group) ?? 0) + 1);
  for (const [group, count] of counts) if (count > MOST_OF_GROUP) groups.add(group);
  return {
    groups,
    rows: new Set([...rows].filter((key) => !groups.has(groupOfRow(key)))),
    words: new Set([...words].filter((key) => !groups.has(groupOfWord(columns, key)))),
    views,
  };
}

const groupOfRow = (key: number): number => rowOfKey(key).table;
const groupOfWord = (columns: Columns, key: number): number => groupOfFrame(columns, wordOfKey(key).slot);

/** Where a whole table or frame was looked at, its rows and words need not be told. */
function lookedAt(columns: Columns): Looked {
  return {
    groups: new Set([...log.tables, ...[...log.frames].map((slot) => groupOfFrame(columns, slot))]),
    rows: new Set([...log.rows].filter((key) => !log.tables.has(rowOfKey(key).table))),
    words: new Set([...log.words].filter((key) => !log.frames.has(key >>> 10))),
    views: new Map(log.views),
  };
}

const isWithin = (columns: Columns, looked: Looked, shape: Looked): boolean =>
  isSubset(looked.groups, shape.groups) &&
  [...looked.rows].every((key) => shape.rows.has(key) || shape.groups.has(groupOfRow(key))) &&
  [...looked.words].every((key) => shape.words.has(key) || shape.groups.has(groupOfWord(columns, key))) &&
  isSubset(looked.views, shape.views);

const isSameLook = (columns: Columns, looked: Looked, shape: Looked): boolean =>
  looked.groups.size === shape.groups.size &&
  looked.rows.size === shape.rows.size &&
  looked.words.size === shape.words.size &&
  looked.views.size === shape.views.size &&
  isWithin(columns, looked, shape);

interface Members<T> {
  keys(): Iterable<T>;
  has(value: T): boolean;
}

function isSubset<T>(some: Members<T>, all: Members<T>): boolean {
  for (const each of some.keys()) if (!all.has(each)) return false;
  return true;
}

function newShape(memo: Memo, looked: Looked, isWide: boolean): Shape {
  const { columns } = memo;
  const { groups, rows, words, views } = looked;
  for (const group of groups) reserveGroup(columns, group);
  const places = new Int32Array(rows.size + words.size).fill(NO_COLUMN);
  const seed = mix0(0x2c1b3c6d, memo.shapes++);
  // Written out: spread, each would be of a hidden class of its own, and slow to read.
  const shape: Shape = { seed, columns: places, sums: Int32Array.from(groups), isWide, groups, rows, words, views };
  let at = 0;
  for (const key of rows) place(shape, at++, key, columns.rowColumns, memo.awaitedRows);
  for (const key of words) place(shape, at++, key, columns.wordColumns, memo.awaitedWords);
  return shape;
}

function place(
  shape: Shape,
  at: number,
  key: number,
  known: ReadonlyMap<number, number>,
  awaited: Map<number, Place[]>,
): void {
  const column = known.get(key);
  if (column !== undefined) {
    shape.columns[at] = column;
    return;
  }
  const places = awaited.get(key) ?? [];
  places.push({ shape, at });
  awaited.set(key, places);
}

/** Tells the shapes that wait for it of columns that became known. */
export function learnColumns(memo: Memo): void {
  const { columns, awaitedRows, awaitedWords } = memo;
  for (; memo.known < columns.keys.length; memo.known++) {
    const key = columns.keys[memo.known] as number;
    const awaited = columns.firstRows[memo.known] === null ? awaitedWords : awaitedRows;
    for (const { shape, at } of awaited.get(key) ?? []) shape.columns[at] = memo.known;
    awaited.delete(key);
  }
}
