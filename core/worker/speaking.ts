import { InvariantError } from '../lib/assert.ts';
import { at, eventsOf, forgetFuture } from '../machine/machine.ts';
import { cutAt } from '../play/cut.ts';
import { joinTurns } from '../play/join.ts';
import { machineOf, type Outcome, type Play } from '../play/play.ts';
import { playCommand } from '../play/script.ts';
import { type Command, parseLine } from '../script/index.ts';

/** What came of a line; `changed`: it is part of the script from now on. */
interface Said {
  readonly output: readonly string[];
  readonly refused: boolean;
  readonly changed: boolean;
}

/** Does a console line at the moment shown. A line that is refused leaves everything as it was, the future included. */
export function speak(play: Play, line: string): Said {
  return sayAt(play, line, () => null);
}

/** Does what a person who is the scheduler has picked; an order that the kernel refuses stays in the script with its errno. */
export function pick(play: Play, line: string): Said {
  const said = sayAt(play, line, expectErrno);
  if (said.changed) joinTurns(play);
  return said;
}

type Aftermath = (outcome: Outcome) => Command | null;

/** The claim that a command is refused; a busy one may be given again later. */
function expectErrno({ state, errno }: Outcome): Command | null {
  const isLasting = state === 'refused' && errno !== null && errno !== 'EBUSY';
  return isLasting ? parseLine(`expect errno ${errno}`, 0).command : null;
}

/** `keeping` gives the line by which a refused one may stay. */
function sayAt(play: Play, line: string, keeping: Aftermath): Said {
  const machine = machineOf(play);
  const { command, diagnostic } = parseLine(line, 0);
  if (diagnostic !== null) {
    const output = [`${' '.repeat(diagnostic.column - 1)}^ ${diagnostic.message}`];
    return { output, refused: true, changed: false };
  }
  if (command === null) return { output: [], refused: false, changed: false };
  const left = eventsOf(machine) - at(machine);
  const before = { outcomes: [...play.outcomes], marks: [...play.marks] };
  cutAt(play, at(machine));
  try {
    const outcome = playCommand(play, command);
    const refused = outcome.state === 'refused';
    const kept = keeping(outcome);
    if ((refused && kept === null) || command.verb === 'help') {
      restore(play, before);
      return { output: outcome.output, refused, changed: false };
    }
    if (kept !== null) playCommand(play, kept);
    forgetFuture(machine);
    const note = left > 0 ? [`${left} later events are left behind`] : [];
    return { output: [...outcome.output, ...note], refused, changed: true };
  } catch (bug) {
    if (!(bug instanceof InvariantError)) throw bug;
    machine.broken = { event: at(machine), claims: [{ id: 'bug', claim: bug.message, detail: `after: ${line}` }] };
    return { output: [`the emulator itself is at fault: ${bug.message}`], refused: true, changed: true };
  }
}

function restore(play: Play, before: { outcomes: readonly Outcome[]; marks: Play['marks'] }): void {
  play.outcomes.splice(0, play.outcomes.length, ...before.outcomes);
  play.marks.splice(0, play.marks.length, ...before.marks);
}
