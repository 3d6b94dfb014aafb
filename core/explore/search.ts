import { underWay } from '../machine/quiet.ts';
import { allSteps } from '../sim/procedure.ts';
import { Ints } from '../world/ints.ts';
import { brokenBy, type Claims, createClaims } from './claims.ts';
import { bringWorld, type Columns, createColumns, look } from './columns.ts';
import { apply, type Effect, revert } from './effects.ts';
import { createExact, type Exact, isSame, store, wholeState } from './exact.ts';
import { createGifts, type Gifts, giftOf } from './gifts.ts';
import { createLevel, type Level, save, widen } from './levels.ts';
import { createMemo } from './memo.ts';
import { createParts, type Part, type Parts, partFor } from './programs.ts';
import { nothingSeen, numberFor, type Seen } from './seen.ts';
import type { Start } from './start.ts';
import { type Asking, actorSlots, createTurns, effectOfTurn, type Turns, turnOf, waysOf } from './turns.ts';
import { firstWithoutEnd } from './ways.ts';

/** What was found wrong in a state. */
export interface Flaw {
  /** invariant: one of the machine's; deadlock: nobody can move and not all is done; bug: the emulator broke a rule of its own. */
  readonly kind: 'invariant' | 'deadlock' | 'hang' | 'bug';
  /** Id of the invariant, else the kind. */
  readonly id: string;
  readonly claim: string;
  readonly detail: string;
  /** The state it was found in; for a bug the state before. */
  readonly state: number;
  /** The move that could not be made, for a bug. */
  readonly move: number | null;
}

/** The way into a state: from which, by which move. All ways are kept, to tell stories well and to find states without an end. */
export interface Edges {
  readonly from: Ints;
  readonly to: Ints;
  readonly move: Ints;
}

/** A breadth-first search under way: levels of states, each the successors of the one before. */
export interface Search {
  readonly start: Start;
  readonly columns: Columns;
  readonly parts: Parts;
  readonly turns: Turns;
  readonly gifts: Gifts;
  readonly claims: Claims;
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
  /** By number of the step: it was taken. */
  readonly taken: Uint8Array;
  /** By line of the script: in some state it was not refused. */
  readonly accepted: Uint8Array;
  readonly limits: Limits;
  state: SearchState;
}

/** stopped: a limit was reached, `stop` says which. */
type SearchState = 'searching' | 'exhausted' | 'found' | 'stopped';

/** Where a search ends if nothing else ends it. */
export interface Limits {
  readonly states: number;
  /** Of memory, for what the search itself keeps. */
  readonly bytes: number;
}

const MOVE_ACTOR_BITS = 16;

/** A move as a number: of an actor with its choice, or of a program (negative) that gives its next order. */
const actorMove = (actor: number, choice: number): number => (choice << MOVE_ACTOR_BITS) | actor;
const programMove = (program: number): number => -1 - program;

/** What a number stands for; `program` is null for a move of an actor. */
export function splitMove(move: number): { program: number | null; actor: number; choice: number } {
  if (move < 0) return { program: -1 - move, actor: -1, choice: 0 };
  return { program: null, actor: move & ((1 << MOVE_ACTOR_BITS) - 1), choice: move >>> MOVE_ACTOR_BITS };
}

/** How a search works; the verdict is the same either way. */
export interface Manner {
  /** Whole states are compared instead of their fingerprints. */
  readonly exact?: boolean;
  /** How often the machine is asked for the same thing; default once. */
  readonly asking?: Asking;
}

export function createSearch(start: Start, limits: Limits, { exact = false, asking = 'once' }: Manner = {}): Search {
  const { machine, play, programs } = start;
  const columns = createColumns(machine.world);
  const parts = createParts();
  const counts = programs.map(() => 0);
  const first = partFor(parts, counts, play.regions);
  const turns = createTurns(createMemo(columns), asking);
  const search: Search = {
    ...{ start, columns, parts, turns, limits, claims: createClaims(turns), gifts: createGifts(start, parts, turns) },
    ...{ seen: nothingSeen(), exact: exact ? createExact() : null, state: 'searching' },
    edges: { from: new Ints(), to: new Ints(), move: new Ints() },
    ...{ levels: [0], level: createLevel(columns), next: createLevel(columns), position: 0 },
    ...{ states: 0, transitions: 0, ends: [], flaws: [] },
    taken: new Uint8Array(allSteps().length),
    accepted: new Uint8Array(start.lastLine + 1),
  };
  numberOf(search, first, columns.all0, columns.all1);
  search.states = 1;
  save(search.level, columns, first);
  return search;
}

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
export function bytesOf({ seen, edges, level, next, exact, turns }: Search): number {
  const ways = edges.from.bytes + edges.to.bytes + edges.move.bytes;
  const kept = seen.cells.byteLength + turns.memo.answers.cells.byteLength + (exact?.words.bytes ?? 0);
  return kept + ways + level.words.byteLength + next.words.byteLength;
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
function finish(search: Search): void {
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
  const { turns, columns, level } = search;
  const state = (search.levels.at(-1) as number) + index;
  widen(level, columns.current.length + 1);
  const at = index * level.stride;
  const part = level.words[at] as number;
  look(columns, level.words, at + 1);
  let moved = 0;
  for (let id = 0; id < actorSlots(columns); id++) {
    const turn = turnOf(turns, id);
    if (turn === null) continue;
    const ways = waysOf(turns, turn);
    for (let choice = 0; choice < ways; choice++) {
      moved++;
      search.taken[turn.step] = 1;
      const effect = effectOfTurn(turns, turn, choice);
      if (typeof effect === 'string') noteBug(search, state, actorMove(id, choice), effect);
      else arrive(search, state, part, effect, actorMove(id, choice));
    }
  }
  moved += giveOrders(search, state, part, moved === 0);
  if (moved === 0) standstill(search, state);
}

/** What a rule of the emulator itself forbids is a finding like any other. */
function noteBug(search: Search, state: number, move: number, claim: string): void {
  note(search, { kind: 'bug', id: 'bug', claim, detail: 'the emulator itself is at fault', state, move });
}

/** Lets each program give its next order; one that has to wait gives up only where nobody else can move. */
function giveOrders(search: Search, state: number, part: number, alone: boolean): number {
  const { programs } = search.start;
  let given = 0;
  for (let program = 0; program < programs.length; program++) {
    const gift = giftOf(search.gifts, part, program);
    if (gift === null) continue;
    if (typeof gift === 'string') {
      noteBug(search, state, programMove(program), gift);
      continue;
    }
    const { errno, effect, part: after, line } = gift;
    if (errno === 'EBUSY' && !(alone && given === 0)) continue;
    given++;
    if (errno === null) search.accepted[line] = 1;
    arrive(search, state, after, effect, programMove(program));
  }
  return given;
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
const MOST_FLAWS = 1_000;

function note({ flaws }: Search, flaw: Flaw): void {
  if (flaws.length < MOST_FLAWS) flaws.push(flaw);
}

/** Nobody can move: all is done, or something was left behind for ever. */
function standstill(search: Search, state: number): void {
  bringWorld(search.columns);
  const left = underWay(search.start.machine.world);
  if (left.length === 0) {
    search.ends.push(state);
    return;
  }
  const claim = 'Where nobody can move any more, everything that was begun has come to its end.';
  note(search, { kind: 'deadlock', id: 'standstill', claim, detail: left.join(', '), state, move: null });
}
