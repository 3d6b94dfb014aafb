import { type Counterexample, counterexample } from '../explore/counterexample.ts';
import { count, coverageOf, type Stop, verdictOf } from '../explore/report.ts';
import { advance, bytesOf, createSearch, type Limits, type Search } from '../explore/search.ts';
import { type Obstacle, type Start, type StartOptions, startAt } from '../explore/start.ts';
import { raceChartOf } from '../export/race-chart.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { readKernel } from '../policy/policy.ts';
import { EXHIBITS } from '../scenarios/exhibits.ts';
import { printCommand } from '../script/index.ts';
import { readArguments } from './arguments.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { findSource, located, type Source } from './source.ts';
import { inLines } from './wrapped.ts';

const MEGABYTE = 2 ** 20;
/** Numbers that can be asked for, with what holds where they are not. */
const NUMBERS = { '--max-states': 200_000, '--max-memory': 1_024, '--max-seconds': 120 } as const;
type Numbers = { readonly [N in keyof typeof NUMBERS]: number };
/** Transitions between two looks at the clock. */
const SLICE = 2_000;

/** svm explore: every order in which the threads, workers and hardware can move from a moment on; the shortest that breaks something. */
export function explore(io: Io, given: readonly string[]): Exit {
  const values = ['--policy', '--bug', '--at', '--until', ...Object.keys(NUMBERS)];
  const read = readArguments(given, { words: ['SCENARIO or FILE'], values, flags: ['--json', '--script', '--exact'] });
  if (!read.ok) return misused(io, read.error);
  const { words, options } = read.value;
  const numbers = numbersIn(options);
  if (!numbers.ok) return misused(io, numbers.error);
  const kernel = readKernel({ policy: options.get('--policy'), bug: options.get('--bug') });
  if (!kernel.ok) return refused(io, kernel.error);
  const source = findSource(io, words[0] as string);
  if (!source.ok)
    return source.error.malformed ? unread(io, [source.error.message]) : misused(io, source.error.message);
  const { text, files } = source.value;
  const start = startAt(text, { files, ...spanIn(words[0] as string, options), ...kernel.value });
  if (!start.ok) return obstructed(io, source.value, start.error);
  const found = searchFrom(start.value, numbers.value, options.has('--exact'));
  if (options.has('--json')) io.out(`${JSON.stringify(summaryOf(source.value.name, found), null, 2)}\n`);
  else if (options.has('--script')) io.out(found.example?.script ?? '');
  else io.out(textOf(source.value.name, found));
  return found.example === null ? EXIT.held : EXIT.broken;
}

interface Found {
  readonly search: Search;
  readonly example: Counterexample | null;
  readonly stop: Stop | null;
  readonly seconds: number;
  readonly numbers: Numbers;
}

function searchFrom(start: Start, numbers: Numbers, exact: boolean): Found {
  const limits: Limits = { states: numbers['--max-states'], bytes: numbers['--max-memory'] * MEGABYTE };
  const search = createSearch(start, limits, { exact });
  const begun = Date.now();
  const secondsSince = (): number => (Date.now() - begun) / 1_000;
  while (search.state === 'searching' && secondsSince() < numbers['--max-seconds']) advance(search, SLICE);
  const seconds = secondsSince();
  return { search, example: counterexample(search), stop: stopOf(search), seconds, numbers };
}

function stopOf(search: Search): Stop | null {
  if (search.state === 'searching') return 'seconds';
  if (search.state !== 'stopped') return null;
  return search.states >= search.limits.states ? 'states' : 'memory';
}

const chartOf = ({ script, play }: Counterexample): string => raceChartOf({ name: 'FILE.svm', script, play });

function summaryOf(name: string, { search, example, stop, seconds, numbers }: Found) {
  const { states, transitions, ...coverage } = coverageOf(search);
  const { play, event, programs } = search.start;
  return {
    scenario: name,
    policy: play.hardware.policy.name,
    bug: play.hardware.bug,
    event,
    programs: programs.map((program) => ({ name: program.name, lines: linesOf(program) })),
    limits: { states: numbers['--max-states'], megabytes: numbers['--max-memory'], seconds: numbers['--max-seconds'] },
    stop,
    verdict: verdictOf(search, example, stop),
    states,
    transitions,
    seconds,
    statesPerSecond: perSecond(states, seconds),
    transitionsPerSecond: perSecond(transitions, seconds),
    bytesPerState: Math.round(bytesOf(search) / states),
    ...coverage,
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

const perSecond = (number: number, seconds: number): number => Math.round(number / Math.max(seconds, 0.001));

const linesOf = ({ commands }: Start['programs'][number]): string[] =>
  commands.map(({ command }) => printCommand(command));

function textOf(name: string, found: Found): string {
  const { search, example, stop, seconds, numbers } = found;
  const { play, event, programs } = search.start;
  const lines = [
    `${name} under ${kernelOf(play)}, from event ${event} on, in every order of moves`,
    ...programs.map((program) => `  ${program.name}: ${linesOf(program).join('; ')}`),
    '',
    ...(example === null ? [] : brokenLines(example)),
    ...wrapped(verdictOf(search, example, stop)),
    '',
    ...coverageLines(search, seconds, numbers),
  ];
  if (example !== null) lines.push('', chartOf(example).trimEnd(), '', '# FILE.svm', example.script.trimEnd());
  return `${lines.join('\n')}\n`;
}

const kernelOf = ({ hardware: { policy, bug } }: Start['play']): string =>
  bug === null ? policy.name : `${policy.name} with the bug ${bug}`;

function brokenLines({ flaw: { id, claim, detail }, waits }: Counterexample): string[] {
  return [...wrapped(`BROKEN ${id}: ${detail}. ${claim}`), ...waits.map((wait) => `  ${wait}`)];
}

function coverageLines(search: Search, seconds: number, numbers: Numbers): string[] {
  const coverage = coverageOf(search);
  const { states, transitions, omissions, bytes, neverTaken, neverAccepted, steps } = coverage;
  const limits = `${count(numbers['--max-states'], 'state')}, ${numbers['--max-memory']} MB, ${numbers['--max-seconds']} s`;
  const rate = `${perSecond(states, seconds).toLocaleString('en')} states/s`;
  return [
    `${count(states, 'state')}, ${count(transitions, 'transition')}, ${seconds.toFixed(1)} s, ${rate}, ${Math.ceil(bytes / MEGABYTE)} MB`,
    `${count(coverage.invariants, 'invariant')} in each state; limits: ${limits}`,
    coverage.storage === 'exact'
      ? 'states are told apart by all that is in them'
      : `states are told apart by 64-bit fingerprints; expected to be taken for another: ${omissions.toExponential(0)}`,
    ...(neverAccepted.length === 0 ? [] : [`lines that were never accepted: ${neverAccepted.join(', ')}`]),
    ...wrapped(`steps never taken, ${neverTaken.length} of ${steps}: ${neverTaken.join(', ')}`, '  '),
  ];
}

const wrapped = (text: string, indent = ''): string[] => inLines(text, '', indent);

/**
 * What of a script is explored. A moment is the number of an event, or else the name of a chapter; a scenario of the museum
 * begins where its exhibit says, if nothing else is asked for.
 */
function spanIn(word: string, options: ReadonlyMap<string, string>): Pick<StartOptions, 'at' | 'until'> {
  const exhibit = EXHIBITS.find(({ cause, scenario }) => cause.kind === 'bug' && scenario === word);
  const given = options.get('--at') ?? exhibit?.from ?? '0';
  const until = options.get('--until');
  return { at: /^\d{1,9}$/.test(given) ? Number(given) : given, ...(until === undefined ? {} : { until }) };
}

function numbersIn(options: ReadonlyMap<string, string>): Result<Numbers, string> {
  const numbers: Record<string, number> = { ...NUMBERS };
  for (const name of Object.keys(NUMBERS)) {
    const given = options.get(name);
    if (given === undefined) continue;
    if (!/^\d{1,9}$/.test(given)) return err(`${name} takes a number, not ${given}`);
    numbers[name] = Number(given);
  }
  return ok(numbers as Numbers);
}

function obstructed(io: Io, { name }: Source, obstacle: Obstacle): Exit {
  if (obstacle.kind === 'script')
    return unread(
      io,
      obstacle.diagnostics.map((diagnostic) => located(name, diagnostic)),
    );
  if (obstacle.kind === 'refused') return refused(io, `${name}: ${obstacle.why}`);
  return misused(io, `${name}: ${obstacle.why}`);
}

function unread(io: Io, mistakes: readonly string[]): Exit {
  for (const mistake of mistakes) io.say(mistake);
  return EXIT.failed;
}

function refused(io: Io, why: string): Exit {
  io.say(`svm: ${why}`);
  return EXIT.refused;
}

function misused(io: Io, why: string): Exit {
  io.say(`svm explore: ${why}`);
  return EXIT.usage;
}
