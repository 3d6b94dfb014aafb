import { assert, present } from '../../lib/assert.ts';
import { act, begin, type Machine, move } from '../../machine/machine.ts';
import { type Task, tasks } from '../../process/task.ts';
import { parseScript } from '../../script/index.ts';
import { actors, enabled, nextStep, spawn } from '../../sim/actor.ts';
import { dueOf } from '../../sim/clock.ts';
import type { Next } from '../../sim/procedure.ts';
import type { World } from '../../world/world.ts';
import { machineOf, type Outcome, type Play, startPlay } from '../play.ts';
import { playCommand } from '../script.ts';

/** A machine that a test tells a story with. */
export interface Story {
  readonly play: Play;
  readonly machine: Machine;
  readonly world: World;
}

/** Begins a story with the lines of a script. */
export function story(...lines: readonly string[]): Story {
  const play = startPlay();
  for (const line of lines) playLines(play, line);
  return { play, machine: machineOf(play), world: machineOf(play).world };
}

function playLines(play: Play, text: string): Outcome {
  const { commands, diagnostics } = parseScript(text);
  assert(diagnostics.length === 0, `a story is told in the language: ${text}`);
  const outcomes = commands.map((command) => playCommand(play, command));
  const wrong = outcomes.find(({ state }) => state === 'refused' || state === 'failed');
  assert(wrong === undefined, `${text}: ${wrong?.state}, ${wrong?.output.join(', ')}`);
  return present(outcomes.at(-1), 'a story has lines');
}

/** Goes on with a line that is neither refused nor fails; gives what the kernel answered: an errno, null for none. */
export function tell({ play }: Story, ...lines: readonly string[]): string | null {
  return lines.map((line) => playLines(play, line)).at(-1)?.errno ?? null;
}

/** Goes on with one line, whatever becomes of it. */
export function attempt({ play }: Story, line: string): Outcome {
  const [command] = parseScript(line).commands;
  return playCommand(play, present(command, `a story is told in the language: ${line}`));
}

/** The process of a name, while it has memory. */
export function processNamed({ world }: Story, name: string): Task {
  const task = tasks.first(world, (row) => row.name === name && row.state !== 'dead');
  return present(task, `there is a process ${name}`);
}

export function actorNamed({ world }: Story, name: string): number {
  return present(
    actors
      .all(world)
      .filter((row) => row.name === name)
      .at(-1),
    `there is an actor ${name}`,
  ).id;
}

/** A kernel thread that begins something, for instance in the name of another process, as VFIO does. */
export function kernelThread({ machine }: Story, first: Next): number {
  let thread = -1;
  act(machine, 'starts a kernel thread', (world) => {
    thread = spawn(world, 'kernel thread', 'kernel thread', null).id;
  });
  begin(machine, thread, 'begins', () => first);
  return thread;
}

const MOST_MOVES = 20_000;

/**
 * Lets an actor go on until its next step is the named one, or until it has nothing more to do; where it waits others
 * move, as the clock wants it, but for those that are held.
 */
export function goTo(
  { machine, world }: Story,
  actor: number,
  step: string | null,
  held: readonly number[] = [],
): void {
  for (let moves = 0; moves < MOST_MOVES; moves++) {
    const row = actors.get(world, actor);
    if (row.frame === null || nextStep(row)?.name === step) return;
    const free = enabled(world).filter((each) => !held.includes(each.actor));
    const next = free.find((each) => each.actor === actor) ?? earliestOf(world, free);
    assert(next !== undefined, `${row.name} goes on`);
    move(machine, next);
  }
}

/** Lets everybody move but those that are held, until all others wait. */
export function settle({ machine, world }: Story, held: readonly number[] = []): void {
  for (let moves = 0; moves < MOST_MOVES; moves++) {
    const next = earliestOf(
      world,
      enabled(world).filter((each) => !held.includes(each.actor)),
    );
    if (next === undefined) return;
    move(machine, next);
  }
}

function earliestOf<M extends { readonly actor: number }>(world: World, moves: readonly M[]): M | undefined {
  return [...moves].sort((a, b) => dueOf(world, a.actor) - dueOf(world, b.actor))[0];
}

/** What an actor's last call returned: negative for an error number. */
export function resultOf({ world }: Story, actor: number): number {
  return actors.get(world, actor).result;
}

/** The names of the steps that were done since an event, in order. */
export function stepsSince({ machine }: Story, event: number): string[] {
  return machine.trace.slice(event).map(({ step }) => step);
}
