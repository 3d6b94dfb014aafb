import type { World } from '../world/world.ts';
import { actors, isEnabled, nextStep } from './actor.ts';
import { type Cost, delayOf } from './cost.ts';

/**
 * Whether a wait has lasted so long that its time-out can come: of those that are waited for, by the lanes of their
 * steps, nobody can take a step that is shorter than the time-out, and no shorter time-out can come anywhere. A guard
 * sees no clock; so whoever can still answer does, in every order of moves.
 */
export function hasRunOut(world: World, lanes: readonly string[], timeOut: Cost): boolean {
  const limit = delayOf(timeOut);
  const faster = actors.first(world, (actor) => {
    const step = nextStep(actor);
    if (step === null || step.delay >= limit) return false;
    return (step.notes.timeOut === true || lanes.includes(actor.lane)) && isEnabled(world, actor);
  });
  return faster === undefined;
}
