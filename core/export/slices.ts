import type { TraceEntry } from '../machine/trace.ts';
import { functionOf } from './call-stack.ts';

/** A stretch of time of one actor, in ns of the simulated clock: a function, or one event within it. */
export interface Slice {
  readonly actor: number;
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** The event that it is, null for a function. */
  readonly entry: TraceEntry | null;
}

/** What an event takes on its track, at most; time passes between events, not in them. */
const EVENT = 10;

interface Open {
  readonly name: string;
  readonly depth: number;
  readonly start: number;
}

interface Track {
  readonly open: Open[];
  /** Where its last event ends. */
  end: number;
}

/**
 * Functions and events of all actors as slices: those of one actor lie within each other or apart. A thread that is woken
 * for more work begins its function anew.
 */
export function slicesOf(entries: readonly TraceEntry[]): Slice[] {
  const slices: Slice[] = [];
  const tracks = new Map<number, Track>();
  const ends = endsOf(entries);
  entries.forEach((entry, index) => {
    if (entry.step === 'script.command') return;
    const { actor, time, depth, depthAfter } = entry;
    const track = tracks.get(actor) ?? { open: [], end: time };
    tracks.set(actor, track);
    const begun = track.open.at(-1);
    const isAnew = depth === 1 && entry.step.endsWith('.wait');
    const isSame = begun?.depth === depth && begun.name === functionOf(entry) && !isAnew;
    if (!isSame) {
      close(slices, actor, track, depth - 1);
      track.open.push({ name: functionOf(entry), depth, start: time });
    }
    track.end = ends[index] as number;
    slices.push({ actor, name: entry.step.slice(functionOf(entry).length + 1), start: time, end: track.end, entry });
    close(slices, actor, track, depthAfter);
  });
  for (const [actor, track] of tracks) close(slices, actor, track, 0);
  return slices.sort((one, other) => one.start - other.start || other.end - one.end);
}

/** Where each event ends: before the next one of its actor begins. */
function endsOf(entries: readonly TraceEntry[]): number[] {
  const next = new Map<number, number>();
  return entries
    .toReversed()
    .map(({ actor, time }) => {
      const end = Math.min(time + EVENT, next.get(actor) ?? Number.POSITIVE_INFINITY);
      next.set(actor, time);
      return end;
    })
    .reverse();
}

/** Closes the functions that lie deeper than `depth`. */
function close(slices: Slice[], actor: number, { open, end }: Track, depth: number): void {
  for (let last = open.at(-1); last !== undefined && last.depth > depth; last = open.at(-1)) {
    slices.push({ actor, name: `${last.name}()`, start: last.start, end, entry: null });
    open.pop();
  }
}
