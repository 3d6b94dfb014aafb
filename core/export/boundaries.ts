import type { TraceEntry } from '../machine/trace.ts';
import type { Mark } from '../play/play.ts';
import type { ChapterView } from './view.ts';

/** How much one press of a key moves the moment. */
export type Granularity = 'chapter' | 'call' | 'transaction' | 'step';

/** What was found out about a whole run, as long as it is what it was then: it may grow, or be cut and go on otherwise. */
interface Known {
  readonly length: number;
  readonly ends: readonly [TraceEntry | undefined, Mark | undefined, number];
  chapters: readonly ChapterView[] | null;
  readonly boundaries: Map<Granularity, readonly number[]>;
}

const KNOWN = new WeakMap<readonly TraceEntry[], Known>();

function knownOf(trace: readonly TraceEntry[], marks: readonly Mark[]): Known {
  const known = KNOWN.get(trace);
  const ends = [trace.at(-1), marks.at(-1), marks.length] as const;
  if (known?.length === trace.length && known.ends.every((end, place) => end === ends[place])) return known;
  const fresh: Known = { length: trace.length, ends, chapters: null, boundaries: new Map() };
  KNOWN.set(trace, fresh);
  return fresh;
}

/** Chapters of a run: those of its script, or else the phases that its steps open. */
export function chaptersOf(trace: readonly TraceEntry[], marks: readonly Mark[]): readonly ChapterView[] {
  const known = knownOf(trace, marks);
  known.chapters ??= findChapters(trace, marks);
  return known.chapters;
}

function findChapters(trace: readonly TraceEntry[], marks: readonly Mark[]): ChapterView[] {
  const told = marks.filter((mark) => mark.kind === 'chapter').map(({ event, text }) => ({ event, title: text }));
  const chapters = told.length > 0 ? told : phasesOf(trace);
  return chapters.map(({ event, title }, i) => {
    const end = chapters[i + 1]?.event ?? trace.length;
    return { event, title, fault: title === 'Fault' || trace.slice(event, end).some(isFailure) };
  });
}

/** What the page request could not mend: work of a device failed, or an event was printed. */
const isFailure = ({ moments }: TraceEntry): boolean =>
  moments.includes('dma.failed') || moments.includes('event.printed');

function phasesOf(trace: readonly TraceEntry[]): { event: number; title: string }[] {
  const phases: { event: number; title: string }[] = [];
  for (const { event, chapter } of trace) {
    if (chapter !== null && phases.at(-1)?.title !== chapter) phases.push({ event: event - 1, title: chapter });
  }
  return phases;
}

/** Moments at which a step of this size ends, ascending, the end of the run included. */
export function boundariesOf(trace: readonly TraceEntry[], marks: readonly Mark[], by: Granularity): readonly number[] {
  const { boundaries } = knownOf(trace, marks);
  const known = boundaries.get(by);
  if (known !== undefined) return known;
  const inner = innerBoundaries(trace, marks, by).filter((event) => event > 0 && event < trace.length);
  const found = [0, ...inner, trace.length];
  boundaries.set(by, found);
  return found;
}

function innerBoundaries(trace: readonly TraceEntry[], marks: readonly Mark[], by: Granularity): number[] {
  if (by === 'step') return trace.map((entry) => entry.event);
  if (by === 'transaction') return trace.filter((entry) => entry.transaction).map((entry) => entry.event);
  if (by === 'chapter') return stopsOf(trace, marks);
  return callBoundaries(trace);
}

/** Where chapters begin, and where the script says something to the reader. */
function stopsOf(trace: readonly TraceEntry[], marks: readonly Mark[]): number[] {
  const notes = marks.filter(({ kind }) => kind === 'note').map(({ event }) => event);
  const all = new Set([...chaptersOf(trace, marks).map(({ event }) => event), ...notes]);
  return [...all].sort((one, other) => one - other);
}

/** Up to the event with which the procedure that moved first returns, or its actor can go no further. */
function callBoundaries(trace: readonly TraceEntry[]): number[] {
  const ends: number[] = [];
  for (let at = 0; at < trace.length; at = ends.at(-1) ?? trace.length) {
    const start = trace[at] as TraceEntry;
    let end = trace.length;
    for (let i = at; i < trace.length; i++) {
      const entry = trace[i] as TraceEntry;
      if (entry.actor === start.actor && (entry.depthAfter < start.depth || entry.blocked)) {
        end = entry.event;
        break;
      }
    }
    ends.push(end);
  }
  return ends;
}
