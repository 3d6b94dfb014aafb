import { eventsOf } from '../machine/machine.ts';
import { machineOf, type Play } from '../play/play.ts';
import { type Command, parseScript, printCommand } from '../script/index.ts';
import { nextOrder, postedForm, programsOf } from './programs.ts';

/** A line that the script has still to say, to a thread that has time for it. */
export interface OrderView {
  /** Who is told. */
  readonly who: string;
  /** The line as the script has it, and as it is given where nobody waits for it. */
  readonly text: string;
  readonly line: string;
}

/** What each thread can be told next at a moment of a run, where a person decides who moves: as in a search. */
export function ordersAt(play: Play, event: number): OrderView[] {
  const { commands } = parseScript(play.source);
  const programs = programsOf(leftAt(play, commands, event), commands);
  if (!Array.isArray(programs)) return [{ who: 'script', text: printCommand(programs), line: printCommand(programs) }];
  const { world } = machineOf(play);
  const none = programs.map(() => 0);
  return programs.flatMap(({ name }, index) => {
    const order = nextOrder(world, programs, none, index);
    if (order === null) return [];
    const { command } = order;
    return [
      { who: name, text: printCommand({ ...command, background: false }), line: printCommand(postedForm(command)) },
    ];
  });
}

/** The lines that a run leaves out because it was cut, one below the other: a search from a moment of it has to try them too. */
export function unsaidOf(play: Play): string {
  const { commands } = parseScript(play.source);
  return leftAt(play, commands, eventsOf(machineOf(play)))
    .map(printCommand)
    .join('\n');
}

/** Lines that were not given up to an event: neither as they stand, nor by somebody who typed or picked them. */
function leftAt({ outcomes }: Play, commands: readonly Command[], event: number): Command[] {
  const given = outcomes.filter(({ first, last }) => last <= event || first < event).map(({ command }) => command);
  const lines = new Set(given.map(({ line }) => line));
  const left = commands.filter(({ line }) => !lines.has(line));
  for (const command of given) {
    if (command.line !== 0) continue;
    const text = printCommand(postedForm(command));
    const index = left.findIndex((each) => printCommand(postedForm(each)) === text);
    if (index >= 0) left.splice(index, 1);
  }
  return left;
}
