import { assert, InvariantError } from '../lib/assert.ts';
import { brokenClaims } from '../machine/invariants/index.ts';
import { underWay } from '../machine/quiet.ts';
import { actors, choicesOf, perform } from '../sim/actor.ts';
import { allSteps, stepOf } from '../sim/procedure.ts';
import { Ints } from '../world/ints.ts';
import type { Journal } from '../world/journal.ts';
import { type Arena, createArena, createPacking, load, type Packing, save, saveFirst } from './packing.ts';
import { createParts, give, nextOrder, type Part, type Parts, partAfter, partFor } from './programs.ts';
import { nothingSeen, numberFor, type Seen } from './seen.ts';
import type { Start } from './start.ts';
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
  readonly packing: Packing;
  readonly parts: Parts;
  readonly seen: Seen;
  readonly edges: Edges;
  /** First state of each level. */
  readonly levels: number[];
  level: Arena;
  next: Arena;
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

export function createSearch(start: Start, limits: Limits): Search {
  const { machine, play, programs } = start;
  const packing = createPacking(machine.world);
  const parts = createParts();
  const first = partFor(
    parts,
    programs.map(() => 0),
    play.regions,
  );
  const search: Search = {
    start,
    packing,
    parts,
    seen: nothingSeen(),
    edges: { from: new Ints(), to: new Ints(), move: new Ints() },
    levels: [0],
    level: createArena(packing),
    next: createArena(packing),
    position: 0,
    states: 1,
    transitions: 0,
    ends: [],
    flaws: [],
    taken: new Uint8Array(allSteps().length),
    accepted: new Uint8Array(start.lastLine + 1),
    limits,
    state: 'searching',
  };
  saveFirst(search.level, first);
  seeState(search, search.parts.list[first] as Part);
  return search;
}

const journalOf = ({ start }: Search): Journal => {
  const { journal } = start.machine.world;
  assert(journal !== null, 'a search keeps a journal');
  return journal;
};

/** The number of the state that the world is in; as many as there are states if it is new. */
function seeState(search: Search, part: Part): number {
  const [h0, h1] = search.start.machine.world.fingerprint();
  return numberFor(search.seen, (h0 + part.h0) | 0, h1 ^ part.h1, search.seen.size);
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
export function bytesOf({ seen, edges, level, next }: Search): number {
  const ways = edges.from.bytes + edges.to.bytes + edges.move.bytes;
  return seen.cells.byteLength + ways + level.words.byteLength + next.words.byteLength;
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

/** Makes each move that is possible in a state of the level, and takes it back. */
function expand(search: Search, index: number): void {
  const { world } = search.start.machine;
  const state = (search.levels.at(-1) as number) + index;
  const part = load(search.packing, search.level, index);
  const slots = actors.slots(world);
  let moved = 0;
  for (let id = 0; id < slots.length; id++) {
    const actor = actors.find(world, id);
    if (actor === undefined) continue;
    const ways = choicesOf(world, actor);
    for (let choice = 0; choice < ways; choice++) {
      moved++;
      if (actor.frame !== null) search.taken[stepOf(actor.frame).id] = 1;
      attempt(search, state, actorMove(id, choice), () => {
        perform(world, id, choice);
        arrive(search, index, state, part, actorMove(id, choice));
      });
    }
  }
  moved += giveOrders(search, index, state, part, moved === 0);
  if (moved === 0) standstill(search, state);
}

/** What a rule of the emulator itself forbids is a finding like any other. */
function attempt(search: Search, state: number, move: number, change: () => void): void {
  const { world } = search.start.machine;
  try {
    change();
  } catch (bug) {
    if (!(bug instanceof InvariantError)) throw bug;
    world.acting = -1;
    const detail = 'the emulator itself is at fault';
    note(search, { kind: 'bug', id: 'bug', claim: bug.message, detail, state, move });
  }
  while (journalOf(search).at > 0) world.back();
}

/** Lets each program give its next order; one that has to wait gives up only where nobody else can move. */
function giveOrders(search: Search, index: number, state: number, part: number, alone: boolean): number {
  const { play, programs, machine } = search.start;
  const before = search.parts.list[part] as Part;
  let given = 0;
  for (let program = 0; program < programs.length; program++) {
    const order = nextOrder(machine.world, programs, before.counts, program);
    if (order === null) continue;
    attempt(search, state, programMove(program), () => {
      const errno = give(play, before, order);
      if (errno === 'EBUSY' && !(alone && given === 0)) return;
      given++;
      if (errno === null) search.accepted[order.command.line] = 1;
      arrive(search, index, state, partAfter(search.parts, before, program, play.regions), programMove(program));
    });
  }
  return given;
}

/** The world is in a successor of `state`: notes the way, and the state itself if it is new. */
function arrive(search: Search, index: number, state: number, part: number, move: number): void {
  const { edges, start } = search;
  search.transitions++;
  const number = seeState(search, search.parts.list[part] as Part);
  edges.from.push(state);
  edges.to.push(number);
  edges.move.push(move);
  if (number < search.states) return;
  search.states++;
  save(search.packing, journalOf(search), search.level, index, search.next, part);
  for (const { id, claim, detail } of brokenClaims(start.machine.world))
    note(search, { kind: 'invariant', id, claim, detail, state: number, move: null });
}

/** More flaws of one level are not needed to choose the best among them. */
const MOST_FLAWS = 1_000;

function note({ flaws }: Search, flaw: Flaw): void {
  if (flaws.length < MOST_FLAWS) flaws.push(flaw);
}

/** Nobody can move: all is done, or something was left behind for ever. */
function standstill(search: Search, state: number): void {
  const left = underWay(search.start.machine.world);
  if (left.length === 0) {
    search.ends.push(state);
    return;
  }
  const claim = 'Where nobody can move any more, everything that was begun has come to its end.';
  note(search, { kind: 'deadlock', id: 'standstill', claim, detail: left.join(', '), state, move: null });
}
