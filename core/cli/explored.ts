import type { Counterexample } from '../explore/counterexample.ts';
import type { Outcome } from '../explore/exploration.ts';
import { type Coverage, count } from '../explore/report.ts';
import type { Start } from '../explore/start.ts';
import { raceChartOf } from '../export/race-chart.ts';
import { backEndFor } from '../hardware/back-end.ts';
import { printCommand } from '../script/index.ts';
import { inLines } from './wrapped.ts';

export const MEGABYTE = 2 ** 20;
/** A search of fewer seconds has no speed worth telling: most of it is the program becoming warm. */
const SHORTEST = 1;

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

/** How far a search has come. */
export interface Standing extends Pick<Explored, 'seconds' | 'limits'> {
  readonly coverage: () => Pick<Coverage, 'states' | 'depth' | 'left'> & {
    readonly walks: { readonly begun: number } | null;
  };
}

/** In one line, for whoever waits for it. */
export function standingLine({ coverage, seconds, limits }: Standing): string {
  const { states, depth, left, walks } = coverage();
  const rest = left === null ? count(walks?.begun ?? 0, 'walk') : `${left.toLocaleString('en')} to go on from`;
  const time = `${Math.floor(seconds)} of ${limits.seconds.toLocaleString('en')} s`;
  return `${count(states, 'state')}, ${count(depth, 'move')} deep, ${rest}, ${time} (Ctrl+C ends it)`;
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
    `${name} under ${kernelOf(play)}, from event ${event.toLocaleString('en')} on, ${orders}`,
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

function kernelOf({ hardware: { policy, bug, paging } }: Start['play']): string {
  const kernel = bug === null ? policy.name : `${policy.name} with the bug ${bug}`;
  return `${kernel} on ${backEndFor(paging).name}`;
}

function brokenLines({ flaw: { id, claim, detail }, waits }: Counterexample): string[] {
  return [
    ...wrapped(`BROKEN ${id}: ${detail}.`),
    ...waits.map((wait) => `  ${wait}`),
    ...wrapped(`The rule: ${claim}`),
  ];
}

function coverageLines({ start, coverage, seconds, limits, workers }: Explored): string[] {
  const { states, transitions, bytes } = coverage;
  const until = `${count(limits.states, 'state')}, ${limits.megabytes.toLocaleString('en')} MB, ${limits.seconds.toLocaleString('en')} s`;
  const rate = seconds < SHORTEST ? '' : `, ${perSecond(states, seconds).toLocaleString('en')} states/s`;
  return [
    `${count(states, 'state')}, ${count(transitions, 'transition')}, ${seconds.toFixed(1)} s${rate}, ${Math.ceil(bytes / MEGABYTE)} MB`,
    `${count(coverage.invariants, 'invariant')} in each state; ${count(workers, 'worker')}; limits: ${until}`,
    storageLine(coverage),
    ...symmetryLines(coverage),
    ...missedLines(start, coverage),
  ];
}

/** Lines of the script that were accepted in no state, and steps that nobody took; of a search that did not come to its end, so far. */
function missedLines({ programs }: Start, { complete, neverTaken, neverAccepted, steps }: Coverage): string[] {
  const soFar = complete ? '' : ' so far';
  const lines = programs
    .flatMap(({ commands }) => commands.map(({ command }) => command))
    .filter(({ line }) => neverAccepted.includes(line))
    .map((command) => `  line ${command.line}: ${printCommand(command)}`);
  const never = `steps never taken${soFar}: ${neverTaken.length} of ${steps}`;
  return [
    ...(lines.length === 0 ? [] : [`lines that no state accepted${soFar}:`, ...lines]),
    ...(complete && neverTaken.length > 0 ? wrapped(`${never}: ${neverTaken.join(', ')}`, '  ') : [never]),
  ];
}

function storageLine({ walks, storage, omissions }: Coverage): string {
  if (walks !== null) {
    const { begun, depth, seed } = walks;
    return `${begun.toLocaleString('en')} of ${count(walks.walks, 'walk')}, each of up to ${count(depth, 'move')}, seed ${seed}`;
  }
  if (storage === 'exact') return 'states are told apart by all that is in them';
  return `states are told apart by 64-bit fingerprints; ${omissions.toExponential(0)} of them are expected to be mistaken for another`;
}

function symmetryLines({ symmetry }: Coverage): string[] {
  if (symmetry === null) return [];
  if (symmetry.names.length === 0) return ['nobody is taken for another one: no two are told the same from event 0 on'];
  const sets = symmetry.names.map((names) => names.join(', ')).join('; ');
  return [`taken for one another: ${sets}; the states stand for ${symmetry.standFor.toLocaleString('en')}`];
}

const wrapped = (text: string, indent = ''): string[] => inLines(text, '', indent);
