import { type Command, type Diagnostic, help, parseScript, type Verb } from '../script/index.ts';
import { doBind, doDma, doExit, doFork, doLoad, doMmapCommand, doMunmapCommand, doStore } from './commands.ts';
import { doOnDevice } from './device-commands.ts';
import { doExpect } from './expect.ts';
import { doIommuMap, doIommuUnmap, doIovaDma, doOnFault } from './iova-commands.ts';
import { doAge, doExec, doFailAllocation, doPin, doReclaim } from './memory-commands.ts';
import { doMoves, doRun } from './moves.ts';
import {
  eventNow,
  type Mark,
  machineOf,
  type Outcome,
  type Play,
  type PlayOptions,
  type Refused,
  record,
  type Said,
  said,
  startPlay,
} from './play.ts';
import { addDevice } from './plug-in.ts';
import { doAllocPasid, doFreePasid } from './private-commands.ts';
import { setMachine, setSmmu } from './set-machine.ts';
import { addProcess, addThread, setBug, setPolicy } from './set-up.ts';
import { doVfio } from './vfio-commands.ts';

/** Lines that set the stage: as long as only these were played, what they do happens before event 0. */
const STAGE: ReadonlySet<Verb> = new Set([
  'machine',
  'smmu',
  'policy',
  'bug',
  'device',
  'process',
  'thread',
  'mmap',
  'load',
  'store',
  'help',
]);

/** Lines that are no command to the machine: what it answered before them stays its last answer. */
const ASIDE: ReadonlySet<Verb> = new Set(['expect', 'chapter', 'note', 'help']);

/** Whether a line only sets the stage. */
export function isStage({ verb }: Command): boolean {
  return STAGE.has(verb);
}

/** Plays one command. A refused one changes nothing. */
export function playCommand(play: Play, command: Command): Outcome {
  if (!STAGE.has(command.verb) && !(command.verb === 'expect' && !play.recording)) record(play);
  const first = eventNow(play);
  if (isHalted(play) && !ASIDE.has(command.verb)) return skip(play, command);
  const answer = perform(play, command);
  const outcome = outcomeOf(command, answer, first, eventNow(play));
  if (!ASIDE.has(command.verb)) play.lastErrno = outcome.errno;
  play.outcomes.push(outcome);
  return outcome;
}

/** A broken invariant stops the machine: nothing that comes after it says anything about the kernel. */
function isHalted(play: Play): boolean {
  const broken = play.machine?.broken;
  return broken !== undefined && broken !== null && eventNow(play) >= broken.event;
}

function skip(play: Play, command: Command): Outcome {
  const event = eventNow(play);
  const output = [`the machine stopped at event ${event}`];
  const outcome: Outcome = { command, state: 'skipped', output, errno: null, first: event, last: event };
  play.outcomes.push(outcome);
  return outcome;
}

function outcomeOf(command: Command, answer: Said | Refused, first: number, last: number): Outcome {
  if (answer.refused === true) {
    const output = [`${answer.errno}: ${answer.rule}`];
    return { command, state: 'refused', output, errno: answer.errno, first, last };
  }
  const state = answer.failed === true ? 'failed' : 'done';
  return { command, state, output: answer.output, errno: answer.errno ?? null, first, last };
}

function perform(play: Play, command: Command): Said | Refused {
  switch (command.verb) {
    case 'machine':
      return setMachine(play, command);
    case 'smmu':
      return setSmmu(play, command);
    case 'policy':
      return setPolicy(play, command);
    case 'bug':
      return setBug(play, command);
    case 'device':
      return addDevice(play, command);
    case 'process':
      return addProcess(play, command);
    case 'thread':
      return addThread(play, command);
    case 'chapter':
    case 'note':
      return mark(play, command.verb, command.text);
    case 'run':
      return doRun(play, command);
    case 'step':
      return doMoves(
        play,
        Array.from({ length: command.count ?? 1 }, () => command.move),
      );
    case 'schedule':
      return doMoves(play, command.moves);
    case 'expect':
      return doExpect(play, command);
    case 'help':
      return said(...help(command.topic).split('\n'));
    default:
      return call(play, command);
  }
}

/** What a process or a driver calls the kernel for. */
function call(
  play: Play,
  command: Exclude<Command, { verb: 'machine' | 'smmu' | 'policy' | 'bug' | 'device' | 'process' | 'thread' }>,
): Said | Refused {
  switch (command.verb) {
    case 'mmap':
      return doMmapCommand(play, command);
    case 'munmap':
    case 'mprotect':
      return doMunmapCommand(play, command);
    case 'load':
      return doLoad(play, command);
    case 'store':
      return doStore(play, command);
    case 'swap-out':
    case 'migrate':
      return doReclaim(play, command);
    case 'fail-alloc':
      return doFailAllocation(play, command);
    case 'pin':
    case 'unpin':
    case 'mlock':
    case 'madvise':
      return doPin(play, command);
    case 'age':
      return doAge(play, command);
    case 'fork':
      return doFork(play, command);
    case 'exec':
      return doExec(play, command);
    case 'exit':
      return doExit(play, command);
    case 'vfio':
      return doVfio(play, command);
    case 'bind':
    case 'unbind':
      return doBind(play, command);
    case 'attach':
    case 'detach':
    case 'unplug':
    case 'enable-pri':
    case 'request':
    case 'on-invalidate':
      return doOnDevice(play, command);
    case 'dma':
      return command.by === 'iova' ? doIovaDma(play, command) : doDma(play, command);
    case 'iommu-map':
      return doIommuMap(play, command);
    case 'iommu-unmap':
      return doIommuUnmap(play, command);
    case 'alloc-pasid':
      return doAllocPasid(play, command);
    case 'free-pasid':
      return doFreePasid(play, command);
    case 'on-fault':
      return doOnFault(play, command);
    default:
      return said();
  }
}

function mark(play: Play, kind: Mark['kind'], text: string): Said {
  machineOf(play);
  play.marks.push({ event: eventNow(play), kind, text });
  return said();
}

/** A script that was played to its end, or could not be read. */
export interface Played {
  readonly play: Play;
  readonly diagnostics: readonly Diagnostic[];
}

/** Plays a whole script. One that cannot be read is not begun: `diagnostics` says why. */
export function playScript(text: string, options: PlayOptions = {}): Played {
  const { commands, diagnostics } = parseScript(text);
  const play = startPlay(options, text);
  if (diagnostics.length > 0) return { play, diagnostics };
  for (const command of commands) playCommand(play, command);
  record(play);
  return { play, diagnostics: [] };
}
