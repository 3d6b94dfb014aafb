import { allSteps } from '../sim/procedure.ts';
import { type Claims, createClaims } from './claims.ts';
import { type Columns, createColumns } from './columns.ts';
import type { Effect } from './effects.ts';
import { createGifts, type Gifts, giftOf } from './gifts.ts';
import { createMemo } from './memo.ts';
import { createParts, type Parts, partFor } from './programs.ts';
import type { Start } from './start.ts';
import { type Asking, actorSlots, createTurns, effectOfTurn, type Turns, turnOf, waysOf } from './turns.ts';

/** What every way of exploring stands on: the machine as states, who can move in one, and what is asked of each. */
export interface Ground {
  readonly start: Start;
  readonly columns: Columns;
  readonly parts: Parts;
  readonly turns: Turns;
  readonly gifts: Gifts;
  readonly claims: Claims;
  /** By number of the step: it was taken. */
  readonly taken: Uint8Array;
  /** By line of the script: in some state it was not refused. */
  readonly accepted: Uint8Array;
}

/** The ground at its first state, of which the script's part is number 0. */
export function createGround(start: Start, asking: Asking): Ground {
  const { machine, play, programs } = start;
  const columns = createColumns(machine.world);
  const parts = createParts();
  const counts = programs.map(() => 0);
  partFor(parts, counts, play.regions);
  const turns = createTurns(createMemo(columns), asking);
  return {
    ...{ start, columns, parts, turns, claims: createClaims(turns), gifts: createGifts(start, parts, turns) },
    taken: new Uint8Array(allSteps().length),
    accepted: new Uint8Array(start.lastLine + 1),
  };
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

/** The same move of another actor, or of another program. */
export function renamedMove(
  move: number,
  actorFor: (actor: number) => number,
  programFor: (program: number) => number,
): number {
  const { program, actor, choice } = splitMove(move);
  return program === null ? actorMove(actorFor(actor), choice) : programMove(programFor(program));
}

/** Who is told of the moves of a state, one after another. */
export interface Hearer {
  /** A move leads on by an effect, with `part` of the script given then. */
  move(move: number, effect: Effect, part: number): void;
  /** A move cannot be made, as the emulator breaks a rule of its own. */
  bug(move: number, rule: string): void;
}

/** Tells of each move that is possible in the state that is looked at, and how many there are: with 0 nobody can move. */
export function eachMove(ground: Ground, part: number, hearer: Hearer): number {
  const { turns, columns, taken } = ground;
  let moved = 0;
  for (let id = 0; id < actorSlots(columns); id++) {
    const turn = turnOf(turns, id);
    if (turn === null) continue;
    const ways = waysOf(turns, turn);
    for (let choice = 0; choice < ways; choice++) {
      moved++;
      taken[turn.step] = 1;
      const effect = effectOfTurn(turns, turn, choice);
      if (typeof effect === 'string') hearer.bug(actorMove(id, choice), effect);
      else hearer.move(actorMove(id, choice), effect, part);
    }
  }
  return moved + eachGift(ground, part, moved === 0, hearer);
}

/** What one move leads to in the state that is looked at, null if it cannot be made there. */
export function effectOfMove(
  { turns, gifts, accepted }: Ground,
  part: number,
  move: number,
): { readonly effect: Effect; readonly part: number } | null {
  const { program, actor, choice } = splitMove(move);
  if (program !== null) {
    const gift = giftOf(gifts, part, program);
    if (gift === null || typeof gift === 'string') return null;
    if (gift.errno === null) accepted[gift.line] = 1;
    return gift;
  }
  const turn = turnOf(turns, actor);
  if (turn === null || choice >= waysOf(turns, turn)) return null;
  const effect = effectOfTurn(turns, turn, choice);
  return typeof effect === 'string' ? null : { effect, part };
}

/** Lets each program give its next order; one that has to wait gives up only where nobody else can move. */
function eachGift({ start, gifts, accepted }: Ground, part: number, alone: boolean, hearer: Hearer): number {
  let given = 0;
  for (let program = 0; program < start.programs.length; program++) {
    const gift = giftOf(gifts, part, program);
    if (gift === null) continue;
    if (typeof gift === 'string') {
      hearer.bug(programMove(program), gift);
      continue;
    }
    const { errno, effect, part: after, line } = gift;
    if (errno === 'EBUSY' && !(alone && given === 0)) continue;
    given++;
    if (errno === null) accepted[line] = 1;
    hearer.move(programMove(program), effect, after);
  }
  return given;
}
