import { backEndFor } from '../hardware/back-end.ts';
import type { Outcome, Play } from '../play/play.ts';
import { holdsUnder } from '../policy/policy.ts';
import { printCommand, type Verb } from '../script/index.ts';
import { EXIT, type Exit } from './io.ts';

/** How a run ended, and the lines that say why it did not end well. */
export interface Verdict {
  readonly exit: Exit;
  readonly lines: readonly string[];
}

/** Judges a script that was played to its end; `name` is what its lines are located in. */
export function judge(name: string, play: Play): Verdict {
  const broken = unexpectedBreaks(play);
  const failures = play.outcomes.filter((outcome, index) => isFailure(play, outcome, index));
  const lines = [...broken, ...failures.map((outcome) => lineOf(name, outcome))];
  if (broken.length > 0) return { exit: EXIT.broken, lines };
  if (failures.some(isRefusedByDesign)) return { exit: EXIT.refused, lines };
  return { exit: failures.length > 0 ? EXIT.failed : EXIT.held, lines };
}

function unexpectedBreaks({ machine, outcomes }: Play): string[] {
  const broken = machine?.broken;
  if (broken === null || broken === undefined) return [];
  const expected = outcomes.flatMap(({ command, state }) =>
    command.verb === 'expect' && command.what === 'broken' && state === 'done' ? command.invariant : [],
  );
  const { event } = broken;
  return broken.claims
    .filter(({ id }) => !expected.includes(id))
    .map(({ id, claim, detail }) => `event ${event}: invariant ${id} broke. ${claim} But ${detail}.`);
}

/** What was answered with an errno that the next expectations do not name is a failure, as a failed expectation is. */
function isFailure(play: Play, { state, errno }: Outcome, index: number): boolean {
  if (state === 'failed') return true;
  return errno !== null && !isExpected(play, errno, index);
}

function isExpected({ outcomes, hardware }: Play, errno: string, index: number): boolean {
  for (const { command } of outcomes.slice(index + 1)) {
    if (command.verb !== 'expect') return false;
    const isMeant = command.under === null || holdsUnder(command.under, hardware, backEndFor(hardware.paging).machine);
    if (command.what === 'errno' && isMeant) return command.errno === errno;
  }
  return false;
}

const DESIGN: ReadonlySet<Verb> = new Set(['machine', 'policy', 'bug']);

/** The machine or kernel that was asked for does not exist, or does not have what the script needs. */
function isRefusedByDesign({ command, state, errno }: Outcome): boolean {
  return state === 'refused' && (DESIGN.has(command.verb) || errno === 'EOPNOTSUPP');
}

function lineOf(name: string, { command, output }: Outcome): string {
  return `${name}:${command.line}: ${printCommand(command)}: ${output.join('; ')}`;
}
