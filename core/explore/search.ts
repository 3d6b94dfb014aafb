import { Ints } from '../world/ints.ts';
import { brokenBy } from './claims.ts';
import { look } from './columns.ts';
import { apply, type Effect, revert } from './effects.ts';
import { createExact, type Exact, isSame, store, wholeState } from './exact.ts';
import { bugAt, type Flaw, standstillAt } from './flaws.ts';
import { createGround, eachMove, type Ground, type Hearer } from './ground.ts';
import { createLevel, type Level, save, widen } from './levels.ts';
import type { Part } from './programs.ts';
import { nothingSeen, numberFor, type Seen } from './seen.ts';
import type { Start } from './start.ts';
import type { Asking } from './turns.ts';
import { firstWithoutEnd } from './ways.ts';

/** The way into a state: from which, by which move. All ways are kept, to tell stories well and to find states without an end. */
export interface Edges {
  readonly from: Ints;
  readonly to: Ints;
  readonly move: Ints;
}

/** A breadth-first search under way: levels of states, each the successors of the one before. */
export interface Search extends Ground {
  /** Whole states by number, where they are compared; null where fingerprints are. */
  readonly exact: Exact | null;
  readonly seen: Seen;
  readonly edges: Edges;
  /** First state of each level. */
  readonly levels: number[];
  level: Level;
  next: Level;
  /** The next state of the level to be looked at. */
  position: number;
  states: number;
  transitions: number;
  /** States where all is done. */
  readonly ends: number[];
  readonly flaws: Flaw[];
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
  const ground = createGround(start, asking);
  const { columns } = ground;
  const search: Search = {
    ...{ ...ground, limits, seen: nothingSeen(), exact: exact ? createExact() : null, state: 'searching' },
    edges: { from: new Ints(), to: new Ints(), move: new Ints() },
    ...{ levels: [0], level: createLevel(columns), next: createLevel(columns), position: 0 },
    ...{ states: 0, transitions: 0, ends: [], flaws: [], elsewhere: 0 },
  };
  numberOf(search, FIRST_PART, columns.all0, columns.all1);
  search.states = 1;
  save(search.level, columns, FIRST_PART);
  return search;
}

const FIRST_PART = 0;

/** The number of the state that is looked at, or of the one with these sums; as many as there are states if it is new. */
function numberOf(search: Search, part: number, h0: number, h1: number): number {
  const { h0: own0, h1: own1 } = search.parts.list[part] as Part;
  const { exact, columns, seen } = search;
  const [a, b] = [(h0 + own0) | 0, h1 ^ own1];
  if (exact === null) return numberFor(seen, a, b, search.states);
  const state = wholeState(exact, columns, part);
  const number = numberFor(seen, a, b, exact.size, (known) => isSame(exact, known, state));
  if (number === exact.size) store(exact, state);
  return number;
}

/** Searches on until so many transitions more have been made, or the search is over. */
export function advance(search: Search, transitions: number): void {
  const goal = search.transitions + transitions;
  while (search.state === 'searching' && search.transitions < goal) {
    if (search.position === search.level.count) nextLevel(search);
    else if (isSpent(search)) search.state = search.flaws.length > 0 ? 'found' : 'stopped';
    else expand(search, search.position++);
  }
}

/** Bytes that the search keeps for its states, and for the ways between them. */
export function bytesOf({ seen, edges, level, next, exact, turns, elsewhere }: Search): number {
  const ways = edges.from.bytes + edges.to.bytes + edges.move.bytes;
  const kept = seen.cells.byteLength + turns.memo.answers.cells.byteLength + (exact?.words.bytes ?? 0);
  return elsewhere + kept + ways + level.words.byteLength + next.words.byteLength;
}

const isSpent = (search: Search): boolean =>
  search.states >= search.limits.states || bytesOf(search) >= search.limits.bytes;

function nextLevel(search: Search): void {
  if (search.flaws.length > 0) search.state = 'found';
  else if (search.next.count === 0) finish(search);
  else {
    search.levels.push(search.states - search.next.count);
    [search.level, search.next] = [search.next, search.level];
    search.next.count = 0;
    search.position = 0;
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

/** Makes each move that is possible in a state of the level. */
function expand(search: Search, index: number): void {
  const { columns, level } = search;
  const state = (search.levels.at(-1) as number) + index;
  widen(level, columns.current.length + 1);
  const at = index * level.stride;
  look(columns, level.words, at + 1);
  const hearer: Hearer = {
    move: (move, effect, part) => arrive(search, state, part, effect, move),
    bug: (move, rule) => note(search, bugAt(state, move, rule)),
  };
  if (eachMove(search, level.words[at] as number, hearer) > 0) return;
  const flaw = standstillAt(search, state);
  if (flaw === null) search.ends.push(state);
  else note(search, flaw);
}

/** An effect leads to a successor of `state`: notes the way, and the state itself if it is new. */
function arrive(search: Search, state: number, part: number, effect: Effect, move: number): void {
  const { edges, columns } = search;
  search.transitions++;
  const early = effect.rings.length > 0 || search.exact !== null;
  if (early) apply(columns, effect);
  const number = early
    ? numberOf(search, part, columns.all0, columns.all1)
    : numberOf(search, part, (columns.all0 + effect.h0) | 0, columns.all1 ^ effect.h1);
  edges.from.push(state);
  edges.to.push(number);
  edges.move.push(move);
  if (number === search.states) {
    search.states++;
    if (!early) apply(columns, effect);
    save(search.next, columns, part);
    for (const { id, claim, detail } of brokenBy(search.claims, effect))
      note(search, { kind: 'invariant', id, claim, detail, state: number, move: null });
    revert(columns, effect);
  } else if (early) revert(columns, effect);
}

/** More flaws of one level are not needed to choose the best among them. */
export const MOST_FLAWS = 1_000;

function note({ flaws }: Search, flaw: Flaw): void {
  if (flaws.length < MOST_FLAWS) flaws.push(flaw);
}
