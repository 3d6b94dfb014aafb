import type { Value } from './evaluate.ts';
import type { Problem } from './expression.ts';
import { indexAt, type Series, valueAt } from './watch.ts';

/** An expression that is watched, as it is at one moment. */
export interface WatchView {
  readonly text: string;
  /** What is wrong with it, and at which column; everything else is empty then. */
  readonly problem: Problem | null;
  readonly value: string;
  /** The changes around the moment, oldest first, and the value that the part of the run begins with; `now`: the one whose value it has. */
  readonly changes: readonly WatchChange[];
  /** All changes of the part of the run, and all events of it at which a stop on it would stop. */
  readonly count: number;
  readonly stops: number;
  /** Where in the part of the run which values stand. */
  readonly spark: readonly SparkPoint[];
}

export interface WatchChange {
  readonly event: number;
  readonly value: string;
  readonly now: boolean;
}

/** Both from 0 to 1: the place in the part of the run and the height of the value; values without order take turns by their names. */
export interface SparkPoint {
  readonly x: number;
  readonly low: number;
  readonly high: number;
}

const CHANGES_AROUND = 12;
/** Points of a sparkline at most: about as many as it has pixels. */
const POINTS = 160;

export function problemView(text: string, problem: Problem): WatchView {
  return { text, problem, value: '', changes: [], count: 0, stops: 0, spark: [] };
}

/** The events after one moment up to another that a view is of. */
export interface Part {
  readonly first: number;
  readonly last: number;
}

/** An expression at an event, and its changes in the whole run or in a part of it. */
export function watchView(
  text: string,
  series: Series,
  event: number,
  part: Part = { first: 0, last: series.last },
): WatchView {
  const [begin, end] = [indexAt(series.events, part.first), indexAt(series.events, part.last)];
  const now = indexAt(series.events, event);
  const first = Math.max(begin, now - CHANGES_AROUND);
  const changes = series.events.slice(first, Math.min(end, now + CHANGES_AROUND) + 1).map((each, place) => ({
    event: each,
    value: (series.values[first + place] as Value).words,
    now: first + place === now,
  }));
  const { words: value } = valueAt(series, event);
  const { length: stops } = series.stops.filter((stop) => stop > part.first && stop <= part.last);
  return { text, problem: null, value, changes, count: end - begin, stops, spark: sparkOf(series, part) };
}

/** A part of the run in so many slices, each with the lowest and the highest value in it. */
function sparkOf({ events, values }: Series, { first, last }: Part): SparkPoint[] {
  const heights = heightsOf(values);
  const points: SparkPoint[] = [];
  const slices = Math.max(1, Math.min(POINTS, last - first));
  let index = indexAt(events, first);
  for (let slice = 0; slice < slices; slice++) {
    const end = first + ((last - first) * (slice + 1)) / slices;
    let low = heights[index] as number;
    let high = low;
    while (index + 1 < events.length && (events[index + 1] as number) <= end) {
      index += 1;
      low = Math.min(low, heights[index] as number);
      high = Math.max(high, heights[index] as number);
    }
    points.push({ x: slice / slices, low, high });
  }
  return points;
}

function heightsOf(values: readonly Value[]): number[] {
  const numbers = values.map(({ number }) => number);
  const known = numbers.filter((number) => number !== null);
  if (known.length === 0) return byName(values);
  let [low, high] = [known[0] as number, known[0] as number];
  for (const number of known) [low, high] = [Math.min(low, number), Math.max(high, number)];
  return numbers.map((number) => (number === null ? 0 : high === low ? 0.5 : (number - low) / (high - low)));
}

/** Words have no order: each gets a height of its own, in the order in which they first come. */
function byName(values: readonly Value[]): number[] {
  const names = [...new Set(values.map(({ words }) => words))];
  const places = new Map(names.map((name, place) => [name, place / Math.max(1, names.length - 1)]));
  return values.map(({ words }) => places.get(words) ?? 0);
}
