import { at, seek } from '../machine/machine.ts';
import type { TraceEntry } from '../machine/trace.ts';
import { machineOf } from '../play/play.ts';
import { actors } from '../sim/actor.ts';
import { isKernel } from './chart-rows.ts';
import { queueLengths } from './queue-lengths.ts';
import { commandOf, entriesOf, fingerprintOf, type Run } from './run.ts';
import { type Slice, slicesOf } from './slices.ts';
import { CORE_VERSION } from './version.ts';

/** An event of the Trace Event Format, as far as it is written here; times in microseconds of the simulated clock. */
export interface TraceEvent {
  /** M names a track; X is a slice, b and e the ends of something long, i a moment, C a counter, s and f the ends of a flow. */
  readonly ph: 'M' | 'X' | 'b' | 'e' | 'i' | 'C' | 's' | 'f';
  readonly name: string;
  readonly cat?: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly id?: string;
  /** A flow ends in the slice that is open then. */
  readonly bp?: 'e';
  /** A moment of one thread. */
  readonly s?: 't';
  readonly args?: Readonly<Record<string, string | number>>;
}

/**
 * The run as a trace for Perfetto or chrome://tracing: JSON in the Trace Event Format, with ids as strings. Functions are
 * slices on the track of their actor, and each event is a slice within, with its sentence and its source; a flow leads
 * from each event to one that it made possible on another track. Jobs of devices span their life, commands and notes are
 * moments, and the queues of the IOMMU are counters.
 */
export function perfettoOf(run: Run): string {
  const entries = entriesOf(run);
  const tracks = tracksOf(run, entries);
  const traceEvents = [
    ...tracks.names,
    ...slicesOf(entries).map((slice) => sliceEvent(slice, tracks)),
    ...flows(entries, tracks),
    ...jobs(entries, tracks),
    ...said(run, entries, tracks),
    ...counters(run, entries, tracks),
  ];
  const otherData = { command: commandOf(run), core: CORE_VERSION, fingerprint: fingerprintOf(run) };
  return `${JSON.stringify({ displayTimeUnit: 'ns', otherData, traceEvents })}\n`;
}

interface Place {
  readonly pid: number;
  readonly tid: number;
}

interface Tracks {
  readonly names: readonly TraceEvent[];
  /** The track of an actor. */
  of(actor: number): Place;
  /** The process of the trace that a piece of hardware is, by its name. */
  chip(name: string): Place;
}

/** Threads and workers are the first process of the trace, each piece of hardware is one of its own. */
function tracksOf(run: Run, entries: readonly TraceEntry[]): Tracks {
  const { world } = machineOf(run.play);
  const used = new Set(entries.map(({ actor }) => actor));
  const runsCode = new Set(entries.filter(({ lane }) => isKernel(lane) || lane === 'script').map(({ actor }) => actor));
  const rows = [...used].map((id) => actors.get(world, id));
  const chips = [
    ...new Set(rows.filter(({ id, name, lane }) => !runsCode.has(id) && name !== lane).map(({ lane }) => lane)),
  ];
  const pidOf = (lane: string): number => chips.indexOf(lane) + 2;
  const names = [
    nameOf('process_name', 1, 0, 'CPUs'),
    ...chips.map((chip) => nameOf('process_name', pidOf(chip), 0, chip)),
    ...rows.map(({ id, name, lane }) => nameOf('thread_name', pidOf(lane), id + 1, name)),
  ];
  return {
    names,
    of: (actor) => ({ pid: pidOf(actors.get(world, actor).lane), tid: actor + 1 }),
    chip: (name) => ({ pid: pidOf(name), tid: 0 }),
  };
}

function nameOf(what: string, pid: number, tid: number, name: string): TraceEvent {
  return { ph: 'M', name: what, pid, tid, args: { name } };
}

const micro = (time: number): number => time / 1000;

function sliceEvent({ actor, name, start, end, entry }: Slice, tracks: Tracks): TraceEvent {
  const span = { name, ts: micro(start), dur: micro(end - start) };
  if (entry === null) return { ph: 'X', cat: 'function', ...span, ...tracks.of(actor) };
  const { event, cause, who, text, cite } = entry;
  return { ph: 'X', cat: 'event', ...span, ...tracks.of(actor), args: { event, cause, who, text, cite } };
}

/** What made an event possible on another track leads to it. */
function flows(entries: readonly TraceEntry[], tracks: Tracks): TraceEvent[] {
  return entries.flatMap(({ event, cause, actor, time, step }): TraceEvent[] => {
    const from = entries[cause - 1];
    const isScript = step === 'script.command' || from?.step === 'script.command';
    if (from === undefined || from.actor === actor || isScript) return [];
    const flow = { name: 'makes possible', cat: 'cause', id: `${cause}-${event}` };
    return [
      { ph: 's', ...flow, ts: micro(from.time), ...tracks.of(from.actor) },
      { ph: 'f', bp: 'e', ...flow, ts: micro(time), ...tracks.of(actor) },
    ];
  });
}

/** From submission to completion; what is not complete lasts until the end. */
function jobs(entries: readonly TraceEntry[], tracks: Tracks): TraceEvent[] {
  const ended = (entry: TraceEntry): boolean =>
    entry.moments.some((each) => each === 'dma.done' || each === 'dma.failed');
  return entries.flatMap((entry): TraceEvent[] => {
    const { job } = entry.facts;
    if (job === undefined || !entry.moments.includes('dma.submitted')) return [];
    const end = entries.slice(entry.event).find((later) => later.facts['job'] === job && ended(later));
    const place = end === undefined ? tracks.of(entry.actor) : tracks.chip(end.lane);
    const same = { name: `job ${job}`, cat: 'job', id: `job-${entry.event}`, ...place };
    const last = end ?? (entries.at(-1) as TraceEntry);
    const outcome = end === undefined ? 'not complete' : end.moments.includes('dma.done') ? 'done' : 'failed';
    return [
      { ph: 'b', ...same, ts: micro(entry.time), args: { event: entry.event } },
      { ph: 'e', ...same, ts: micro(last.time), args: { event: last.event, outcome } },
    ];
  });
}

/** Commands, chapters and notes of the script. */
function said({ play }: Run, entries: readonly TraceEntry[], tracks: Tracks): TraceEvent[] {
  const script = entries.find(({ step }) => step === 'script.command');
  if (script === undefined) return [];
  const at = (event: number): number => micro(entries[event - 1]?.time ?? 0);
  const moment = { ph: 'i', s: 't', ...tracks.of(script.actor) } as const;
  const commands = entries.filter(({ step }) => step === 'script.command');
  const marks = play.marks.filter(({ event }) => event <= entries.length);
  return [
    ...commands.map(({ event, text }) => ({ ...moment, name: text, cat: 'command', ts: at(event), args: { event } })),
    ...marks.map(({ event, kind, text }) => ({ ...moment, name: text, cat: kind, ts: at(event), args: { event } })),
  ];
}

/** How many records wait in each queue, where that changes. */
function counters(run: Run, entries: readonly TraceEntry[], tracks: Tracks): TraceEvent[] {
  const machine = machineOf(run.play);
  const moment = at(machine);
  const known = new Map<string, number>();
  const found: TraceEvent[] = [];
  for (const { event, time } of entries) {
    seek(machine, event);
    for (const { lane, name, length } of queueLengths(machine.world)) {
      const track = `${lane} ${name}`;
      if (known.get(track) === length) continue;
      known.set(track, length);
      found.push({ ph: 'C', name, ts: micro(time), ...tracks.chip(lane), args: { records: length } });
    }
  }
  seek(machine, moment);
  return found;
}
