import { alikeIn } from './alike.ts';
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
  lookAtState,
  note,
  turnLevel,
} from './expansion.ts';
import { createGround } from './ground.ts';
import { leave, save } from './levels.ts';
import {
  bytesOfMirrors,
  createMirrors,
  goThrough,
  isGoneThrough,
  type Mirrors,
  mirrorState,
  type NumberAfter,
  turnMirrors,
  variantOf,
} from './mirrors.ts';
import type { Part } from './programs.ts';
import { nothingSeen, numberFor, type Seen } from './seen.ts';
import type { Start } from './start.ts';
import type { Asking } from './turns.ts';
import { firstWithoutEnd } from './ways.ts';

/** A breadth-first search under way: levels of states, each the successors of the one before. */
export interface Search extends Expansion {
  /** Whole states by number, where they are compared; null where fingerprints are. */
  readonly exact: Exact | null;
  /** The counterparts of all states, where those who are told the same are taken for one another. */
  readonly mirrors: Mirrors | null;
  /** Whether it was asked for. */
  readonly symmetry: boolean;
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

/** How a search works; the verdict is the same whichever way. */
export interface Manner {
  /** Whole states are compared instead of their fingerprints. */
  readonly exact?: boolean;
  /** Of states that differ only in which is which of threads that are told the same, one is looked at. */
  readonly symmetry?: boolean;
  /** How often the machine is asked for the same thing; default once. */
  readonly asking?: Asking;
}

export function createSearch(start: Start, limits: Limits, manner: Manner = {}): Search {
  const { exact = false, symmetry = false, asking = 'once' } = manner;
  const ground = createGround(start, asking);
  const alike = symmetry ? alikeIn(start) : null;
  const search: Search = {
    ...createExpansion(ground),
    ...{ limits, seen: nothingSeen(), exact: exact ? createExact() : null, levels: [0], elsewhere: 0 },
    mirrors: alike === null ? null : createMirrors(alike, ground.columns, FIRST_PART),
    ...{ symmetry, state: 'searching' },
  };
  const { columns, parts } = search;
  const [h0, h1] = fingerprintOf(columns.all0, columns.all1, parts.list[FIRST_PART] as Part);
  numberOf(search, FIRST_PART, h0, h1);
  search.states = 1;
  save(search.level, columns, FIRST_PART);
  return search;
}

const FIRST_PART = 0;

/** The number of the state with this fingerprint, which is the one that is looked at; as many as are numbered if it is new. */
function numberOf({ exact, columns, seen }: Search, part: number, h0: number, h1: number): number {
  if (exact === null) return numberFor(seen, h0, h1, seen.size);
  const state = wholeState(exact, columns, part);
  const number = numberFor(seen, h0, h1, exact.size, (known) => isSame(exact, known, state));
  if (number === exact.size) store(exact, state);
  return number;
}

/** The same of the state that an effect leads to from the one that is looked at. */
function numberAfter(search: Search, part: number, effect: Effect): number {
  const [h0, h1] = fingerprintAfter(search, part, effect);
  if (search.exact === null) return numberOf(search, part, h0, h1);
  apply(search.columns, effect);
  const number = numberOf(search, part, h0, h1);
  revert(search.columns, effect);
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
  const { seen, exact, mirrors, elsewhere } = search;
  const beside = (exact?.words.bytes ?? 0) + (mirrors === null ? 0 : bytesOfMirrors(mirrors));
  return elsewhere + bytesOfExpansion(search) + seen.cells.byteLength + beside;
}

const isSpent = (search: Search): boolean =>
  search.states >= search.limits.states || bytesOf(search) >= search.limits.bytes;

function nextLevel(search: Search): void {
  if (search.flaws.length > 0) search.state = 'found';
  else if (search.next.count === 0) finish(search);
  else {
    search.levels.push(search.states - search.next.count);
    turnLevel(search);
    if (search.mirrors !== null) turnMirrors(search.mirrors);
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
  const { mirrors, edges } = search;
  if (mirrors === null) {
    expand(search, index, state, (part, effect, move) => arrive(search, state, part, effect, move));
    return;
  }
  const firstEdge = edges.to.length;
  for (const level of mirrors.level) leave(level, index - 1);
  const numbers: NumberAfter = (part, effect) => numberAfter(search, part, effect);
  expand(search, index, state, (part, effect, move) => {
    const known = search.states;
    arriveAtOne(search, mirrors, state, part, effect, move);
    if (search.states === known) return;
    mirrorState(search, mirrors, { index, move, state: known }, numbers);
    lookAtState(search, index);
  });
  if (isGoneThrough(state) || search.turns.asking === 'doubting')
    goThrough(search, mirrors, index, waysFrom(search, firstEdge), numbers);
  if (mirrors.unlike !== null) search.state = 'stopped';
}

/** An effect leads to a successor of `state`: notes the way, and the state itself if it is new. */
function arrive(search: Search, state: number, part: number, effect: Effect, move: number): void {
  const number = numberAfter(search, part, effect);
  addEdge(search, state, number, move);
  if (number === search.states) enter(search, part, effect, search.states++);
}

/** The same where the successor may be a counterpart of one that is known. */
function arriveAtOne(
  search: Search,
  mirrors: Mirrors,
  state: number,
  part: number,
  effect: Effect,
  move: number,
): void {
  const number = numberAfter(search, part, effect);
  const isNew = number === mirrors.variants.length;
  const known = isNew ? { state: search.states, twist: 0 } : variantOf(mirrors, number);
  addEdge(search, state, known.state, move);
  mirrors.twists.push(known.twist);
  if (isNew) enter(search, part, effect, search.states++);
}

/** By move: the state that it leads to, of the ways that were noted from one on. */
function waysFrom({ edges }: Search, first: number): Map<number, number> {
  const ways = new Map<number, number>();
  for (let edge = first; edge < edges.to.length; edge++) ways.set(edges.move.at(edge), edges.to.at(edge));
  return ways;
}
