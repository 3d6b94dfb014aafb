import { scalePoint } from 'd3';
import type { KernelView, LaneView, MessageView } from '../engine/contract.ts';
import { clamp } from './strips.ts';
import { wordsWidth } from './text.ts';

export const ARROW = 7;
const LABEL_PADDING = 8;
/** Line that stays visible beside a label on an arrow. */
const LINE_LEAST = 30;
/** Half of a lane's name, that must fit beside the outermost lane. */
const MARGIN = 46;

/** From a lane to where a line to a hidden one has faded out. */
const STUB = 44;
/** Least room between the names of two lanes. */
const HEAD_GAP = 10;
/** Events for which the same lanes are shown. */
const STRETCH = 40;
/** A message counts for so many local events. */
const LANE_MESSAGE_WEIGHT = 5;

/** What a row of the chart shows: a message, or somebody who waits for a lock. */
export interface LaneMessage extends Omit<MessageView, 'traffic'> {
  readonly traffic: MessageView['traffic'] | 'wait';
}

export interface LaneColumns {
  /** Where the shown lanes stand, by id. */
  readonly at: ReadonlyMap<string, number>;
  /** All lanes in their order, the hidden ones too. */
  readonly order: readonly string[];
}

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
  /** The end that has no lane: the line fades out towards it. */
  readonly stub: 'from' | 'to' | 'both' | null;
}

/** One row of the chart: the arrow, and its words on it if it is long enough, else beside it. */
export function layoutRow(message: LaneMessage, columns: LaneColumns, width: number): DrawnRow {
  const { from, to, stub } = endsOf(message, columns);
  const words = wordsWidth(message.text, 12) + LABEL_PADDING;
  const [left, right] = [Math.min(from, to), Math.max(from, to)];
  if (right - left >= words + LINE_LEAST)
    return { from, to, x: (left + right) / 2 - words / 2, width: words, on: true, stub };
  const beside = right + ARROW + words <= width ? right + ARROW : left - ARROW - words;
  return { from, to, x: clamp(beside, 0, Math.max(0, width - words)), width: words, on: false, stub };
}

/** Where a line begins and ends. An end without a lane is a little way off, on the side on which its lane would be. */
function endsOf(message: LaneMessage, { at, order }: LaneColumns): Pick<DrawnRow, 'from' | 'to' | 'stub'> {
  const [from, to] = [at.get(message.from), at.get(message.to)];
  if (from !== undefined && to !== undefined) return { from, to, stub: null };
  const way = order.indexOf(message.to) > order.indexOf(message.from) ? STUB : -STUB;
  if (from !== undefined) return { from, to: from + way, stub: 'to' };
  if (to !== undefined) return { from: to - way, to, stub: 'from' };
  return { from: 0, to: 0, stub: 'both' };
}

/** Which lanes are shown: what the person wants, then those between which most is said at the time, as many as fit. */
export function chooseLanes(
  lanes: readonly LaneView[],
  messages: readonly MessageView[],
  moment: { readonly at: number; readonly width: number },
  wishes: ReadonlyMap<string, boolean>,
): readonly LaneView[] {
  const allowed = lanes.filter(({ id }) => wishes.get(id) !== false);
  if (fits(allowed, moment.width)) return allowed;
  const said = saidBy(messages, moment.at);
  const rank = ({ id }: LaneView) => (wishes.get(id) === true ? Number.POSITIVE_INFINITY : (said.get(id) ?? 0));
  let chosen: readonly LaneView[] = [];
  for (const lane of allowed.toSorted((one, other) => rank(other) - rank(one))) {
    const more = allowed.filter((one) => one === lane || chosen.includes(one));
    if (rank(lane) > 0 && fits(more, moment.width)) chosen = more;
  }
  return chosen;
}

/** How much each lane has to do with what is said around a moment; the same for moments of one stretch of events. */
function saidBy(messages: readonly MessageView[], at: number): ReadonlyMap<string, number> {
  const first = Math.floor(at / STRETCH) * STRETCH - STRETCH;
  const said = new Map<string, number>();
  for (const { event, from, to } of messages) {
    if (event <= first || event > first + 2 * STRETCH) continue;
    for (const id of [from, to]) said.set(id, (said.get(id) ?? 0) + (from === to ? 1 : LANE_MESSAGE_WEIGHT));
  }
  return said;
}

function fits(lanes: readonly LaneView[], width: number): boolean {
  const pitch = (width - 2 * MARGIN) / Math.max(1, lanes.length - 1);
  const wide = ({ label }: LaneView) => wordsWidth(label, 12);
  return lanes.every((lane, index) => {
    const next = lanes[index + 1];
    return next === undefined || (wide(lane) + wide(next)) / 2 + HEAD_GAP <= pitch;
  });
}

/** Who waits for a lock of whom at the moment, as rows of the chart. */
export function lockWaits(locks: KernelView['locks'], at: number): readonly LaneMessage[] {
  return locks.flatMap(({ name, holderLane, waiters, waiterLanes }) =>
    waiterLanes.map((from, index) => ({
      ...{ event: at, traffic: 'wait' as const, from, to: holderLane ?? from },
      ...{ text: `${waiters[index]} waits for ${name}`, mm: null, fault: false },
    })),
  );
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

/** The newer rows, those of the older ones in place of their equals: a row that says the same is not drawn again. */
export function keepRuns(old: readonly Run[], next: readonly Run[]): readonly Run[] {
  const known = new Map(old.map((run) => [run.id, run]));
  const kept = next.map((run) => {
    const own = known.get(run.id);
    return own !== undefined && own.message === run.message && own.count === run.count ? own : run;
  });
  const isSame = kept.length === old.length && kept.every((run, place) => run === old[place]);
  return isSame ? old : kept;
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
