import { apply, type Effect, revert } from './effects.ts';
import { createExact, type Exact, isSame, store, wholeState } from './exact.ts';
import {
  addEdge,
  bytesOfExpansion,
  createExpansion,
  type Expansion,
  enter,
  expand,
  fingerprintAfter,
  fingerprintOf,
  note,
  turnLevel,
} from './expansion.ts';
import { createGround } from './ground.ts';
import { save } from './levels.ts';
import type { Part } from './programs.ts';
import { nothingSeen, numberFor, type Seen } from './seen.ts';
import type { Start } from './start.ts';
import type { Asking } from './turns.ts';
import { firstWithoutEnd } from './ways.ts';

/** A breadth-first search under way: levels of states, each the successors of the one before. */
export interface Search extends Expansion {
  /** Whole states by number, where they are compared; null where fingerprints are. */
  readonly exact: Exact | null;
  readonly seen: Seen;
  /** First state of each level. */
  readonly levels: number[];
  readonly limits: Limits;
  /** Bytes that other workers keep for it. */
  elsewhere: number;
  state: SearchState;
}

/** stopped: a limit was reached; walked: all random walks were walked. */
export type SearchState = 'searching' | 'exhausted' | 'found' | 'stopped' | 'walked';

/** Where a search ends if nothing else ends it. */
export interface Limits {
  readonly states: number;
  /** Of memory, for what the search itself keeps. */
  readonly bytes: number;
}

/** How a search works; the verdict is the same either way. */
export interface Manner {
  /** Whole states are compared instead of their fingerprints. */
  readonly exact?: boolean;
  /** How often the machine is asked for the same thing; default once. */
  readonly asking?: Asking;
}

export function createSearch(start: Start, limits: Limits, { exact = false, asking = 'once' }: Manner = {}): Search {
  const search: Search = {
    ...createExpansion(createGround(start, asking)),
    ...{ limits, seen: nothingSeen(), exact: exact ? createExact() : null, levels: [0], elsewhere: 0 },
    state: 'searching',
  };
  const { columns, parts } = search;
  const [h0, h1] = fingerprintOf(columns.all0, columns.all1, parts.list[FIRST_PART] as Part);
  numberOf(search, FIRST_PART, h0, h1);
  search.states = 1;
  save(search.level, columns, FIRST_PART);
  return search;
}

const FIRST_PART = 0;

/** The number of the state with this fingerprint, which is the one that is looked at; as many as there are states if it is new. */
function numberOf({ exact, columns, seen, states }: Search, part: number, h0: number, h1: number): number {
  if (exact === null) return numberFor(seen, h0, h1, states);
  const state = wholeState(exact, columns, part);
  const number = numberFor(seen, h0, h1, exact.size, (known) => isSame(exact, known, state));
  if (number === exact.size) store(exact, state);
  return number;
}

/** Searches on until so many transitions more have been made, or the search is over. */
export function advance(search: Search, transitions: number): void {
  const goal = search.transitions + transitions;
  while (search.state === 'searching' && search.transitions < goal) {
    if (search.position === search.level.count) nextLevel(search);
    else if (isSpent(search)) search.state = search.flaws.length > 0 ? 'found' : 'stopped';
    else lookAtNext(search);
  }
}

/** Bytes that the search keeps for its states, and for the ways between them. */
export function bytesOf(search: Search): number {
  const { seen, exact, elsewhere } = search;
  return elsewhere + bytesOfExpansion(search) + seen.cells.byteLength + (exact?.words.bytes ?? 0);
}

const isSpent = (search: Search): boolean =>
  search.states >= search.limits.states || bytesOf(search) >= search.limits.bytes;

function nextLevel(search: Search): void {
  if (search.flaws.length > 0) search.state = 'found';
  else if (search.next.count === 0) finish(search);
  else {
    search.levels.push(search.states - search.next.count);
    turnLevel(search);
  }
}

/** Every state is known: from each of them some end has to be reached, or somebody waits for ever while others go round. */
export function finish(search: Search): void {
  search.state = 'exhausted';
  const state = firstWithoutEnd(search);
  if (state < 0) return;
  const claim = 'From every state, everything that was begun can still come to its end.';
  const detail = 'whoever moves from here on, and however often, it does not come to its end any more';
  note(search, { kind: 'hang', id: 'hang', claim, detail, state, move: null });
  search.state = 'found';
}

function lookAtNext(search: Search): void {
  const index = search.position++;
  const state = (search.levels.at(-1) as number) + index;
  expand(search, index, state, (part, effect, move) => arrive(search, state, part, effect, move));
}

/** An effect leads to a successor of `state`: notes the way, and the state itself if it is new. */
function arrive(search: Search, state: number, part: number, effect: Effect, move: number): void {
  const [h0, h1] = fingerprintAfter(search, part, effect);
  const { columns, exact } = search;
  if (exact !== null) apply(columns, effect);
  const number = numberOf(search, part, h0, h1);
  if (exact !== null) revert(columns, effect);
  addEdge(search, state, number, move);
  if (number === search.states) enter(search, part, effect, search.states++);
}
