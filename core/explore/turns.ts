import { assert, InvariantError } from '../lib/assert.ts';
import { type Actor, actors, choicesOf, perform } from '../sim/actor.ts';
import { stepOf } from '../sim/procedure.ts';
import { rowKey, type World } from '../world/world.ts';
import { bringWorld, type Columns } from './columns.ts';
import { type Effect, effectOf, isSameEffect } from './effects.ts';
import {
  endListening,
  keep,
  learnColumns,
  listenTo,
  type Memo,
  newQuestion,
  type Question,
  recall,
  UNKNOWN,
} from './memo.ts';

/** An actor with one certain stack: in how many ways it can move, and what each way does. */
export interface Turn {
  /** Turns are numbered as they are met. */
  readonly number: number;
  readonly actor: Actor;
  /** Number of the step that it does next. */
  readonly step: number;
  /** Null where it can always move, in one way. */
  readonly ways: Question | null;
  readonly choices: Question[];
}

/** The moves of a machine, each asked of the machine itself where it was not asked before. */
export interface Turns {
  readonly memo: Memo;
  /** By number of the row of an actor; null for one that has nothing to do. */
  readonly byRow: (Turn | null | undefined)[];
  /** By id, for the rows of the first state. */
  readonly first: (Turn | null | undefined)[];
  /** By id: the column of its row, once it has one. */
  readonly columnsOf: (number | undefined)[];
  readonly effects: Effect[];
  count: number;
  readonly asking: Asking;
}

/**
 * once: the machine is asked only for what is new to it; always: every time; doubting: what is recalled is asked all the
 * same, and has to be what the machine says.
 */
export type Asking = 'once' | 'always' | 'doubting';

export function createTurns(memo: Memo, asking: Asking): Turns {
  return { memo, byRow: [], first: [], columnsOf: [], effects: [], count: 0, asking };
}

/** The turn of an actor in the state that is looked at, null if it has nothing to do or is not there. */
export function turnOf(turns: Turns, id: number): Turn | null {
  const { columns } = turns.memo;
  const column = columnOf(turns, id);
  const number = column < 0 ? 0 : (columns.current[column] as number);
  const known = number === 0 ? turns.first[id] : turns.byRow[number];
  if (known !== undefined) return known;
  bringWorld(columns);
  const turn = makeTurn(turns, actors.find(columns.world, id));
  if (number === 0) turns.first[id] = turn;
  else turns.byRow[number] = turn;
  return turn;
}

/** The column of the row of an actor, negative as long as no step has written it. */
function columnOf({ columnsOf, memo }: Turns, id: number): number {
  const known = columnsOf[id];
  if (known !== undefined) return known;
  const column = memo.columns.rowColumns.get(rowKey(actors.at, id));
  if (column === undefined) return -1;
  columnsOf[id] = column;
  return column;
}

function makeTurn(turns: Turns, actor: Actor | undefined): Turn | null {
  if (actor === undefined || actor.frame === null) return null;
  const { id, when, notes } = stepOf(actor.frame);
  const isFree = when === null && notes.choices === undefined;
  return { number: turns.count++, actor, step: id, ways: isFree ? null : newQuestion(), choices: [] };
}

/** In how many ways it can move; 0 if it waits. */
export function waysOf({ memo, asking }: Turns, { actor, ways }: Turn): number {
  if (ways === null) return 1;
  const known = asking === 'always' ? UNKNOWN : recall(memo, ways);
  if (known !== UNKNOWN && asking === 'once') return known;
  bringWorld(memo.columns);
  listenTo(memo);
  const answer = choicesOf(memo.columns.world, actor);
  endListening(memo);
  if (known === UNKNOWN) keep(memo, ways, answer);
  else assert(answer === known, `${actor.name} can move as it is remembered`);
  return answer;
}

/** Whether anybody can move in the state that is looked at. */
export function canSomebodyMove(turns: Turns): boolean {
  for (let id = 0; id < actorSlots(turns.memo.columns); id++) {
    const turn = turnOf(turns, id);
    if (turn !== null && waysOf(turns, turn) > 0) return true;
  }
  return false;
}

/** What one way of moving does; the sentence of the rule if the emulator breaks one of its own. */
export function effectOfTurn(turns: Turns, turn: Turn, choice: number): Effect | string {
  const { memo, asking, effects } = turns;
  let question = turn.choices[choice];
  if (question === undefined) {
    question = newQuestion();
    turn.choices[choice] = question;
  }
  const known = asking === 'always' ? UNKNOWN : recall(memo, question);
  if (known !== UNKNOWN && asking === 'once') return effects[known] as Effect;
  const effect = tryOut(memo, (world) => perform(world, turn.actor.id, choice));
  if (typeof effect === 'string' || asking === 'always') return effect;
  if (known === UNKNOWN) keep(memo, question, effects.push(effect) - 1);
  else assert(isSameEffect(effect, effects[known] as Effect), `${turn.actor.name} does what is remembered of it`);
  return effect;
}

/** Does something with the machine in the state that is looked at, takes it back, and says what it changed. */
export function tryOut(memo: Memo, change: (world: World) => void): Effect | string {
  const { columns } = memo;
  const { world } = columns;
  bringWorld(columns);
  const { journal } = world;
  assert(journal !== null && journal.at === 0, 'a search begins each move with nothing to take back');
  listenTo(memo);
  let rule: string | null = null;
  try {
    change(world);
  } catch (bug) {
    if (!(bug instanceof InvariantError)) throw bug;
    world.acting = -1;
    rule = bug.message;
  }
  endListening(memo);
  const effect = rule ?? effectOf(columns, journal);
  learnColumns(memo);
  while (journal.at > 0) world.back();
  return effect;
}

/** Number of actors that there can be in the state that is looked at. */
export const actorSlots = ({ world }: Columns): number => world.slotsIn(actors.at);
