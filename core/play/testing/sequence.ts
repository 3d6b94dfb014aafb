import { assert } from '../../lib/assert.ts';
import { move } from '../../machine/machine.ts';
import { type Task, tasks } from '../../process/task.ts';
import { type Command, parseScript } from '../../script/index.ts';
import { actors, enabled } from '../../sim/actor.ts';
import { below, seeded } from '../../sim/random.ts';
import type { World } from '../../world/world.ts';
import { machineOf, type Outcome, type Play, record, startPlay } from '../play.ts';
import { actorName } from '../resolve.ts';
import { playCommand } from '../script.ts';
import { drawLine } from './commands.ts';
import { type Draw, oneOf } from './draw.ts';
import { liveState } from './live.ts';
import { type Backend, drawStage } from './stage.ts';

/** What a random sequence is made from: one number for the machine, one for each line. */
export interface Plan {
  readonly backend: Backend;
  /** Who moves between the lines: the clock, or chance, which picks anybody who can. */
  readonly scheduler: 'clock' | 'chance';
  readonly stage: number;
  readonly lines: readonly number[];
}

/** A random sequence while it is played, with the script that plays it again. */
export interface Sequence {
  readonly play: Play;
  readonly scheduler: Plan['scheduler'];
  readonly draw: Draw;
  readonly script: string[];
  readonly listener: Listener;
}

/** Hears of each line before it is played, and of what became of it. */
export interface Listener {
  before?(play: Play, command: Command): void;
  after?(play: Play, outcome: Outcome): void;
}

/** Moves that chance makes between two lines, at most. */
const MOST_MOVES = 120;
/** Moves after which a machine is taken to be without rest. */
const RESTLESS = 20_000;

/** Plays the lines of a plan; `script` gets them, also those up to a failure. */
export function playPlan(plan: Plan, listener: Listener = {}, script: string[] = []): Sequence {
  const draw = seeded(plan.stage);
  const sequence: Sequence = { play: startPlay(), scheduler: plan.scheduler, draw, script, listener };
  for (const line of drawStage(draw, plan.backend)) playLine(sequence, line);
  const posted = plan.scheduler === 'chance' ? 10 : oneOf(draw, [0, 3, 8]);
  for (const number of plan.lines) {
    const own = seeded(number);
    playLine(sequence, drawLine(sequence.play, own, posted));
    if (plan.scheduler === 'chance') moveBy(sequence, own, below(own, MOST_MOVES));
  }
  return sequence;
}

function playLine({ play, script, listener }: Sequence, line: string): void {
  script.push(line);
  const { commands, diagnostics } = parseScript(line);
  assert(diagnostics.length === 0, `a drawn line is of the language: ${line}`);
  for (const command of commands) {
    listener.before?.(play, command);
    const outcome = playCommand(play, command);
    listener.after?.(play, outcome);
  }
}

/** Lets chance pick who moves; gives the number of moves made, fewer than asked for if all wait. */
function moveBy({ play, script }: Sequence, draw: Draw, most: number): number {
  const machine = machineOf(play);
  record(play);
  const names: string[] = [];
  while (names.length < most && machine.broken === null) {
    const pick = oneOf(draw, enabled(machine.world));
    if (pick === undefined) break;
    names.push(`${actorName(actors.get(machine.world, pick.actor))}/${pick.choice}`);
    script.push(`schedule ${names.at(-1)}`);
    move(machine, pick);
  }
  return names.length;
}

/** Waits until nobody moves any more; page request groups that were begun by hand are ended first. */
export function comeToRest(sequence: Sequence): void {
  quieten(sequence);
  const { open } = liveState(sequence.play);
  for (const { process, device, prgi } of open) {
    playLine(sequence, `request ${device} ${process} read 0x0 group ${prgi} last &`);
  }
  if (open.length > 0) quieten(sequence);
}

function quieten(sequence: Sequence): void {
  if (sequence.scheduler === 'clock') playLine(sequence, 'run');
  else assert(moveBy(sequence, sequence.draw, RESTLESS) < RESTLESS, 'a machine that is left alone comes to rest');
}

/** Ends every process, each when the one before is gone. */
export function endAll(sequence: Sequence): void {
  const { world } = machineOf(sequence.play);
  for (let task = aProgram(world); task !== undefined; task = aProgram(world)) {
    playLine(sequence, `exit ${task.name} &`);
    comeToRest(sequence);
    assert(tasks.get(world, task.id).state === 'dead', `${task.name} can be ended`);
  }
}

const aProgram = (world: World): Task | undefined => tasks.first(world, (task) => task.mm >= 0);
