import type { Counterexample } from '../explore/counterexample.ts';
import type { Outcome } from '../explore/exploration.ts';
import { type Coverage, count } from '../explore/report.ts';
import type { Start } from '../explore/start.ts';
import { raceChartOf } from '../export/race-chart.ts';
import { printCommand } from '../script/index.ts';
import { inLines } from './wrapped.ts';

export const MEGABYTE = 2 ** 20;

/** Where a search ends at the latest. */
interface Budget {
  readonly states: number;
  readonly megabytes: number;
  readonly seconds: number;
}

/** What came of exploring, and what it took. */
export interface Explored extends Outcome {
  readonly start: Start;
  readonly seconds: number;
  readonly limits: Budget;
  /** Threads that searched, each with a share of the states. */
  readonly workers: number;
}

/** As an object for --json. */
export function summaryOf(name: string, explored: Explored) {
  const { start, coverage, verdict, example, stop, seconds, limits, workers } = explored;
  const { states, transitions, bytes, ...rest } = coverage;
  const { play, event, programs } = start;
  return {
    scenario: name,
    policy: play.hardware.policy.name,
    bug: play.hardware.bug,
    event,
    programs: programs.map((program) => ({ name: program.name, lines: linesOf(program) })),
    limits,
    workers,
    stop,
    verdict,
    states,
    transitions,
    seconds,
    statesPerSecond: perSecond(states, seconds),
    transitionsPerSecond: perSecond(transitions, seconds),
    bytesPerState: Math.round(bytes / states),
    bytes,
    ...rest,
    violation: example === null ? null : violationOf(example),
  };
}

function violationOf(example: Counterexample) {
  const { flaw, moves, changes, script, waits } = example;
  const { id, kind, claim, detail } = flaw;
  return {
    invariant: id,
    kind,
    claim,
    sentence: detail,
    moves,
    changes,
    waits,
    schedule: script,
    chart: chartOf(example),
  };
}

const chartOf = ({ script, play }: Counterexample): string => raceChartOf({ name: 'FILE.svm', script, play });

const perSecond = (number: number, seconds: number): number => Math.round(number / Math.max(seconds, 0.001));

const linesOf = ({ commands }: Start['programs'][number]): string[] =>
  commands.map(({ command }) => printCommand(command));

/** For a person. */
export function textOf(name: string, explored: Explored): string {
  const { start, coverage, verdict, example } = explored;
  const { play, event, programs } = start;
  const orders = coverage.walks === null ? 'in every order of moves' : 'in random orders of moves';
  const lines = [
    `${name} under ${kernelOf(play)}, from event ${event} on, ${orders}`,
    ...programs.map((program) => `  ${program.name}: ${linesOf(program).join('; ')}`),
    '',
    ...(example === null ? [] : brokenLines(example)),
    ...wrapped(verdict),
    '',
    ...coverageLines(explored),
  ];
  if (example !== null) lines.push('', chartOf(example).trimEnd(), '', '# FILE.svm', example.script.trimEnd());
  return `${lines.join('\n')}\n`;
}

const kernelOf = ({ hardware: { policy, bug } }: Start['play']): string =>
  bug === null ? policy.name : `${policy.name} with the bug ${bug}`;

function brokenLines({ flaw: { id, claim, detail }, waits }: Counterexample): string[] {
  return [...wrapped(`BROKEN ${id}: ${detail}. ${claim}`), ...waits.map((wait) => `  ${wait}`)];
}

function coverageLines({ coverage, seconds, limits, workers }: Explored): string[] {
  const { states, transitions, bytes, neverTaken, neverAccepted, steps } = coverage;
  const until = `${count(limits.states, 'state')}, ${limits.megabytes} MB, ${limits.seconds} s`;
  const rate = `${perSecond(states, seconds).toLocaleString('en')} states/s`;
  return [
    `${count(states, 'state')}, ${count(transitions, 'transition')}, ${seconds.toFixed(1)} s, ${rate}, ${Math.ceil(bytes / MEGABYTE)} MB`,
    `${count(coverage.invariants, 'invariant')} in each state; ${count(workers, 'worker')}; limits: ${until}`,
    storageLine(coverage),
    ...(neverAccepted.length === 0 ? [] : [`lines that were never accepted: ${neverAccepted.join(', ')}`]),
    ...wrapped(`steps never taken, ${neverTaken.length} of ${steps}: ${neverTaken.join(', ')}`, '  '),
  ];
}

function storageLine({ walks, storage, omissions }: Coverage): string {
  if (walks !== null) {
    const { begun, depth, seed } = walks;
    return `${begun.toLocaleString('en')} of ${count(walks.walks, 'walk')}, each of up to ${count(depth, 'move')}, seed ${seed}`;
  }
  if (storage === 'exact') return 'states are told apart by all that is in them';
  return `states are told apart by 64-bit fingerprints; expected to be taken for another: ${omissions.toExponential(0)}`;
}

const wrapped = (text: string, indent = ''): string[] => inLines(text, '', indent);
