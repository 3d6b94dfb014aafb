import type { AcrossRow, ChartRow, StepRow } from './chart-rows.ts';

/** No line of a chart is longer. */
export const CHART_WIDTH = 75;
/** Columns are this far apart, as far as the text beside them has its place. */
const [NARROWEST, WIDEST] = [3, 7];
const TEXT = 36;
const MOST_LANES = 15;
/** Blanks before a text that has to be wrapped, at most. */
const DEEPEST_SENTENCE = 4;
/** Event number and what separates it from the columns; the first of these stands under the middle of its name. */
export const GUTTER = 6;
const FIRST = GUTTER + 1;
/** Blanks between the last bar and the text, the bar included. */
const GAP = 2;

/** Stable short names of the columns that are no thing of its own. */
const SHORT: ReadonlyMap<string, string> = new Map([['device-driver', 'driver']]);

interface Columns {
  readonly lanes: readonly string[];
  readonly pitch: number;
  /** Where the text begins, and how long it can be. */
  readonly textAt: number;
  readonly textWidth: number;
}

/**
 * The rows as lines of 7-bit ASCII without trailing blanks; `order` is the order of the columns from left to right, and
 * `names` are the short names of those that this machine calls otherwise.
 */
export function drawChart(
  rows: readonly ChartRow[],
  order: readonly string[],
  names: ReadonlyMap<string, string> = new Map(),
): string[] {
  const columns = columnsFor(rows, order);
  const lines = [...(columns.lanes.length > 0 ? laneNames(columns, names) : []), ...drawRows(rows, columns)];
  return lines.map((line) => plain(line).trimEnd());
}

/** What 7-bit ASCII has no letter for is a question mark. */
export function plain(text: string): string {
  return text.replaceAll(/[^ -~]/gu, '?');
}

function columnsFor(rows: readonly ChartRow[], order: readonly string[]): Columns {
  const used = new Set<string>();
  for (const row of rows) {
    if (row.kind === 'arrow') used.add(row.from).add(row.to);
    if (row.kind === 'mark') used.add(row.lane);
  }
  const strangers = [...used].filter((lane) => !order.includes(lane));
  const lanes = [...strangers, ...order.filter((lane) => used.has(lane))];
  const gaps = Math.max(0, Math.min(lanes.length, MOST_LANES) - 1);
  const fitting = Math.floor((CHART_WIDTH - TEXT - FIRST - GAP) / Math.max(1, gaps));
  const pitch = Math.max(NARROWEST, Math.min(WIDEST, fitting));
  const textAt = FIRST + gaps * pitch + GAP;
  return { lanes, pitch, textAt, textWidth: CHART_WIDTH - textAt };
}

/** Where the bar of a lane stands; lanes beyond the last place share it. */
function placeOf({ lanes, pitch }: Columns, lane: string): number {
  return FIRST + Math.min(lanes.indexOf(lane), MOST_LANES - 1) * pitch;
}

/** Names over their bars, every other one on a second line, so that each has twice its place. */
function laneNames(columns: Columns, names: ReadonlyMap<string, string>): string[] {
  const shown = columns.lanes.slice(0, MOST_LANES).map((lane) => {
    const name = names.get(lane) ?? SHORT.get(lane) ?? lane;
    return { name, from: Math.max(1, placeOf(columns, lane) - Math.floor(name.length / 2)) };
  });
  const lines = [0, 1].map((half) => {
    const own = shown.filter((_name, index) => index % 2 === half);
    return own.reduce((line, { name, from }, index) => {
      const at = Math.max(line === '' ? 0 : line.length + 1, from);
      return line.padEnd(at) + name.slice(0, Math.max(1, (own[index + 1]?.from ?? CHART_WIDTH) - 1 - at));
    }, '');
  });
  return lines.filter((line) => line !== '');
}

function drawRows(rows: readonly ChartRow[], columns: Columns): string[] {
  return rows.flatMap((row) =>
    row.kind === 'arrow' || row.kind === 'mark' ? drawStep(row, columns) : drawAcross(row),
  );
}

/** The lines of a row that stands across all columns, not yet plain. */
export function drawAcross(row: AcrossRow): string[] {
  switch (row.kind) {
    case 'chapter':
      return ['', `-- ${row.text} `.slice(0, CHART_WIDTH - 3).padEnd(CHART_WIDTH, '-')];
    case 'note':
      return wrap(row.text, CHART_WIDTH - GUTTER - 2).map((line) => `${' '.repeat(GUTTER)}# ${line}`);
    default:
      return lead(row.event, SIGNS[row.kind], row.text);
  }
}

const SIGNS = { command: '$', answer: '=', broken: '*' } as const;

function lead(event: number | null, sign: string, text: string): string[] {
  const number = event === null ? '' : String(event);
  return wrap(text, CHART_WIDTH - GUTTER - 2).map(
    (line, index) => `${(index === 0 ? number : '').padStart(GUTTER - 2)}  ${index === 0 ? sign : ' '} ${line}`,
  );
}

function drawStep(row: StepRow, columns: Columns): string[] {
  const bars = drawBars(columns);
  const drawing = row.kind === 'arrow' ? drawArrow(bars, row, columns) : drawMark(bars, row, columns);
  const room = columns.textWidth - row.text.length;
  const indent = Math.min(row.level * 2, Math.max(row.text.includes(' ') ? DEEPEST_SENTENCE : 0, room));
  return wrap(row.text, columns.textWidth - indent, 2).map((text, index) => {
    const left = index === 0 ? String(row.event).padStart(GUTTER - 2) + drawing.slice(GUTTER - 2) : bars;
    return `${left.padEnd(columns.textAt)}${' '.repeat(indent)}${text}`;
  });
}

function drawBars(columns: Columns): string {
  const shown = columns.lanes.slice(0, MOST_LANES);
  return shown.reduce((line, lane) => `${line.padEnd(placeOf(columns, lane))}|`, '');
}

function drawMark(bars: string, row: Extract<StepRow, { kind: 'mark' }>, columns: Columns): string {
  const sign = row.steps === 1 ? 'o' : `(${row.steps})`;
  const middle = placeOf(columns, row.lane) - Math.floor(sign.length / 2);
  return overlay(bars, Math.min(middle, columns.textAt - sign.length - 1), sign);
}

function drawArrow(bars: string, row: Extract<StepRow, { kind: 'arrow' }>, columns: Columns): string {
  const [from, to] = [placeOf(columns, row.from), placeOf(columns, row.to)];
  if (from === to) return overlay(bars, from, 'o');
  const length = Math.abs(to - from) - 1;
  const dashes = row.traffic === 'wakeup' ? '~' : row.traffic === 'response' ? '- ' : '-';
  // Dashed lines are drawn from the head, so that it never stands alone.
  const shaft = dashes.repeat(length).slice(0, length - 1);
  if (to < from) return overlay(bars, to + 1, `<${shaft}`);
  return overlay(bars, from + 1, `${[...shaft].reverse().join('')}>`);
}

function overlay(line: string, at: number, text: string): string {
  return line.slice(0, at).padEnd(at) + text + line.slice(at + text.length);
}

/** The words of a text in lines of a width; a word that is longer is cut. Lines after the first hang. */
export function wrap(text: string, width: number, hanging = 0): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line.trim() === '' ? `${line}${word}` : `${line} ${word}`;
    if (longer.length > width && line.trim() !== '') {
      lines.push(line);
      line = ' '.repeat(hanging) + word;
    } else line = longer;
    for (; line.length > width; line = ' '.repeat(hanging) + line.slice(width)) lines.push(line.slice(0, width));
  }
  return [...lines, line];
}
