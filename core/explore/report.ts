import { INVARIANTS } from '../machine/invariants/index.ts';
import { allSteps } from '../sim/procedure.ts';
import { bytesOf, type Flaw, type Search } from './search.ts';

/** What a search has covered, in numbers. */
export interface Coverage {
  /** Every state that can be reached was looked at, and nothing is wrong in any of them. */
  readonly complete: boolean;
  readonly states: number;
  readonly transitions: number;
  /** Every order of so many moves was looked at. */
  readonly depth: number;
  /** States that were found and from which nobody has moved yet. */
  readonly left: number;
  /** States where all is done. */
  readonly ends: number;
  readonly storage: 'fingerprint' | 'exact';
  /** States that are expected to have been taken for others: with 64 bits, n states squared over 2^65; none if exact. */
  readonly omissions: number;
  readonly bytes: number;
  readonly invariants: number;
  /** Steps of the procedures that took part, and those of them that nobody ever took. */
  readonly steps: number;
  readonly neverTaken: readonly string[];
  /** Lines of the script that were refused in every state, or came in none. */
  readonly neverAccepted: readonly number[];
}

const PAIRS_PER_BIT = 2 ** 65;

export function coverageOf(search: Search): Coverage {
  const { states, transitions, level, next, position, levels } = search;
  const steps = stepsOf(search);
  return {
    complete: search.state === 'exhausted',
    states,
    transitions,
    depth: levels.length - 1,
    left: search.state === 'exhausted' ? 0 : level.count - position + next.count,
    ends: search.ends.length,
    storage: search.exact === null ? 'fingerprint' : 'exact',
    omissions: search.exact === null ? states ** 2 / PAIRS_PER_BIT : 0,
    bytes: bytesOf(search),
    invariants: INVARIANTS.length,
    steps: steps.length,
    neverTaken: steps.filter(({ id }) => search.taken[id] !== 1).map(({ name }) => name),
    neverAccepted: search.start.programs.flatMap(({ commands }) =>
      commands.map(({ command }) => command.line).filter((line) => search.accepted[line] !== 1),
    ),
  };
}

/** The steps of all procedures of which some step was taken. */
function stepsOf({ taken }: Search) {
  const begun = new Set(
    allSteps()
      .filter(({ id }) => taken[id] === 1)
      .map(({ procedure }) => procedure),
  );
  return allSteps().filter(({ procedure }) => begun.has(procedure));
}

/** The limit at which a search ended. */
export type Stop = 'states' | 'memory' | 'seconds';

interface Found {
  readonly flaw: Pick<Flaw, 'kind'>;
  readonly moves: number;
}

/** What was found, in sentences that claim what was covered and nothing more. */
export function verdictOf(search: Search, found: Found | null, stop: Stop | null): string {
  const { complete, states, depth, left, ends } = coverageOf(search);
  const moves = count(found?.moves ?? 0, 'move');
  if (found?.flaw.kind === 'hang') return `After ${moves} the end cannot be reached any more. ${allOf(states)}`;
  if (found !== null) return `It takes ${moves}, and no order of fewer moves breaks anything.`;
  if (complete) {
    const whole = `Nothing is wrong in any order of moves. ${allOf(states)}`;
    return `${whole} The longest way to a new one has ${count(depth, 'move')}; from each of them all can still come to its end (${count(ends, 'such state')}).`;
  }
  const ending = stop === null ? 'The search was ended' : `The search ended at its limit of ${stop}`;
  return `Nothing is wrong in any order of up to ${count(depth, 'move')}. ${ending}: it found ${count(states, 'state')}, and from ${left.toLocaleString('en')} of them nobody has moved yet. What comes after those is not known.`;
}

const allOf = (states: number): string => `All ${count(states, 'state')} of this configuration were looked at.`;

/** A number with its noun. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
