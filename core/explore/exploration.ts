import { type Counterexample, counterexample } from './counterexample.ts';
import type { Stop } from './report.ts';
import { type Coverage, coverageOf, coverageOfWalks, stopOf, verdictOf, verdictOfWalks } from './report.ts';
import { advance, createSearch, type Limits, type Manner, type Search, type SearchState } from './search.ts';
import { shortened } from './shorten.ts';
import type { Start } from './start.ts';
import { createWalks, type WalkPlan, walkOn } from './walks.ts';

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
  return {
    ...{ start, limits, state: () => walks.state, coverage: () => coverageOfWalks(walks) },
    goOn: (moves) => walkOn(walks, moves),
    outcome: (ended) => {
      const coverage = coverageOfWalks(walks);
      const example = shortened(walks);
      const stop = stopOf(walks.state, coverage.states, limits, ended);
      return { coverage, example, stop, verdict: verdictOfWalks(walks, example, stop) };
    },
  };
}
