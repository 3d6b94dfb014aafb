import { assert, present } from '../lib/assert.ts';
import { fingerprintText } from '../lib/format.ts';
import { fingerprintAt } from '../machine/machine.ts';
import { machineOf, type Play } from '../play/play.ts';
import { actorName } from '../play/resolve.ts';
import { playScript } from '../play/script.ts';
import { whatItAwaits } from '../play/threads.ts';
import { tasks } from '../process/task.ts';
import { printCommand } from '../script/index.ts';
import { type Actor, actors, isEnabled, perform } from '../sim/actor.ts';
import { locks } from '../sim/lock.ts';
import { stepOf } from '../sim/procedure.ts';
import type { World } from '../world/world.ts';
import { bringFirst } from './columns.ts';
import type { Flaw } from './flaws.ts';
import { type Ground, splitMove } from './ground.ts';
import { give, type Order, type Part, partAfter, postedForm, threadOf } from './programs.ts';
import type { Search } from './search.ts';
import type { Start } from './start.ts';
import { calmestWay, levelFinder, levelsOf } from './ways.ts';

/** The shortest way into something wrong, as a script that any machine can play. */
export interface Counterexample {
  readonly flaw: Flaw;
  /** Moves since the start: steps of actors, and lines of the script that were given. */
  readonly moves: number;
  /** How often another one goes on than the one before. */
  readonly changes: number;
  /** Up to and with the move that shows it. */
  readonly script: string;
  /** Where nobody comes to an end: who cannot go on, and what each waits for. */
  readonly waits: readonly string[];
  /** A machine that has played it; of a flaw of the emulator itself, up to the move that cannot be made. */
  readonly play: Play;
}

/**
 * The best counterexample of a search: the shortest, of these the one that changes actors least. It is played again on a
 * machine of its own, which has to come to the same state. Null if nothing was found.
 */
export function counterexample(search: Search): Counterexample | null {
  const flaws = shortest(search);
  if (flaws.length === 0) return null;
  const way = calmestWay(search, [...new Set(flaws.map(({ state }) => state))], moversOf(search.start));
  const flaw = present(
    flaws.find(({ state }) => state === way.target),
    'the way leads into a state in which something is wrong',
  );
  return exampleOf(search, way.moves, flaw);
}

/** The moves that lead into a flaw, as a script that was played again and came to the same state. */
export function exampleOf(ground: Ground, moves: readonly number[], flaw: Flaw): Counterexample {
  const { start } = ground;
  const { lines, attempt, fingerprint } = tell(ground, moves, flaw.move);
  const script = (...more: readonly string[]): string => `${[...start.lines, ...lines, ...more].join('\n')}\n`;
  const { play } = playScript(script(), start.play.options);
  assert(fingerprintAt(machineOf(play)) === fingerprint, 'a counterexample played again leads to the same state');
  return {
    flaw,
    moves: moves.length + attempt.length,
    changes: changesIn(moves, moversOf(start)),
    script: script(...attempt, ...ending(flaw)),
    waits: isStandstill(flaw) ? waitsIn(machineOf(play).world) : [],
    play,
  };
}

/** How often another one goes on than the one before. */
export function changesIn(moves: readonly number[], moverOf: (move: number) => number): number {
  return moves.filter((move, at) => at > 0 && moverOf(move) !== moverOf(moves[at - 1] as number)).length;
}

/** Nobody can move, or nobody can come to an end: who waits for what is a part of the story. */
const isStandstill = ({ kind, id }: Flaw): boolean => kind === 'deadlock' || kind === 'hang' || id === 'deadlock';

/** Who cannot go on: of the threads that were told to do something, of those who hold a lock and of the kernel's own. */
function waitsIn(world: World): string[] {
  const holders = new Set(locks.all(world).map(({ owner }) => owner));
  const told = new Set(tasks.all(world).map(({ actor }) => actor));
  return actors
    .all(world)
    .filter((actor) => holders.has(actor.id) || told.has(actor.id) || isAtWork(actor))
    .filter((actor) => actor.frame !== null && !isEnabled(world, actor))
    .map((actor) => whatItAwaits(world, actor));
}

const KERNEL: ReadonlySet<string> = new Set(['iommu', 'faults', 'smmu-driver']);

/** A driver is told to do something, and a kernel thread is in the middle of it: at the first label of its loop it is idle. */
const isAtWork = ({ lane, frame }: Actor): boolean =>
  lane === 'device-driver' ||
  (KERNEL.has(lane) && frame !== null && (frame.caller !== null || stepOf(frame).label !== 'wait'));

/** Who makes a move, as a number: an actor; what a thread is told counts as its own move. */
export function moversOf({ machine, programs }: Start): (move: number) => number {
  const threads = programs.map((program) => threadOf(machine.world, program)?.id);
  return (move) => {
    const { program, actor } = splitMove(move);
    return program === null ? actor : (threads[program] ?? move);
  };
}

/** A break that a script expects counts as held: whoever plays it is told nothing but the story. */
const ending = ({ kind, id }: Flaw): string[] => (kind === 'invariant' ? [`expect broken ${id}`] : []);

/** The flaws that fewest moves lead to; one of the emulator itself only where there is no other. */
function shortest(search: Search): Flaw[] {
  const levelOf = levelFinder(levelsOf(search));
  const lengths = search.flaws.map(({ state, move }) => levelOf(state) + (move === null ? 0 : 1));
  const least = Math.min(...lengths);
  const best = search.flaws.filter((_flaw, index) => lengths[index] === least);
  const ofKernel = best.filter(({ move }) => move === null);
  return ofKernel.length > 0 ? ofKernel : best.slice(0, 1);
}

interface Told {
  readonly lines: readonly string[];
  /** The line of the move that cannot be made, if there is one. */
  readonly attempt: readonly string[];
  readonly fingerprint: string;
}

/** The moves as lines of a script, and what they lead to. Orders are given without waiting for them; all else is a schedule. */
function tell(ground: Ground, moves: readonly number[], attempted: number | null): Told {
  const { start, columns, parts } = ground;
  const { machine, play } = start;
  const { world } = machine;
  bringFirst(columns);
  const lines = ['chapter "The order that the search found"'];
  const turns: string[] = [];
  let part = parts.list[0] as Part;
  for (const move of moves) {
    const { program, actor, choice } = splitMove(move);
    if (program === null) {
      turns.push(moverText(ground, move));
      perform(world, actor, choice);
      continue;
    }
    const order = orderAt(ground, part, program);
    lines.push(...stepLines(turns.splice(0)), printCommand(postedForm(order.command)));
    const errno = give(play, part, order);
    if (errno !== null) lines.push(`expect errno ${errno}`);
    part = parts.list[partAfter(parts, part, program, play.regions)] as Part;
  }
  lines.push(...stepLines(turns));
  const fingerprint = fingerprintText(world.fingerprint());
  const attempt = attempted === null ? [] : [attemptText(ground, part, attempted)];
  while (world.journal !== null && world.journal.at > 0) world.back();
  return { lines, attempt, fingerprint };
}

/** Steps one after another, a line for each that goes on. */
function stepLines(movers: readonly string[]): string[] {
  const lines: string[] = [];
  let count = 0;
  for (const [index, mover] of movers.entries()) {
    count++;
    if (mover === movers[index + 1]) continue;
    lines.push(count === 1 ? `step ${mover}` : `step ${mover} ${count}`);
    count = 0;
  }
  return lines;
}

function attemptText(ground: Ground, part: Part, move: number): string {
  const { program } = splitMove(move);
  if (program === null) return `step ${moverText(ground, move)}`;
  return printCommand(postedForm(orderAt(ground, part, program).command));
}

function moverText({ start }: Ground, move: number): string {
  const { actor, choice } = splitMove(move);
  const name = actorName(actors.get(start.machine.world, actor));
  return choice === 0 ? name : `${name}/${choice}`;
}

function orderAt({ start }: Ground, { counts }: Part, program: number): Order {
  const order = start.programs[program]?.commands[counts[program] as number];
  return present(order, 'a program that moves has an order left');
}
