import { eventsOf, type Machine, move, tick } from '../machine/machine.ts';
import { tasks } from '../process/task.ts';
import type { CommandOf } from '../script/index.ts';
import { actors, choicesOf, enabled, type Move, nextStep } from '../sim/actor.ts';
import { dueOf } from '../sim/clock.ts';
import { allSteps } from '../sim/procedure.ts';
import type { World } from '../world/world.ts';
import { MAX_EVENTS, machineOf, type Play, type Refused, refuse, runUntil, type Said, said } from './play.ts';
import { findActor } from './resolve.ts';
import { whatItAwaits } from './threads.ts';

/** Moments that `run until` can wait for: what steps reach. */
export const MOMENTS = [
  'bind.done',
  'unbind.done',
  'exit.begun',
  'pasid.freed',
  'dma.submitted',
  'dma.done',
  'dma.failed',
  'translation.miss',
  'translation.done',
  'tlb.filled',
  'fault.queued',
  'priq.overflow',
  'priq.acknowledged',
  'bug.acts',
  'fault.reported',
  'fault.held',
  'fault.handled',
  'fault.answered',
  'command.synced',
  'event.printed',
  'device.removed',
  'time-out',
] as const;

export function doRun(play: Play, command: CommandOf<'run'>): Said | Refused {
  const machine = machineOf(play);
  if (command.until === 'alone') return runAlone(machine, command);
  if (command.until === 'count') return runCount(machine, command.count);
  if (command.until === 'moment') return runToMoment(machine, command.moment);
  const end = runUntil(machine, () => false);
  if (end === 'limit')
    return { output: [`stopped after ${MAX_EVENTS} events: it does not come to rest`], failed: true };
  return said();
}

function runCount(machine: Machine, count: number): Said {
  for (let done = 0; done < count; done++) {
    if (!tick(machine)) return said(`nothing more happens after ${done} events`);
  }
  return said();
}

function runToMoment(machine: Machine, moment: string): Said | Refused {
  if (!MOMENTS.some((known) => known === moment)) {
    return refuse('EINVAL', `there is no moment ${moment}; there is ${MOMENTS.join(', ')}`);
  }
  if (!machine.watched) return refuse('EOPNOTSUPP', 'moments are seen only while the run is watched');
  const first = eventsOf(machine);
  const reached = (): boolean => {
    const last = machine.trace.at(-1);
    return last !== undefined && last.event > first && last.moments.includes(moment);
  };
  const end = runUntil(machine, reached);
  return end === 'done' ? said() : { output: [`${moment} was not reached: nothing more happens`], failed: true };
}

/**
 * Lets one actor go on. Where it waits, hardware and kernel workers move as the clock wants it, and other threads stand
 * still: so a thread can be left in the middle of a system call while another overtakes it.
 */
function runAlone(machine: Machine, command: Extract<CommandOf<'run'>, { until: 'alone' }>): Said | Refused {
  const { world } = machine;
  const found = findActor(world, command.actor);
  if (!found.ok) return found.error;
  const { id } = found.value;
  const { step } = command;
  if (step !== null && !allSteps().some(({ name }) => name === step))
    return refuse('EINVAL', `there is no step ${step}`);
  const isThere = (): boolean => step !== null && nextStep(actors.get(world, id))?.name === step;
  const isOver = (): boolean => actors.get(world, id).frame === null || machine.broken !== null;
  for (let events = 0; events < (command.count ?? MAX_EVENTS) && !isThere() && !isOver(); events++) {
    const next = nextFor(world, id);
    if (next === undefined) return standstill(world, id, step);
    move(machine, next);
  }
  if (step === null || isThere() || machine.broken !== null || command.count !== null) return said();
  return { output: [`${command.actor} has come to its end without ${step}`], failed: true };
}

/** The move of the actor itself if it can, else that of the hardware and the kernel's workers which is due first. */
function nextFor(world: World, id: number): Move | undefined {
  const all = enabled(world);
  const isThread = ({ actor }: Move): boolean =>
    actors.get(world, actor).name === 'script' || tasks.first(world, (task) => task.actor === actor) !== undefined;
  const others = all.filter((each) => !isThread(each)).sort((a, b) => dueOf(world, a.actor) - dueOf(world, b.actor));
  return all.find(({ actor }) => actor === id) ?? others[0];
}

function standstill(world: World, id: number, step: string | null): Said {
  const why = whatItAwaits(world, actors.get(world, id));
  return step === null ? said(why) : { output: [`it does not come to ${step}: ${why}`], failed: true };
}

/** Moves the named actors in this order, whatever the clock says. */
export function doMoves(
  play: Play,
  moves: readonly { readonly actor: string; readonly choice: number | null }[],
): Said | Refused {
  const machine = machineOf(play);
  for (const [index, { actor: name, choice }] of moves.entries()) {
    const actor = findActor(machine.world, name);
    if (!actor.ok) return actor.error;
    const ways = choicesOf(machine.world, actors.get(machine.world, actor.value.id));
    const wrong = ways === 0 || (choice ?? 0) >= ways;
    if (wrong) {
      const why = ways === 0 ? whatItAwaits(machine.world, actor.value) : `${name} has ${ways} ways to move`;
      return index === 0 ? refuse('EBUSY', why) : { output: [`move ${index + 1}: ${why}`], failed: true };
    }
    move(machine, { actor: actor.value.id, choice: choice ?? 0 });
  }
  return said();
}
