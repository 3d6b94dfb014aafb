import { scalePoint } from 'd3';
import type { LaneView, MessageView } from '../engine/contract.ts';
import { clamp } from './strips.ts';
import { wordsWidth } from './text.ts';

export const ARROW = 7;
const LABEL_PADDING = 8;
/** Line that stays visible beside a label on an arrow. */
const LINE_LEAST = 30;
/** Half of a lane's name, that must fit beside the outermost lane. */
const MARGIN = 46;

/** Where the lanes stand, by id. */
export function laneColumns(lanes: readonly LaneView[], width: number): ReadonlyMap<string, number> {
  const scale = scalePoint(
    lanes.map(({ id }) => id),
    [MARGIN, Math.max(MARGIN, width - MARGIN)],
  ).align(0.5);
  return new Map(lanes.map(({ id }) => [id, scale(id) ?? 0]));
}

/** The lanes of the run, and any that only a message names. */
export function lanesWith(lanes: readonly LaneView[], messages: readonly MessageView[]): readonly LaneView[] {
  const known = new Set(lanes.map(({ id }) => id));
  const strangers = messages.flatMap(({ from, to }) => [from, to]).filter((id) => !known.has(id));
  return [...lanes, ...[...new Set(strangers)].map((id) => ({ id, label: id }))];
}

export interface DrawnRow {
  /** Ends of the line; equal where nothing travels. */
  readonly from: number;
  readonly to: number;
  /** Left edge of the words and their width. */
  readonly x: number;
  readonly width: number;
  /** Whether the words stand on the line or beside it. */
  readonly on: boolean;
}

/** One row of the chart: the arrow, and its words on it if it is long enough, else beside it. */
export function layoutRow(message: MessageView, columns: ReadonlyMap<string, number>, width: number): DrawnRow {
  const from = columns.get(message.from) ?? 0;
  const to = columns.get(message.to) ?? from;
  const words = wordsWidth(message.text, 12) + LABEL_PADDING;
  const [left, right] = [Math.min(from, to), Math.max(from, to)];
  if (right - left >= words + LINE_LEAST)
    return { from, to, x: (left + right) / 2 - words / 2, width: words, on: true };
  const beside = right + ARROW + words <= width ? right + ARROW : left - ARROW - words;
  return { from, to, x: clamp(beside, 0, Math.max(0, width - words)), width: words, on: false };
}

export interface Run {
  /** Event and place among its messages: no other row has it. */
  readonly id: string;
  readonly message: MessageView;
  /** How many local events of the same actor it stands for. */
  readonly count: number;
  /** First and last event that it stands for. */
  readonly first: number;
  readonly last: number;
}

/** Runs of local events of one actor as one row each, so that messages are not lost among them. */
export function foldLocals(messages: readonly MessageView[], at: number): readonly Run[] {
  const runs: Run[] = [];
  let place = 0;
  for (const [index, message] of messages.entries()) {
    const before = runs.at(-1);
    place = messages[index - 1]?.event === message.event ? place + 1 : 0;
    if (before !== undefined && continues(before, message, at)) {
      runs[runs.length - 1] = { ...before, message, count: before.count + 1, last: message.event };
    } else runs.push({ id: `${message.event}/${place}`, message, count: 1, first: message.event, last: message.event });
  }
  return runs;
}

/** What the moment parts is not folded: the row of now tells of now. */
function continues(before: Run, message: MessageView, at: number): boolean {
  const local = message.traffic === 'local' && before.message.traffic === 'local';
  return local && before.message.from === message.from && before.last !== at && message.event !== at;
}

/** The rows around the moment: `past` up to now, and `future` after it; more of the past where there is less future. */
export function windowOf(runs: readonly Run[], at: number, rows: { readonly past: number; readonly future: number }) {
  const ahead = runs.findIndex(({ first }) => first > at);
  const now = ahead === -1 ? runs.length : ahead;
  const future = runs.slice(now, now + rows.future);
  return runs.slice(Math.max(0, now - rows.past - rows.future + future.length), now).concat(future);
}
