import { Ints } from '../world/ints.ts';
import type { Row } from '../world/row.ts';
import { rowOfKey } from '../world/world.ts';
import type { Columns } from './columns.ts';
import { type RingColumns, valuesOfRing } from './rings.ts';

/**
 * Whole states, for those who do not trust 64 bits: of each column what the fingerprint counts of it. Rows that differ
 * in nothing but a name are one, and a ring is its live entries.
 */
export interface Exact {
  readonly words: Ints;
  /** Where each state begins. */
  readonly starts: Ints;
  readonly classes: Map<string, number>;
  /** By number of a row: its class. */
  readonly ofRow: number[];
  size: number;
}

export function createExact(): Exact {
  return { words: new Ints(), starts: new Ints(), classes: new Map(), ofRow: [], size: 0 };
}

/** The state that is looked at: what belongs to the script, the rings, then the columns without those at the end that are as at first. */
export function wholeState(exact: Exact, columns: Columns, part: number): number[] {
  const state = [part];
  for (const ring of columns.rings) state.push(classFor(exact, ringText(columns, ring)));
  let last = state.length;
  for (let column = 0; column < columns.keys.length; column++) {
    const value = valueIn(exact, columns, column);
    state.push(value);
    if (value !== 0) last = state.length;
  }
  state.length = last;
  return state;
}

function valueIn(exact: Exact, { current, firstRows, ringOf, rows, keys, world }: Columns, column: number): number {
  const value = current[column] as number;
  const first = firstRows[column];
  if ((ringOf[column] as number) >= 0) return 0;
  if (first === null || value === 0) return value;
  const known = exact.ofRow[value];
  if (known !== undefined) return known;
  const { table } = rowOfKey(keys[column] as number);
  const fields = world.schema.tables[table]?.describe() ?? [];
  const textOf = (row: Row | undefined): string => {
    if (row === undefined) return 'none';
    const cells = row as unknown as Readonly<Record<string, unknown>>;
    return fields.map(({ key, kind }) => (kind === 'name' ? '' : cellText(cells[key]))).join();
  };
  const text = textOf(rows[value - 1]);
  const number = text === textOf(first) ? 0 : classFor(exact, `${table}:${text}`);
  exact.ofRow[value] = number;
  return number;
}

/** A stack is told by its steps and locals. */
const cellText = (cell: unknown): string => (typeof cell === 'object' ? JSON.stringify(cell) : `${cell}`);

const ringText = (columns: Columns, ring: RingColumns): string =>
  `${ring.ring.name}:${valuesOfRing(columns.current, ring).join()}`;

function classFor({ classes }: Exact, text: string): number {
  const known = classes.get(text);
  if (known !== undefined) return known;
  classes.set(text, classes.size + 1);
  return classes.size;
}

export function isSame({ words, starts, size }: Exact, number: number, state: readonly number[]): boolean {
  const start = starts.at(number);
  const end = number + 1 === size ? words.length : starts.at(number + 1);
  if (end - start !== state.length) return false;
  for (let i = 0; i < state.length; i++) if (words.at(start + i) !== state[i]) return false;
  return true;
}

export function store(exact: Exact, state: readonly number[]): void {
  exact.starts.push(exact.words.length);
  for (const word of state) exact.words.push(word);
  exact.size++;
}
