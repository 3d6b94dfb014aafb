import { finish0, finish1, mix0, mix1 } from '../lib/hash.ts';
import type { View } from '../world/reads.ts';
import type { Row } from '../world/row.ts';
import type { Columns } from './columns.ts';

/** What views say of rows: few different texts, each with a number. */
export interface Views {
  /** By view, then by number of a row. */
  readonly ofRows: Map<View, number[]>;
  readonly texts: Map<string, number>;
}

export function createViews(): Views {
  return { ofRows: new Map(), texts: new Map() };
}

const NONE: readonly number[] = [];

/** No view says this. */
const NO_ROW = '\0';

/** 64 bits of what a view says of all rows of a table; rows that say what the first ones did count for nothing. */
export function viewKey(views: Views, columns: Columns, view: View, table: number): readonly [number, number] {
  let a = 0;
  let b = 0;
  for (const column of columns.inGroups[table] ?? NONE) {
    const value = columns.current[column] as number;
    if (value === 0) continue;
    const first = columns.firstRows[column] ?? undefined;
    const said = numberOf(views, columns, view, value);
    if (said === textNumber(views, first === undefined ? NO_ROW : view(first))) continue;
    a = (a + finish0(mix0(mix0(column, column), said))) | 0;
    b = (b + finish1(mix1(mix1(column, column), said))) | 0;
  }
  return [a, b];
}

function numberOf(views: Views, { rows }: Columns, view: View, value: number): number {
  const known = views.ofRows.get(view) ?? [];
  views.ofRows.set(view, known);
  const number = known[value];
  if (number !== undefined) return number;
  const row: Row | undefined = rows[value - 1];
  const fresh = textNumber(views, row === undefined ? NO_ROW : view(row));
  known[value] = fresh;
  return fresh;
}

function textNumber({ texts }: Views, text: string): number {
  const known = texts.get(text);
  if (known !== undefined) return known;
  texts.set(text, texts.size + 1);
  return texts.size;
}
