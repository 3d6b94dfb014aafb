import type { ExhibitView } from '../engine/contract.ts';

export const EXHIBIT_WIDTH = 264;
/** From one line of a head to the next, and around all of them. */
export const HEAD_LINE = 12;
const MOST_LINES = 3;
const STEP = 7;
const BOTTOM = 16;
/** Characters of a head that fit into a column, by their number. */
const HEAD_LENGTH = [38, 38, 19, 12, 11];

export interface Head {
  readonly x: number;
  /** Up to three. */
  readonly lines: readonly string[];
}

export interface Dot {
  readonly x: number;
  readonly y: number;
  readonly mm: number | null;
}

/** Who moved in which order: a column each, a dot for each step, a line from each to the next, a cross where it breaks. */
export interface ExhibitPicture {
  readonly height: number;
  /** Where the dots begin, below the heads. */
  readonly top: number;
  readonly heads: readonly Head[];
  readonly dots: readonly Dot[];
  readonly path: string;
  readonly cross: { readonly x: number; readonly y: number };
}

export function exhibitPicture({ columns, turns }: Pick<ExhibitView, 'columns' | 'turns'>): ExhibitPicture {
  const width = EXHIBIT_WIDTH / Math.max(1, columns.length);
  const middle = (column: number) => Math.round((column + 0.5) * width);
  const room = HEAD_LENGTH[Math.min(columns.length, HEAD_LENGTH.length - 1)] ?? 11;
  const heads = columns.map((name, column) => ({ x: middle(column), lines: headLines(name, room) }));
  const top = HEAD_LINE * (1 + Math.max(1, ...heads.map(({ lines }) => lines.length)));
  const dots = turns.map(({ column, mm }, index) => ({ x: middle(column), y: top + index * STEP, mm }));
  const last = dots.at(-1) ?? { x: middle(0), y: top };
  return {
    height: top + Math.max(0, turns.length - 1) * STEP + BOTTOM,
    top,
    heads,
    dots,
    path: dots.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x},${y}`).join(''),
    cross: { x: last.x, y: last.y },
  };
}

/** A name in three lines at most, each as long as there is room. */
function headLines(name: string, room: number): string[] {
  const lines: string[] = [];
  for (const word of name.split(' ')) {
    const last = lines.at(-1);
    const joined = `${last} ${word}`;
    const isFull = lines.length === MOST_LINES;
    if (last !== undefined && (joined.length <= room || isFull)) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  return lines.map((line) => (line.length <= room ? line : `${line.slice(0, room - 1).trimEnd()}\u2026`));
}
