import type { Counterexample } from '../explore/counterexample.ts';
import { exploreFrom, type Outcome, type Way as WayAlone } from '../explore/exploration.ts';
import type { Coverage, Stop } from '../explore/report.ts';
import type { Limits, SearchState } from '../explore/search.ts';
import { type Start, type StartOptions, startAt } from '../explore/start.ts';
import { raceChartOf } from '../export/race-chart.ts';
import { present } from '../lib/assert.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { eventsOf } from '../machine/machine.ts';
import { machineOf } from '../play/play.ts';
import { type Diagnostic, printCommand } from '../script/index.ts';
import type { Job } from './crew.ts';
import { exploreTogether, type Hire, hireNobody } from './together.ts';

const MEGABYTE = 2 ** 20;
/** Transitions between two looks at the clock. */
const SLICE = 1_000;

/** How a moment is explored, and by how many workers; more than one share out a search for every order, by fingerprint, and random walks, by number. */
export interface Way extends WayAlone {
  readonly workers?: number;
}

/** Where a search ends if nothing else ends it. */
export interface Budget {
  readonly states: number;
  /** What the search keeps for its states, in megabytes. */
  readonly megabytes: number;
  readonly seconds: number;
}

/** What is explored: the kernel, the event from which on, and what the script has still to say to each thread. */
export interface Configuration {
  readonly policy: string;
  readonly bug: string | null;
  readonly event: number;
  readonly programs: readonly { readonly name: string; readonly lines: readonly string[] }[];
}

/** How far a search has come. */
export interface ExploreProgress {
  readonly state: SearchState;
  readonly states: number;
  readonly transitions: number;
  /** Every order of so many moves was looked at; of random walks, the moves of the longest. */
  readonly depth: number;
  /** States from which nobody has moved yet; null in random walks. */
  readonly left: number | null;
  /** Random walks that were begun, null where every order is tried. */
  readonly walks: number | null;
  readonly megabytes: number;
  /** Time that the search itself has taken. */
  readonly seconds: number;
}

/** What came of a search. */
export interface Explored extends ExploreProgress {
  readonly coverage: Coverage;
  /** The limit at which it ended, null where none ended it. */
  readonly stop: Stop | null;
  /** What was found, in sentences that claim what was covered and nothing more. */
  readonly verdict: string;
  readonly violation: Violation | null;
}

/** The shortest way into something wrong. */
export interface Violation {
  readonly id: string;
  readonly kind: Counterexample['flaw']['kind'];
  readonly claim: string;
  readonly sentence: string;
  readonly moves: number;
  readonly changes: number;
  /** Where nobody comes to an end: who waits for what. */
  readonly waits: readonly string[];
  /** A script that leads there, and the event at which it shows. */
  readonly script: string;
  readonly event: number;
  /** The race in two columns or more, for a mail. */
  readonly chart: string;
}

/** A search under way, by one worker or by several. */
interface Running {
  /** Searches on for so many milliseconds, or until it is over. */
  goOn(milliseconds: number): void | Promise<void>;
  progress(): ExploreProgress;
  outcome(): Outcome | Promise<Outcome>;
}

/** One search at a time, a slice after another: whoever asks for slices can stop asking. */
export function createExploring(hire: Hire | null) {
  let running: Running | null = null;
  const current = (): Running => present(running, 'a search was begun before it goes on');
  return {
    begin: (
      text: string,
      options: StartOptions,
      budget: Budget,
      { workers = 1, ...way }: Way,
    ): Result<Configuration, readonly Diagnostic[]> => {
      const start = startAt(text, options);
      if (!start.ok) {
        const { error } = start;
        return err(error.kind === 'script' ? error.diagnostics : [whole(error.why)]);
      }
      const isShared = workers > 1 && way.exact !== true && way.symmetry !== true;
      const job = { text, options, limits: limitsOf(budget), walks: way.walks ?? null };
      running = isShared
        ? byMany(hire ?? hireNobody, job, start.value, budget, workers)
        : byOne(start.value, budget, way);
      const { play, event, programs } = start.value;
      const { policy, bug } = play.hardware;
      const told = programs.map(({ name, commands }) => ({
        name,
        lines: commands.map(({ command }) => printCommand({ ...command, background: false })),
      }));
      return ok({ policy: policy.name, bug, event, programs: told });
    },
    /** Searches on for so many milliseconds, or until it is over. */
    goOn: async (milliseconds: number): Promise<ExploreProgress> => {
      const search = current();
      await search.goOn(milliseconds);
      return search.progress();
    },
    result: async (): Promise<Explored> => {
      const search = current();
      const { example, ...outcome } = await search.outcome();
      return { ...search.progress(), ...outcome, violation: example === null ? null : violationOf(example) };
    },
  };
}

const whole = (message: string): Diagnostic => ({ line: 0, column: 0, endColumn: 0, message, expected: [] });

const limitsOf = ({ states, megabytes }: Budget): Limits => ({ states, bytes: megabytes * MEGABYTE });

function byOne(start: Start, budget: Budget, way: WayAlone): Running {
  const exploration = exploreFrom(start, limitsOf(budget), way);
  let late = false;
  let spent = 0;
  return {
    goOn: (milliseconds) => {
      const begun = performance.now();
      const passed = (): number => performance.now() - begun;
      const isOut = (): boolean => spent + passed() >= budget.seconds * 1_000;
      while (exploration.state() === 'searching' && !isOut() && passed() < milliseconds) exploration.goOn(SLICE);
      late = exploration.state() === 'searching' && isOut();
      spent += passed();
    },
    progress: () => {
      const { states, transitions, depth, left, bytes, walks } = exploration.coverage();
      return {
        ...{ state: late ? 'stopped' : exploration.state(), states, transitions, depth, left },
        ...{ walks: walks?.begun ?? null, megabytes: Math.ceil(bytes / MEGABYTE), seconds: spent / 1_000 },
      };
    },
    outcome: () => exploration.outcome(late ? 'seconds' : null),
  };
}

function byMany(hire: Hire, job: Omit<Job, 'index' | 'until'>, start: Start, budget: Budget, workers: number): Running {
  const begun = performance.now();
  const until = Date.now() + budget.seconds * 1_000;
  const search = exploreTogether(hire, { ...job, until }, start, workers);
  let outcome: Outcome | null = null;
  let seconds = 0;
  return {
    goOn: async (milliseconds) => {
      await search.wait(milliseconds);
      seconds = (performance.now() - begun) / 1_000;
    },
    progress: () => {
      const { bytes, walks, ...reached } = search.reached();
      const { states, transitions, depth, left } = outcome?.coverage ?? reached;
      return {
        ...{ state: search.state(), states, transitions, depth, left, seconds },
        walks: outcome?.coverage.walks?.begun ?? walks,
        megabytes: Math.ceil(bytes / MEGABYTE),
      };
    },
    outcome: async () => {
      outcome = await search.outcome();
      return outcome;
    },
  };
}

function violationOf({ flaw, moves, changes, waits, script, play }: Counterexample): Violation {
  const { id, kind, claim, detail } = flaw;
  const machine = machineOf(play);
  return {
    ...{ id, kind, claim, sentence: detail, moves, changes, waits, script },
    event: machine.broken?.event ?? eventsOf(machine),
    chart: raceChartOf({ name: 'counterexample.svm', script, play }),
  };
}
