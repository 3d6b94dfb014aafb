import type { Journal } from '../world/journal.ts';
import { rowOfKey, wordOfKey } from '../world/world.ts';
import {
  addRings,
  type Columns,
  NO_RING,
  rowColumn,
  rowNumber,
  share0,
  share1,
  weight0,
  weight1,
  wordColumn,
} from './columns.ts';
import type { RingColumns } from './rings.ts';

/** What a move changes: columns with their new values, and by how much the sums change. The old values are always the same. */
export interface Effect {
  readonly columns: readonly number[];
  readonly values: readonly number[];
  readonly olds: readonly number[];
  readonly groups: readonly number[];
  readonly delta0: readonly number[];
  readonly delta1: readonly number[];
  readonly h0: number;
  readonly h1: number;
  readonly rings: readonly number[];
}

/** What the steps in the journal have changed of the state that is looked at; the world is where they have led. */
export function effectOf(columns: Columns, journal: Journal): Effect {
  const news = new Map<number, number>();
  const { world } = columns;
  const end = journal.at === 0 ? 0 : journal.rowEnd(journal.at - 1);
  for (let i = 0; i < end; i++) {
    const key = journal.rowKey.at(i);
    const column = rowColumn(columns, key, journal.rowValue[i]);
    const { table, id } = rowOfKey(key);
    news.set(column, rowNumber(columns, column, world.rowsOf(table)[id]));
  }
  const wordEnd = journal.at === 0 ? 0 : journal.wordEnd(journal.at - 1);
  for (let i = 0; i < wordEnd; i++) {
    const key = journal.wordKey.at(i);
    const { slot, index } = wordOfKey(key);
    if (world.slots.isLedger(slot)) continue;
    const column = wordColumn(columns, key, journal.wordValue.at(i));
    news.set(column, (world.frame(slot).words[index] as number) ^ (columns.firstWords[column] as number));
  }
  const changed = [...news].filter(([column, value]) => columns.current[column] !== value);
  return weigh(columns, changed);
}

/** An effect with the sums that follow from it. */
function weigh(columns: Columns, changed: readonly (readonly [number, number])[]): Effect {
  const groups: number[] = [];
  const delta0: number[] = [];
  const delta1: number[] = [];
  const rings: number[] = [];
  let h0 = 0;
  let h1 = 0;
  for (const [column, value] of changed) {
    const old = columns.current[column] as number;
    const group = columns.groups[column] as number;
    if (!groups.includes(group)) groups.push(group);
    const at = groups.indexOf(group);
    delta0[at] = ((delta0[at] ?? 0) + weight0(column, value) - weight0(column, old)) | 0;
    delta1[at] = ((delta1[at] ?? 0) + weight1(column, value) - weight1(column, old)) | 0;
    const ring = columns.ringOf[column] as number;
    if (ring !== NO_RING) {
      if (!rings.includes(ring)) rings.push(ring);
      continue;
    }
    h0 = (h0 + share0(columns, column, value) - share0(columns, column, old)) | 0;
    h1 ^= share1(columns, column, value) ^ share1(columns, column, old);
  }
  const [own, values] = [changed.map(([column]) => column), changed.map(([, value]) => value)];
  const olds = own.map((column) => columns.current[column] as number);
  return { columns: own, values, olds, groups, delta0, delta1, h0, h1, rings };
}

/** Looks at the state that an effect leads to. */
export function apply(columns: Columns, effect: Effect): void {
  put(columns, effect, effect.values);
  shift(columns, effect, 1);
}

/** Looks at the state before it again. */
export function revert(columns: Columns, effect: Effect): void {
  put(columns, effect, effect.olds);
  shift(columns, effect, -1);
}

function put({ current }: Columns, { columns }: Effect, values: readonly number[]): void {
  for (let i = 0; i < columns.length; i++) current[columns[i] as number] = values[i] as number;
}

function shift(columns: Columns, { groups, delta0, delta1, h0, h1, rings }: Effect, sign: 1 | -1): void {
  const { sums0, sums1 } = columns;
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i] as number;
    sums0[group] = (sums0[group] as number) + sign * (delta0[i] as number);
    sums1[group] = (sums1[group] as number) + sign * (delta1[i] as number);
  }
  columns.h0 = (columns.h0 + sign * h0) | 0;
  columns.h1 ^= h1;
  if (rings.length === 0) {
    columns.all0 = (columns.all0 + sign * h0) | 0;
    columns.all1 ^= h1;
    return;
  }
  for (const ring of rings) (columns.rings[ring] as RingColumns).stale = true;
  addRings(columns);
}

/** Whether two effects change the same columns to the same values. */
export function isSameEffect(one: Effect, other: Effect): boolean {
  const valueIn = ({ columns, values }: Effect, column: number): number | undefined => values[columns.indexOf(column)];
  return (
    one.columns.length === other.columns.length &&
    one.columns.every((column, at) => valueIn(other, column) === one.values[at])
  );
}
