import { exploreFrom } from '../explore/exploration.ts';
import type { Limits, Manner } from '../explore/search.ts';
import { type Obstacle, type Start, type StartOptions, startAt } from '../explore/start.ts';
import type { WalkPlan } from '../explore/walker.ts';
import { backEndFor } from '../hardware/back-end.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { readChoice } from '../play/choice.ts';
import { whyNotOn } from '../scenarios/catalogue.ts';
import { EXHIBITS } from '../scenarios/exhibits.ts';
import { readArguments } from './arguments.ts';
import { exploreTogether } from './crew.ts';
import { type Explored, MEGABYTE, type Standing, standingLine, summaryOf, textOf } from './explored.ts';
import { EXIT, type Exit, type Io, type Onlooker } from './io.ts';
import { findSource, located, type Source } from './source.ts';

/** Numbers that can be asked for, with what holds where they are not. */
const BUDGET = { '--max-states': 200_000, '--max-memory': 1_024, '--max-seconds': 120 } as const;
/** The same of random walks; --walks asks for them. */
const WALKS = { '--walks': 0, '--depth': 1_000, '--seed': 1 } as const;
const NUMBERS = { ...BUDGET, ...WALKS, '--workers': 1 } as const;
const MOST_WORKERS = 64;
type Numbers = { readonly [N in keyof typeof NUMBERS]: number };
/** Transitions between two looks at the clock. */
const SLICE = 2_000;
/** Milliseconds between two sights of how far a search has come. */
const BETWEEN_SIGHTS = 200;

/** How every order is tried. */
const MANNERS = ['--exact', '--symmetry'] as const;

/** svm explore: every order in which the threads, workers and hardware can move from a moment on; the shortest that breaks something. */
export function explore(io: Io, given: readonly string[]): Exit | Promise<Exit> {
  const values = ['--policy', '--bug', '--backend', '--at', '--until', ...Object.keys(NUMBERS)];
  const read = readArguments(given, { words: ['SCENARIO or FILE'], values, flags: ['--json', '--script', ...MANNERS] });
  if (!read.ok) return misused(io, read.error);
  const { words, options } = read.value;
  const numbers = numbersIn(options);
  if (!numbers.ok) return misused(io, numbers.error);
  const [policy, bug, backend] = ['--policy', '--bug', '--backend'].map((name) => options.get(name));
  const kernel = readChoice({ policy, bug, backend });
  if (!kernel.ok) return refused(io, kernel.error);
  const source = findSource(io, words[0] as string);
  if (!source.ok)
    return source.error.malformed ? unread(io, [source.error.message]) : misused(io, source.error.message);
  const { paging } = kernel.value;
  const why = paging === undefined ? null : whyNotOn(source.value, backEndFor(paging));
  if (why !== null) return refused(io, `${source.value.name} makes no sense on this back end: ${why}`);
  const { text, files } = source.value;
  const startOptions = { files, ...spanIn(words[0] as string, options), ...kernel.value };
  const start = startAt(text, startOptions);
  if (!start.ok) return obstructed(io, source.value, start.error);
  const tell = (explored: Explored): Exit => {
    if (options.has('--json')) io.out(`${JSON.stringify(summaryOf(source.value.name, explored), null, 2)}\n`);
    else if (options.has('--script')) io.out(explored.example?.script ?? '');
    else io.out(textOf(source.value.name, explored));
    if (explored.stop === 'symmetry') return EXIT.failed;
    return explored.example === null ? EXIT.held : EXIT.broken;
  };
  if (numbers.value['--workers'] === 1) {
    const slices = exploring(start.value, numbers.value, mannerIn(options));
    return io.watch === undefined ? tell(exploredAlone(slices)) : exploredBefore(io.watch(), slices).then(tell);
  }
  return exploredByMany(io, start.value, { text, options: startOptions }, numbers.value).then(tell);
}

async function exploredByMany(
  { watch }: Io,
  start: Start,
  played: { readonly text: string; readonly options: StartOptions },
  numbers: Numbers,
): Promise<Explored> {
  const [limits, workers] = [limitsIn(numbers), numbers['--workers']];
  const begun = Date.now();
  const job = { ...played, limits: boundsOf(limits), walks: planIn(numbers), until: begun + limits.seconds * 1_000 };
  const onlooker = watch?.();
  const outcome = await exploreTogether(job, start, workers, (reached) => {
    const walks = job.walks === null ? null : { begun: reached.walks ?? 0 };
    const seconds = (Date.now() - begun) / 1_000;
    onlooker?.show(standingLine({ coverage: () => ({ ...reached, walks }), seconds, limits }));
    return onlooker?.hasEnough() ?? false;
  });
  onlooker?.leave();
  return { start, ...outcome, seconds: (Date.now() - begun) / 1_000, limits, workers };
}

const mannerIn = (options: ReadonlyMap<string, string>): Manner => {
  return { exact: options.has('--exact'), symmetry: options.has('--symmetry') };
};

const planIn = (numbers: Numbers): WalkPlan | null => {
  const walks = numbers['--walks'];
  return walks === 0 ? null : { walks, depth: numbers['--depth'], seed: numbers['--seed'] };
};

const limitsIn = (numbers: Numbers): Explored['limits'] => {
  return { states: numbers['--max-states'], megabytes: numbers['--max-memory'], seconds: numbers['--max-seconds'] };
};

const boundsOf = ({ states, megabytes }: Explored['limits']): Limits => ({ states, bytes: megabytes * MEGABYTE });

/** Explores up to the limits that were asked for, a slice after another; what is sent in ends it. */
function* exploring(start: Start, numbers: Numbers, manner: Manner): Generator<Standing, Explored, boolean> {
  const limits = limitsIn(numbers);
  const exploration = exploreFrom(start, boundsOf(limits), { ...manner, walks: planIn(numbers) });
  const begun = Date.now();
  const spent = (): number => (Date.now() - begun) / 1_000;
  let ended = false;
  while (exploration.state() === 'searching' && spent() < limits.seconds && !ended) {
    exploration.goOn(SLICE);
    ended = yield { coverage: exploration.coverage, seconds: spent(), limits };
  }
  const seconds = spent();
  return { start, ...exploration.outcome(ended ? null : 'seconds'), seconds, limits, workers: 1 };
}

function exploredAlone(slices: ReturnType<typeof exploring>): Explored {
  let turn = slices.next(false);
  while (turn.done !== true) turn = slices.next(false);
  return turn.value;
}

/** Tells how far it has come, now and then; whoever watches may end it, and hears what was covered. */
async function exploredBefore(onlooker: Onlooker, slices: ReturnType<typeof exploring>): Promise<Explored> {
  let turn = slices.next(false);
  for (let shown = Date.now(); turn.done !== true; turn = slices.next(onlooker.hasEnough())) {
    if (Date.now() - shown < BETWEEN_SIGHTS) continue;
    onlooker.show(standingLine(turn.value));
    shown = Date.now();
    await new Promise(setImmediate);
  }
  onlooker.leave();
  return turn.value;
}

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
    if (!/^\d{1,9}$/.test(given)) return err(`${name} takes a whole number of at most nine digits, not ${given}`);
    if (Number(given) === 0 && name !== '--seed') return err(`${name} takes a number from 1 on`);
    numbers[name] = Number(given);
  }
  const walking = options.has('--walks');
  const lonely = ['--depth', '--seed'].find((name) => options.has(name) && !walking);
  if (lonely !== undefined) return err(`${lonely} is about random walks: say how many with --walks`);
  const manner = MANNERS.find((name) => options.has(name));
  if (walking && manner !== undefined) return err(`${manner} is about the search: random walks compare no states`);
  const workers = numbers['--workers'] as number;
  if (workers > MOST_WORKERS) return err(`--workers takes a number from 1 to ${MOST_WORKERS}`);
  if (workers > 1 && manner !== undefined)
    return err(`--workers shares out a search by fingerprint: ${manner} needs one worker`);
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
