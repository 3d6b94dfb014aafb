import { type Outcome, outcomeOf, outcomeOfWalks } from '../explore/exploration.ts';
import { createGround } from '../explore/ground.ts';
import type { Standing } from '../explore/merge.ts';
import { type Stop, stopOf } from '../explore/report.ts';
import type { SearchState } from '../explore/search.ts';
import type { Start } from '../explore/start.ts';
import { bytesOfWalks, statesOf, type Walks } from '../explore/walks.ts';
import type { CrewPort, Job } from './crew.ts';
import { leadCrew } from './crew-leader.ts';
import { leadWalkers } from './walking.ts';

/** How far workers have come together. */
export interface Reached {
  readonly states: number;
  readonly transitions: number;
  readonly bytes: number;
  readonly depth: number;
  /** States from which nobody has moved yet; null in random walks. */
  readonly left: number | null;
  /** Random walks, null where every order is tried. */
  readonly walks: number | null;
}

export const NOTHING_REACHED: Reached = { states: 0, transitions: 0, bytes: 0, depth: 0, left: 0, walks: null };

/** What workers have come to, and the limit at which it ended, null where none ended it. */
export interface Led {
  readonly state: SearchState;
  readonly stop: Stop | null;
  /** What came of it, if it ended at this limit. */
  outcome(stop: Stop | null): Outcome;
}

/** Leads workers through a search or random walks; `hear` is told how far they have come. */
export async function lead(
  ports: readonly CrewPort[],
  start: Start,
  { limits, walks }: Pick<Job, 'limits' | 'walks'>,
  hear: (reached: Reached) => void = () => undefined,
): Promise<Led> {
  if (walks === null) {
    const { search, stop } = await leadCrew(ports, start, limits, (standings) => hear(reachedBySearch(standings)));
    return { state: search.state, stop, outcome: (ended) => outcomeOf(search, ended) };
  }
  const led = await leadWalkers(ports, start, limits, walks, (walked) => hear(reachedByWalks(walked)));
  const stop = stopOf(led.state, statesOf(led), limits, 'seconds');
  const outcome = (ended: Stop | null): Outcome => outcomeOfWalks(led, createGround(start, 'once'), ended);
  return { state: led.state === 'searching' ? 'stopped' : led.state, stop, outcome };
}

function reachedBySearch(standings: readonly Standing[]): Reached {
  const sumOf = (of: (standing: Standing) => number): number => standings.reduce((sum, each) => sum + of(each), 0);
  return {
    ...{ states: sumOf(({ states }) => states), transitions: sumOf(({ transitions }) => transitions), walks: null },
    ...{ bytes: sumOf(({ bytes }) => bytes), left: sumOf(({ found }) => found) },
    depth: Math.max(...standings.map(({ depth }) => depth)),
  };
}

const reachedByWalks = (walks: Walks): Reached => {
  const { transitions, longest, begun } = walks;
  return { states: statesOf(walks), transitions, bytes: bytesOfWalks(walks), depth: longest, left: null, walks: begun };
};
