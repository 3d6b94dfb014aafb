import { present } from '../lib/assert.ts';
import { CHART_WIDTH, drawAcross, GUTTER, plain, wrap } from './chart-drawing.ts';
import type { Deed, RaceRow, Waiting } from './race-rows.ts';

/** More columns are not to be read side by side in a mail. */
export const MOST_COLUMNS = 4;
/** The last column, whose texts have nothing to run into, is at least so wide. */
const LAST = 28;
/** Of two columns the first is at least so wide, where the last needs more room. */
const NARROWEST = 20;
/** A text is broken where its column ends, but not into less than this. */
const SHORTEST_LINE = 32;
/** At least so much of a call stands in its own column. */
const SHORTEST_CALL = 7;
/** Blanks before a text for each function around it, and at most. */
const [INDENT, DEEPEST] = [2, 12];

/** A column: the actors whose deeds stand in it, each with a name to go before them where the column is shared. */
export interface RaceColumn {
  readonly label: string;
  readonly actors: ReadonlyMap<number, string>;
}

/**
 * The rows as lines of 7-bit ASCII without trailing blanks. What an actor does stands in its column; as only one of them
 * acts in a line, a long name may run over the bars to its right.
 */
export function drawRace(rows: readonly RaceRow[], columns: readonly RaceColumn[]): string[] {
  const starts = startsOf(columns.length, neededIn(rows, columns.at(-1)));
  const lines = heads(columns, starts);
  const last = new Map<RaceColumn, number>();
  let numbered = 0;
  for (const row of rows) {
    if (row.kind !== 'deed' && row.kind !== 'wait') {
      lines.push(...(row.kind === 'bug' ? [`${' '.repeat(GUTTER)}! ${row.text}`] : drawAcross(row)));
      continue;
    }
    const column = present(
      columns.find(({ actors }) => actors.has(row.actor)),
      'whoever acts has a column',
    );
    const name = last.get(column) === row.actor ? '' : present(column.actors.get(row.actor), 'an actor has a name');
    last.set(column, row.actor);
    const isNew = row.kind === 'deed' && row.event !== numbered;
    if (isNew) numbered = row.event;
    const texts = textsOf(row, name, spaceOf(starts, columns.indexOf(column), row.level));
    lines.push(...texts.map((text, line) => drawLine(line === 0 && isNew ? String(row.event) : '', text, starts)));
  }
  return lines.map((line) => plain(line).trimEnd());
}

/** Where the texts of each column begin; the last is to have room for so many letters. */
function startsOf(columns: number, needed: number): number[] {
  const room = CHART_WIDTH - GUTTER;
  const others = Math.max(1, columns - 1);
  const last = Math.max(LAST, Math.min(needed, room - others * NARROWEST));
  const pitch = Math.floor(Math.min(room / columns, (room - last) / others));
  return Array.from({ length: columns }, (_none, index) => GUTTER + index * pitch);
}

/** Letters that a column has to be wide so that no word of its texts is broken. */
function neededIn(rows: readonly RaceRow[], column: RaceColumn | undefined): number {
  const widths = rows.map((row) => {
    if (row.kind !== 'deed' && row.kind !== 'wait') return 0;
    return column?.actors.has(row.actor) ? Math.min(row.level * INDENT, DEEPEST) + longestWord(row.text) : 0;
  });
  return Math.max(0, ...widths);
}

const longestWord = (text: string): number => Math.max(...text.split(' ').map((word) => word.length));

/** Where a text stands: from `at` on, `own` letters in its column, which begins at `start`. */
interface Space {
  readonly start: number;
  readonly at: number;
  readonly own: number;
}

function spaceOf(starts: readonly number[], index: number, level: number): Space {
  const start = starts[index] as number;
  const next = starts[index + 1];
  // However deep a call is nested, it begins in its own column.
  const deepest = next === undefined ? DEEPEST : Math.min(DEEPEST, next - start - SHORTEST_CALL);
  const at = start + Math.min(level * INDENT, deepest);
  return { start, at, own: (next === undefined ? CHART_WIDTH : next - 2) - at };
}

interface Placed {
  readonly at: number;
  readonly text: string;
}

/** The text in lines, with the name of who acts before it: on the same line if there is room. */
function textsOf({ text }: Deed | Waiting, name: string, { start, at: indented, own }: Space): Placed[] {
  const longest = longestWord(text);
  // Rather less deep than broken within a word.
  const at = Math.max(start, Math.min(indented, CHART_WIDTH - longest));
  const width = Math.min(Math.max(own, SHORTEST_LINE, longest), CHART_WIDTH - at);
  const named = name === '' ? text : `${name}: ${text}`;
  const place = (line: string): Placed => ({ at, text: line });
  if (name === '' || named.length <= width) return wrap(named, width, INDENT).map(place);
  return [{ at: start, text: `${name}:`.slice(0, CHART_WIDTH - start) }, ...wrap(text, width, INDENT).map(place)];
}

/** A line with one text, and the bars that it leaves. */
function drawLine(number: string, { at, text }: Placed, starts: readonly number[]): string {
  const gutter = number.padStart(GUTTER - 2);
  const bars = starts.slice(1).reduce((line, start) => `${line.padEnd(start - 2)}|`, gutter);
  return `${bars.slice(0, at).padEnd(at)}${text} ${bars.slice(at + text.length + 1)}`;
}

/** The names of the columns, each in its own width, over a line of blanks. */
function heads(columns: readonly RaceColumn[], starts: readonly number[]): string[] {
  const cells = columns.map(({ label }, index) =>
    wrap(label, (starts[index + 1] ?? CHART_WIDTH + 2) - 3 - (starts[index] ?? 0)),
  );
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_none, line) =>
    cells.reduce((text, lines, index) => {
      const bar = index === 0 ? '' : '| ';
      return text.padEnd((starts[index] ?? 0) - bar.length) + bar + (lines[line] ?? '');
    }, ''),
  );
}
