import { err, ok, type Result } from '../lib/result.ts';
import { forSearch, type Machine, seek } from '../machine/machine.ts';
import { cutAt } from '../play/cut.ts';
import { eventNow, machineOf, type Play, type PlayOptions, record, startPlay } from '../play/play.ts';
import { isStage, playCommand } from '../play/script.ts';
import { onBackEnd } from '../play/set-machine.ts';
import { type Command, type Diagnostic, parseScript, printCommand } from '../script/index.ts';
import { BUILDING, type Program, programsOf } from './programs.ts';

/** A moment of a run, and what the script has still to say after it. */
export interface Start {
  readonly play: Play;
  readonly machine: Machine;
  /** Events performed up to it. */
  readonly event: number;
  /** The lines that lead there, the policy among them. */
  readonly lines: readonly string[];
  readonly programs: readonly Program[];
  /** The number of the last line of the script. */
  readonly lastLine: number;
}

export interface StartOptions extends Pick<PlayOptions, 'policy' | 'bug' | 'paging' | 'files'> {
  /** The event to start from, or the chapter that begins there; default 0, the machine as the first lines of the script set it up. */
  readonly at?: number | string;
  /** The chapter before which the script ends; default: it is read to its end. */
  readonly until?: string;
}

/** Why nothing can be explored: mistakes of the script, or a sentence. */
export type Obstacle =
  | { readonly kind: 'script'; readonly diagnostics: readonly Diagnostic[] }
  /** refused: by the policy or the back end. */
  | { readonly kind: 'moment' | 'line' | 'refused'; readonly why: string };

/** Plays a script up to a moment and takes from there on the order out of it. */
export function startAt(text: string, options: StartOptions): Result<Start, Obstacle> {
  const { commands, diagnostics } = parseScript(text);
  if (diagnostics.length > 0) return err({ kind: 'script', diagnostics });
  const { at = 0, until } = options;
  for (const name of [at, until]) {
    const unknown = typeof name === 'string' ? whyNoChapter(commands, name) : null;
    if (unknown !== null) return err({ kind: 'moment', why: unknown });
  }
  const play = startPlay(options);
  const rest = endBefore(playTo(play, commands, at), until);
  record(play);
  const event = typeof at === 'string' ? eventNow(play) : at;
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
      why: `line ${line} builds the machine: explore from a moment after it, as building takes no turns`,
    });
  }
  const refused = play.outcomes.find(({ command, state }) => state === 'refused' && BUILDING.has(command.verb));
  if (refused !== undefined)
    return err({ kind: 'refused', why: `${printCommand(refused.command)}: ${refused.output.join('; ')}` });
  const lines = linesOf(play);
  const machine = forSearch(machineOf(play));
  play.machine = machine;
  return ok({ play, machine, event, lines, programs, lastLine: commands.at(-1)?.line ?? 0 });
}

/** The lines that do the same again, under the kernel that was really played. */
function linesOf({ outcomes, options: { policy, bug, paging } }: Play): string[] {
  const own = [
    ...(policy === undefined ? [] : [`policy ${policy.name}`]),
    ...(bug === undefined || bug === null ? [] : [`bug ${bug}`]),
  ];
  const isReplaced = ({ verb }: Command): boolean =>
    (verb === 'policy' && policy !== undefined) || (verb === 'bug' && bug !== undefined);
  const lines = outcomes.map(({ command }) => command).filter((command) => !isReplaced(command));
  const played = lines.map((command) => (command.verb === 'machine' ? onBackEnd(command, paging) : command));
  return [...own, ...played.map(printCommand)];
}

/** What is wrong with the name of a chapter, null if the script has it. */
function whyNoChapter(commands: readonly Command[], name: string): string | null {
  const titles = commands.flatMap((command) => (command.verb === 'chapter' ? [command.text] : []));
  if (titles.includes(name)) return null;
  const known = titles.length === 0 ? 'it has none' : `it has ${titles.map((title) => `"${title}"`).join(', ')}`;
  return `no chapter is called "${name}"; ${known}`;
}

const begins = (command: Command, chapter: string): boolean => command.verb === 'chapter' && command.text === chapter;

/** The lines before a chapter; all of them if none is named, or if it lies behind. */
function endBefore(commands: readonly Command[], chapter: string | undefined): readonly Command[] {
  const end = chapter === undefined ? -1 : commands.findIndex((command) => begins(command, chapter));
  return end < 0 ? commands : commands.slice(0, end);
}

/** Plays until so many events have happened, for 0 only what sets the stage, or a chapter begins. What is left is the answer. */
function playTo(play: Play, commands: readonly Command[], at: number | string): readonly Command[] {
  const isThere = (command: Command): boolean => {
    if (typeof at === 'string') return begins(command, at);
    return at === 0 ? !isStage(command) : eventNow(play) >= at;
  };
  for (const [index, command] of commands.entries()) {
    if (isThere(command)) return commands.slice(index);
    playCommand(play, command);
  }
  return [];
}
