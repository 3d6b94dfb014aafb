import type { TraceEntry } from '../machine/trace.ts';
import { machineOf, type Play } from '../play/play.ts';
import { actors } from '../sim/actor.ts';
import { chaptersOf } from './boundaries.ts';

/** One step of the story: who did it. */
export interface ExhibitTurn {
  readonly event: number;
  /** Index of its column. */
  readonly column: number;
  readonly mm: number | null;
}

/** A picture of a bug: who moved in which order up to the event that broke an invariant. */
export interface ExhibitView {
  /** The event that breaks it, the truth that was claimed, and what is wrong. */
  readonly event: number;
  readonly claim: string;
  readonly sentence: string;
  /** The event from which every order is to be tried. */
  readonly from: number;
  /** Those who move. */
  readonly columns: readonly string[];
  /** The last steps, in order. */
  readonly turns: readonly ExhibitTurn[];
}

/** A picture shows so many steps and columns at most: the last ones. */
const MOST_TURNS = 26;
const MOST_COLUMNS = 4;

/** The picture of a script that breaks an invariant; null if it breaks none. `from`: the chapter from which every order is to be tried. */
export function exhibitView(play: Play, from: string): ExhibitView | null {
  const { broken, trace, world } = machineOf(play);
  const claim = broken?.claims[0];
  if (broken === null || claim === undefined) return null;
  const nameOf = ({ actor, lane }: TraceEntry): string => actors.find(world, actor)?.name ?? lane;
  const told = trace.slice(0, broken.event).filter(({ step }) => step !== 'script.command');
  const last = lastFew(told, nameOf);
  const columns = [...new Set(last.map(nameOf))];
  const turns = last.map((entry) => ({ event: entry.event, column: columns.indexOf(nameOf(entry)), mm: entry.mm }));
  const begins = chaptersOf(trace, play.marks).find(({ title }) => title === from)?.event ?? 0;
  return { event: broken.event, claim: claim.claim, sentence: claim.detail, from: begins, columns, turns };
}

/** The last steps, as many as have few actors between them. */
function lastFew(told: readonly TraceEntry[], nameOf: (entry: TraceEntry) => string): readonly TraceEntry[] {
  const names = new Set<string>();
  let first = told.length;
  while (first > Math.max(0, told.length - MOST_TURNS)) {
    const name = nameOf(told[first - 1] as TraceEntry);
    if (!names.has(name) && names.size === MOST_COLUMNS) break;
    names.add(name);
    first--;
  }
  return told.slice(first);
}
