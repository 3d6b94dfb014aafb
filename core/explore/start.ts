import { err, ok, type Result } from '../lib/result.ts';
import { at, forSearch, type Machine, seek } from '../machine/machine.ts';
import { cutAt } from '../play/cut.ts';
import { eventNow, machineOf, type Play, type PlayOptions, record, startPlay } from '../play/play.ts';
import { isStage, playCommand } from '../play/script.ts';
import { type Command, type Diagnostic, parseScript, printCommand } from '../script/index.ts';
import { type Program, programsOf } from './programs.ts';

/** A moment of a run, and what the script has still to say after it. */
export interface Start {
  readonly play: Play;
  readonly machine: Machine;
  /** Events performed up to it. */
  readonly event: number;
  /** The lines that lead there, the policy among them. */
  readonly lines: readonly string[];
  readonly programs: readonly Program[];
}

export interface StartOptions extends Pick<PlayOptions, 'policy' | 'files'> {
  /** The event to start from; default 0, the machine as the first lines of the script set it up. */
  readonly at?: number;
}

/** Why nothing can be explored: mistakes of the script, or a sentence. */
export type Obstacle =
  | { readonly kind: 'script'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'moment' | 'line'; readonly why: string };

/** Plays a script up to a moment and takes from there on the order out of it. */
export function startAt(text: string, options: StartOptions): Result<Start, Obstacle> {
  const { commands, diagnostics } = parseScript(text);
  if (diagnostics.length > 0) return err({ kind: 'script', diagnostics });
  const play = startPlay(options);
  const event = options.at ?? 0;
  const rest = playTo(play, commands, event);
  record(play);
  if (eventNow(play) < event) return err({ kind: 'moment', why: `the run has ${eventNow(play)} events, not ${event}` });
  const broken = machineOf(play).broken;
  if (broken !== null && broken.event <= event)
    return err({ kind: 'moment', why: `an invariant is broken there: ${broken.claims[0]?.detail}` });
  seek(machineOf(play), event);
  cutAt(play, event);
  const programs = programsOf(rest, commands);
  if (!Array.isArray(programs)) {
    const { line } = programs as Command;
    return err({
      kind: 'line',
      why: `line ${line} builds the machine: explore from a moment after it (--at), as building takes no turns`,
    });
  }
  const lines = play.outcomes.map(({ command }) => lineOf(play, command));
  const machine = forSearch(machineOf(play));
  play.machine = machine;
  return ok({ play, machine, event, lines, programs });
}

/** The line that does the same again: with the policy that was really played. */
function lineOf({ options }: Play, command: Command): string {
  const isReplaced = command.verb === 'policy' && options.policy !== undefined;
  return isReplaced ? `policy ${options.policy?.name}` : printCommand(command);
}

/** Plays until so many events have happened; for 0 only what sets the stage. What is left is the answer. */
function playTo(play: Play, commands: readonly Command[], event: number): readonly Command[] {
  for (const [index, command] of commands.entries()) {
    if (event === 0 ? !isStage(command) : eventNow(play) >= event) return commands.slice(index);
    playCommand(play, command);
  }
  return [];
}

/** Events performed since the start. */
export const eventsSince = ({ machine }: Start): number => at(machine);
