import { type Counterexample, counterexample } from './counterexample.ts';
import type { Ground } from './ground.ts';
import type { Stop } from './report.ts';
import { type Coverage, coverageOf, coverageOfWalks, stopOf, verdictOf, verdictOfWalks } from './report.ts';
import { advance, createSearch, type Limits, type Manner, type Search, type SearchState } from './search.ts';
import { shortened } from './shorten.ts';
import type { Start } from './start.ts';
import {
  beginWalk,
  bytesOfWalker,
  createWalker,
  endWalk,
  NEWS,
  type Walked,
  type Walker,
  type WalkPlan,
  walkOn,
} from './walker.ts';
import { countWalk, createWalks, statesOf, type Walks } from './walks.ts';

/** How a moment is explored: every order of moves, unless random walks are asked for. */
export interface Way {
  readonly exact?: boolean;
  /** Of states that differ only in which is which of threads that are told the same, one is looked at. */
  readonly symmetry?: boolean;
  readonly walks?: WalkPlan | null;
}

/** A search or random walks, under way. */
export interface Exploration {
  readonly start: Start;
  readonly limits: Limits;
  state(): SearchState;
  /** Goes on until so many moves more have been made, or it is over. */
  goOn(moves: number): void;
  coverage(): Coverage;
  /** What came of it so far; one that is still under way is taken to have been ended by `ended`. */
  outcome(ended: Stop | null): Outcome;
}

/** What came of exploring. */
export interface Outcome {
  readonly coverage: Coverage;
  readonly example: Counterexample | null;
  /** The limit at which it ended, null where none ended it. */
  readonly stop: Stop | null;
  /** In sentences that claim what was covered and nothing more. */
  readonly verdict: string;
}

export function exploreFrom(start: Start, limits: Limits, { walks = null, ...manner }: Way): Exploration {
  return walks === null ? searchFrom(start, limits, manner) : walkFrom(start, limits, walks);
}

function searchFrom(start: Start, limits: Limits, manner: Manner): Exploration {
  const search = createSearch(start, limits, manner);
  return {
    ...{ start, limits, state: () => search.state, coverage: () => coverageOf(search) },
    goOn: (moves) => advance(search, moves),
    outcome: (ended) => outcomeOf(search, stopOfSearch(search, ended)),
  };
}

const stopOfSearch = ({ state, states, limits, mirrors }: Search, ended: Stop | null): Stop | null =>
  (mirrors?.unlike ?? null) === null ? stopOf(state, states, limits, ended) : 'symmetry';

/** What came of a search that ended at a limit, or at none. */
export function outcomeOf(search: Search, stop: Stop | null): Outcome {
  const example = stop === 'symmetry' ? null : counterexample(search);
  return { coverage: coverageOf(search), example, stop, verdict: verdictOf(search, example, stop) };
}

function walkFrom(start: Start, limits: Limits, plan: WalkPlan): Exploration {
  const walks = createWalks(start, plan, limits);
  const walker = createWalker(start, plan, limits);
  const count = (walked: Walked): void => {
    walks.elsewhere = bytesOfWalker(walker);
    countWalk(walks, walked);
  };
  return {
    ...{ start, limits, state: () => walks.state, coverage: () => withWalkUnderWay(coverageOfWalks(walks), walker) },
    goOn: (moves) => {
      for (let left = moves; walks.state === 'searching' && left > 0; ) {
        if (walker.walk === null) beginWalk(walker, walks.begun, walks.moves);
        const before = walker.path.length;
        const walked = walkOn(walker, left);
        if (walked !== null) count(walked);
        left -= 1 + walker.path.length - before;
      }
    },
    outcome: (ended) => {
      if (walks.state === 'searching' && walker.walk !== null) count(endWalk(walker, 'late'));
      return outcomeOfWalks(walks, walker, stopOf(walks.state, statesOf(walks), limits, ended));
    },
  };
}

/** With the walk that is not counted yet. */
function withWalkUnderWay(coverage: Coverage, { walk, path, news }: Walker): Coverage {
  if (walk === null || coverage.walks === null) return coverage;
  return {
    ...coverage,
    ...{ states: coverage.states + news.length / NEWS, transitions: coverage.transitions + path.length },
    ...{ depth: Math.max(coverage.depth, path.length), walks: { ...coverage.walks, begun: coverage.walks.begun + 1 } },
  };
}

/** What came of walks that ended at a limit, or at none; what they found is played again on this ground. */
export function outcomeOfWalks(walks: Walks, ground: Ground, stop: Stop | null): Outcome {
  const example = walks.found === null ? null : shortened(ground, walks.found);
  return { coverage: coverageOfWalks(walks), example, stop, verdict: verdictOfWalks(walks, example, stop) };
}
