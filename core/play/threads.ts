import { isError } from '../lib/errno.ts';
import { act, begin, type Machine } from '../machine/machine.ts';
import { awaited } from '../machine/trace.ts';
import { createThread, type Task, tasks } from '../process/task.ts';
import { type Actor, actors, isEnabled, spawn } from '../sim/actor.ts';
import type { Next } from '../sim/procedure.ts';
import type { World } from '../world/world.ts';
import { runUntil } from './play.ts';

/** How a command that was given to an actor came out. */
export interface Finished {
  /** What its procedure returned; null if it did not return. */
  readonly result: number | null;
  /** Why it did not return, in words. */
  readonly stuck: string;
  /** An invariant broke on the way: that is told of the machine, and is no failure of the command. */
  readonly halted?: boolean;
}

/** Runs the machine until an actor has nothing more to do. */
export function finishActor(machine: Machine, actor: number): Finished {
  const end = runUntil(machine, () => actors.get(machine.world, actor).frame === null);
  const row = actors.get(machine.world, actor);
  if (end === 'done') return { result: row.result, stuck: '' };
  if (end === 'broken') return { result: null, stuck: 'the machine stopped on its way', halted: true };
  return { result: null, stuck: end === 'limit' ? 'it does not come to an end' : whatItAwaits(machine.world, row) };
}

/** What keeps an actor from moving, in words. */
export function whatItAwaits(world: World, actor: Actor): string {
  if (actor.frame === null) return `${actor.name} has nothing to do`;
  if (isEnabled(world, actor)) return `${actor.name} can move`;
  return `${actor.name} waits for ${awaited(world, actor.frame)}`;
}

/** A thread of the process that has nothing to do, the one that was named if it can; a new one where all are busy. */
export function idleThread(machine: Machine, process: Task): Task {
  const { world } = machine;
  const all = tasks.all(world).filter((row) => row.mm === process.mm && row.state === 'running');
  const idle = [process, ...all].find((row) => actors.get(world, row.actor).frame === null);
  if (idle !== undefined) return idle;
  let made = process;
  act(machine, `starts another thread of ${process.name}`, (w) => {
    made = createThread(w, `${process.name}.${all.length}`, process.id);
  });
  return made;
}

/** Gives a thread of the process something to do and, unless it goes on in the background, waits for the result. */
export function callIn(
  machine: Machine,
  process: Task,
  text: string,
  background: boolean,
  first: (world: World, thread: Task) => Next,
): Finished {
  const thread = idleThread(machine, process);
  begin(machine, thread.actor, text, (world) => first(world, thread));
  return background ? { result: 0, stuck: '' } : finishActor(machine, thread.actor);
}

const DRIVER = 'driver';

/** Gives a thread of the device driver something to do, as `callIn` does for a process. */
export function callInDriver(
  machine: Machine,
  text: string,
  background: boolean,
  first: (world: World) => Next,
): Finished {
  const thread = driverThread(machine);
  begin(machine, thread, text, first);
  return background ? { result: 0, stuck: '' } : finishActor(machine, thread);
}

/** A thread of the driver that has nothing to do; a new one where all are busy. */
function driverThread(machine: Machine): number {
  const all = actors.all(machine.world).filter(({ name, lane }) => lane === 'device-driver' && name.startsWith(DRIVER));
  const idle = all.find(({ frame }) => frame === null);
  if (idle !== undefined) return idle.id;
  let made = -1;
  const name = all.length === 0 ? DRIVER : `${DRIVER}.${all.length}`;
  act(machine, 'starts a thread of the device driver', (world) => {
    made = spawn(world, name, 'device-driver', null).id;
  });
  return made;
}

/** An actor that returned an error number. */
export function errorOf(finished: Finished): number {
  return finished.result !== null && isError(finished.result) ? -finished.result : 0;
}
