import { addedBy } from '../../policy/switches.ts';
import { type Exhibit, kernelsOf } from '../../scenarios/exhibit.ts';
import { counterexample } from '../counterexample.ts';
import type { Search } from '../search.ts';
import { foundIn, searchExhibit, stepsOf, stepsTaken, without } from './exhibit-search.ts';

/** Invariants that say of the same harm, in the same state, what it is in other words. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  'entry-left-live': ['quiet-entries'],
  'entry-torn': ['released-tables'],
  'bug-stranger-unbind': ['bond-domain'],
  'bug-detach-all': ['bond-domain'],
};

/** What has to be true of an exhibit. */
export interface Facts {
  /** The invariant that breaks when every order is tried. */
  readonly found: string;
  /** How the search of the repaired kernel ends. */
  readonly repaired: string;
  /** What is found among as many states by all but the invariant that the exhibit names. */
  readonly blind: string;
  /** Steps of the counterexample that the repaired kernel takes in no order, but for those that the switch adds. */
  readonly strange: readonly string[];
}

export function promisedOf({ invariant }: Exhibit): Facts {
  return { found: `invariant ${invariant}`, repaired: 'exhausted, nothing', blind: 'nothing', strange: [] };
}

const flawIn = (search: Search): string => {
  const found = counterexample(search);
  return found === null ? 'nothing' : `${found.flaw.kind} ${found.flaw.id}`;
};

/** The facts, from the search of the kernel with the bug and of the repaired one. */
export function factsOf(exhibit: Exhibit, broken: Search, repaired: Search): Facts {
  const eyes = [exhibit.invariant, ...(ALSO[exhibit.id] ?? [])];
  const blind = without(eyes, () => searchExhibit(exhibit, kernelsOf(exhibit).broken, broken.states));
  const known = stepsTaken(repaired);
  const added = exhibit.cause.kind === 'bug' ? addedBy(exhibit.cause.bug) : [];
  return {
    found: flawIn(broken),
    repaired: `${repaired.state}, ${flawIn(repaired)}`,
    blind: blind.states < broken.states ? 'it ended early' : flawIn(blind),
    strange: stepsOf(foundIn(broken), broken).filter((step) => !known.has(step) && !added.includes(step)),
  };
}
