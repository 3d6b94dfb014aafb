import type { ExhibitView } from '../engine/contract.ts';

export const EXHIBIT_WIDTH = 264;
const TOP = 36;
const STEP = 7;
const BOTTOM = 16;
/** Characters of a head that fit into a column, by their number. */
const HEAD_LENGTH = [38, 38, 19, 12, 9];

export interface Head {
  readonly x: number;
  /** One line or two. */
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
  readonly heads: readonly Head[];
  readonly dots: readonly Dot[];
  readonly path: string;
  readonly cross: { readonly x: number; readonly y: number };
}

export function exhibitPicture({ columns, turns }: Pick<ExhibitView, 'columns' | 'turns'>): ExhibitPicture {
  const width = EXHIBIT_WIDTH / Math.max(1, columns.length);
  const middle = (column: number) => Math.round((column + 0.5) * width);
  const dots = turns.map(({ column, mm }, index) => ({ x: middle(column), y: TOP + index * STEP, mm }));
  const last = dots.at(-1) ?? { x: middle(0), y: TOP };
  const room = HEAD_LENGTH[Math.min(columns.length, HEAD_LENGTH.length - 1)] ?? 9;
  return {
    height: TOP + Math.max(0, turns.length - 1) * STEP + BOTTOM,
    heads: columns.map((name, column) => ({ x: middle(column), lines: headLines(name, room) })),
    dots,
    path: dots.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x},${y}`).join(''),
    cross: { x: last.x, y: last.y },
  };
}

/** A name in two lines at most, each as long as there is room. */
function headLines(name: string, room: number): string[] {
  const [first = '', ...rest] = name.split(' ');
  const lines = name.length <= room ? [name] : [first, rest.join(' ')].filter((line) => line !== '');
  return lines.map((line) => (line.length <= room ? line : `${line.slice(0, room - 1).trimEnd()}\u2026`));
}
