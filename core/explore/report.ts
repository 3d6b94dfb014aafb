import { INVARIANTS } from '../machine/invariants/index.ts';
import { allSteps } from '../sim/procedure.ts';
import type { Flaw } from './flaws.ts';
import type { Ground } from './ground.ts';
import { bytesOf, type Limits, type Search, type SearchState } from './search.ts';
import type { Shortened } from './shorten.ts';
import type { WalkPlan } from './walker.ts';
import { bytesOfWalks, statesOf, type Walks } from './walks.ts';

/** What a search has covered, in numbers. */
export interface Coverage {
  /** Every state that can be reached was looked at, and nothing is wrong in any of them. */
  readonly complete: boolean;
  readonly states: number;
  readonly transitions: number;
  /** Every order of so many moves was looked at; of random walks, the moves of the longest. */
  readonly depth: number;
  /** States that were found and from which nobody has moved yet; null where nobody counts them, in random walks. */
  readonly left: number | null;
  /** States where all is done; of random walks, those walks that came to one. */
  readonly ends: number;
  /** The random walks that were walked, null where every order was tried. */
  readonly walks: WalkCoverage | null;
  readonly storage: 'fingerprint' | 'exact';
  /** Who was taken for one another, null where nobody asked for it. */
  readonly symmetry: SymmetryCoverage | null;
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

export interface SymmetryCoverage {
  /** Sets of names; none where nobody is told the same as another one. */
  readonly names: readonly (readonly string[])[];
  /** The states and all their counterparts. */
  readonly standFor: number;
}

export interface WalkCoverage extends WalkPlan {
  /** Walks that were begun. */
  readonly begun: number;
}

const PAIRS_PER_BIT = 2 ** 65;

export function coverageOf(search: Search): Coverage {
  const { states, transitions, level, next, position, levels } = search;
  return {
    ...coverageOfGround(search),
    complete: search.state === 'exhausted',
    states,
    transitions,
    depth: levels.length - 1,
    left: search.state === 'exhausted' ? 0 : level.count - position + next.count,
    ends: search.ends.length,
    storage: search.exact === null ? 'fingerprint' : 'exact',
    symmetry: symmetryOf(search),
    omissions: search.exact === null ? printsIn(search) ** 2 / PAIRS_PER_BIT : 0,
    bytes: bytesOf(search),
    walks: null,
  };
}

const symmetryOf = (search: Search): SymmetryCoverage | null =>
  search.symmetry ? { names: search.mirrors?.alike.names ?? [], standFor: printsIn(search) } : null;

/** States and counterparts that have a fingerprint of their own. */
const printsIn = ({ mirrors, states }: Search): number => mirrors?.variants.length ?? states;

export function coverageOfWalks(walks: Walks): Coverage {
  return {
    ...coverageOfGround(walks),
    ...{ complete: false, states: statesOf(walks), transitions: walks.transitions, depth: walks.longest, left: null },
    ...{ ends: walks.ended, storage: 'fingerprint', omissions: 0, bytes: bytesOfWalks(walks) },
    symmetry: null,
    walks: { ...walks.plan, begun: walks.begun },
  };
}

/** Where somebody went. */
type Trodden = Pick<Ground, 'start' | 'taken' | 'accepted'>;

/** Which steps were taken and which lines accepted. */
function coverageOfGround(ground: Trodden) {
  const steps = stepsOf(ground);
  return {
    invariants: INVARIANTS.length,
    steps: steps.length,
    neverTaken: steps.filter(({ id }) => ground.taken[id] !== 1).map(({ name }) => name),
    neverAccepted: ground.start.programs.flatMap(({ commands }) =>
      commands.map(({ command }) => command.line).filter((line) => ground.accepted[line] !== 1),
    ),
  };
}

/** The steps of all procedures of which some step was taken. */
function stepsOf({ taken }: Trodden) {
  const begun = new Set(
    allSteps()
      .filter(({ id }) => taken[id] === 1)
      .map(({ procedure }) => procedure),
  );
  return allSteps().filter(({ procedure }) => begun.has(procedure));
}

/** The limit at which a search ended; symmetry: those who were taken for one another are not alike. */
export type Stop = 'states' | 'memory' | 'seconds' | 'symmetry';

/** The limit at which it ended, null for none; `ended`: what ended a search that is still under way. */
export function stopOf(state: SearchState, states: number, limits: Limits, ended: Stop | null): Stop | null {
  if (state === 'searching') return ended;
  if (state !== 'stopped') return null;
  return states >= limits.states ? 'states' : 'memory';
}

interface Found {
  readonly flaw: Pick<Flaw, 'kind'>;
  readonly moves: number;
}

/** What was found, in sentences that claim what was covered and nothing more. */
export function verdictOf(search: Search, found: Found | null, stop: Stop | null): string {
  const coverage = coverageOf(search);
  const { complete, depth, left } = coverage;
  if (search.mirrors !== null && search.mirrors.unlike !== null)
    return `Though ${toldTheSame(coverage.symmetry)}, ${search.mirrors.unlike}: nothing is claimed. Search without symmetry.`;
  const moves = count(found?.moves ?? 0, 'move');
  if (found?.flaw.kind === 'hang') return `After ${moves} the end cannot be reached any more. ${allOf(coverage)}`;
  if (found !== null) return `It takes ${moves}, and no order of fewer moves breaks anything.`;
  if (complete && depth === 0)
    return 'There is nothing to try: nobody can move, and the script says nothing more. No invariant is broken in the one state that there is.';
  if (complete) {
    const far = `The farthest is ${count(depth, 'move')} away; from each of them the end can still be reached`;
    return `Nothing is wrong in any order of moves. ${allOf(coverage)} ${far} (${endsIn(coverage)}).`;
  }
  const ending = stop === null ? 'The search was ended' : `The search ended at its limit of ${stop}`;
  return `Nothing is wrong in any order of up to ${count(depth, 'move')}. ${ending}: it found ${statesIn(coverage)}, and from ${(left ?? 0).toLocaleString('en')} of them nobody has moved yet. What comes after those is not known.`;
}

/** The same of random walks, which never know that there is nothing more. */
export function verdictOfWalks(walks: Walks, found: Shortened | null, stop: Stop | null): string {
  const { begun, plan, longest } = walks;
  if (found !== null) {
    const whole = `Walk ${found.walk.toLocaleString('en')} of seed ${plan.seed} broke it after ${count(found.walked, 'move')}`;
    const rest = found.moves < found.walked ? `; ${found.moves.toLocaleString('en')} of them are enough` : '';
    return `${whole}${rest}. There may be a shorter order: walks do not try all.`;
  }
  const ending =
    begun === plan.walks && stop === null
      ? ''
      : stop === null
        ? ' They were ended.'
        : ` They ended at their limit of ${stop}.`;
  const came = `Nothing is wrong in any of the ${count(statesOf(walks), 'state')} that ${count(begun, 'random walk')} of up to ${count(longest, 'move')} came through.`;
  return `${came}${ending} ${count(walks.ended, 'walk')} came to where all is done. What lies off these walks is not known; the same seed walks the same ways again.`;
}

function allOf({ states, symmetry }: Coverage): string {
  if (!isFolded(symmetry)) return `All ${count(states, 'state')} of this configuration were looked at.`;
  const counterparts = `, or their counterparts: ${states.toLocaleString('en')}, as ${toldTheSame(symmetry)}.`;
  return `All ${count(symmetry.standFor, 'state')} of this configuration were looked at${counterparts}`;
}

function endsIn({ ends, states, symmetry }: Coverage): string {
  const of = isFolded(symmetry) ? `of the ${states.toLocaleString('en')}` : 'of them';
  return ends === 1 ? `one ${of} is an end` : `${ends.toLocaleString('en')} ${of} are ends`;
}

function statesIn({ states, symmetry }: Coverage): string {
  if (!isFolded(symmetry)) return count(states, 'state');
  const all = symmetry.standFor.toLocaleString('en');
  return `${count(states, 'state')}, which stand for ${all} as ${toldTheSame(symmetry)}`;
}

const isFolded = (symmetry: SymmetryCoverage | null): symmetry is SymmetryCoverage =>
  symmetry !== null && symmetry.names.length > 0;

/** "the script says the same of a and b, and of gpu0 and gpu1". */
const toldTheSame = (symmetry: SymmetryCoverage | null): string =>
  `the script says the same of ${(symmetry?.names ?? []).map(inWords).join(', and of ')}`;

const inWords = (names: readonly string[]): string => `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** A number with its noun. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
