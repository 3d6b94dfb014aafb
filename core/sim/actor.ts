import { assert } from '../lib/assert.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { type Next, type StackFrame, type StepDef, seal, stackOf, stepOf } from './procedure.ts';

/** Everything that moves: a thread, a kernel worker, an interrupt thread, a hardware unit. */
export interface Actor extends Row {
  readonly name: string;
  /** The column of a sequence chart that its own steps stand in. */
  readonly lane: string;
  /** Its stack, innermost frame first; null while it has nothing to do. */
  readonly frame: StackFrame | null;
  /** What its last finished procedure returned: negative for an error number. */
  readonly result: number;
}

export const actors = table<Actor>(
  'actor',
  { name: 'name', lane: 'name', frame: 'sealed', result: 'int' },
  (id, r) => ({ id, h0: 0, h1: 0, name: r.name, lane: r.lane, frame: r.frame, result: r.result }),
);

/** One way in which the world can move. */
export interface Move {
  readonly actor: number;
  readonly choice: number;
}

/** Adds an actor; `first` is where it starts, none if it waits for work. */
export function spawn(world: World, name: string, lane: string, first: Next | null): Actor {
  const frame = first === null ? null : stackOf(world, first, null);
  return actors.insert(world, { name, lane, frame, result: 0 });
}

/** Gives an idle actor something to do. */
export function post(world: World, id: number, first: Next): void {
  assert(actors.get(world, id).frame === null, 'work is posted to an idle actor');
  actors.edit(world, id, (row) => {
    row.frame = stackOf(world, first, null);
  });
}

/** The step that an actor does next, null when it has none. */
export function nextStep(actor: Actor): StepDef | null {
  return actor.frame === null ? null : stepOf(actor.frame);
}

export function isEnabled(world: World, actor: Actor): boolean {
  const frame = actor.frame;
  if (frame === null) return false;
  const { when } = stepOf(frame);
  return when === null || when(world, frame.locals);
}

/** Number of ways in which the actor's next step can be done now; 0 if it has to wait. */
export function choicesOf(world: World, actor: Actor): number {
  if (!isEnabled(world, actor) || actor.frame === null) return 0;
  const { choices } = stepOf(actor.frame).notes;
  const ways = choices === undefined ? 1 : choices(world, actor.frame.locals);
  assert(ways > 0, 'a step that can be done can be done in at least one way');
  return ways;
}

/** Who can move, and how. */
export function enabled(world: World): Move[] {
  const moves: Move[] = [];
  for (const actor of actors.slots(world)) {
    if (actor === undefined) continue;
    const ways = choicesOf(world, actor);
    for (let choice = 0; choice < ways; choice++) moves.push({ actor: actor.id, choice });
  }
  return moves;
}

/** Moves one actor by one step. Nothing else changes the world. */
export function perform(world: World, id: number, choice = 0): void {
  const actor = actors.get(world, id);
  const frame = actor.frame;
  assert(frame !== null, 'an actor that moves has a step to do');
  world.openStep();
  world.acting = id;
  const next = stepOf(frame).run(world, frame.locals, choice);
  settle(world, id, frame, next);
  world.acting = -1;
}

function settle(world: World, id: number, frame: StackFrame, next: Next): void {
  if (next.kind === 'go') {
    const sealed = seal(world, next.step, next.locals, frame.caller);
    actors.edit(world, id, (row) => {
      row.frame = sealed;
    });
    return;
  }
  const stack = stackOf(world, next, frame.caller);
  actors.edit(world, id, (row) => {
    row.frame = stack;
    if (stack === null && next.kind === 'done') row.result = next.value;
  });
}
