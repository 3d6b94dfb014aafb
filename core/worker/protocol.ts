import type { OrderView } from '../explore/left.ts';
import type { Alignment } from '../export/align.ts';
import type { BesideRow } from '../export/beside.ts';
import type { Granularity } from '../export/boundaries.ts';
import type { DensityView } from '../export/density.ts';
import type { ThingDiff } from '../export/diff.ts';
import type { ExhibitView } from '../export/exhibit-view.ts';
import type { GhostView } from '../export/ghosts.ts';
import type { InvariantsView } from '../export/invariants-view.ts';
import type { LineView, WordView } from '../export/script-view.ts';
import type { TurnsView } from '../export/turns-view.ts';
import type {
  ChapterView,
  EventView,
  InspectionView,
  LaneView,
  MachineView,
  MessageView,
  NowView,
  WhyView,
} from '../export/view.ts';
import type { Result } from '../lib/result.ts';
import type { Part, WatchView } from '../query/watch-view.ts';
import type { Exhibit } from '../scenarios/exhibit.ts';
import type { Completion, Diagnostic } from '../script/index.ts';
import type { StreamPlan } from '../stream/plan.ts';
import type { SweepPoint } from '../stream/sweep.ts';
import type { Budget, Configuration, Explored, ExploreProgress, Way } from './exploring.ts';
import type { Taken, TakenAway } from './taking.ts';

export type { Alignment } from '../export/align.ts';
export type { BesideRow } from '../export/beside.ts';
export type { DensityView } from '../export/density.ts';
export type { ThingDiff } from '../export/diff.ts';
export type { InvariantsView, Standing } from '../export/invariants-view.ts';
export type { LineView, WordView } from '../export/script-view.ts';
export type { Taken, TakenAway } from './taking.ts';
export type { Granularity, StreamPlan, SweepPoint };

/** Where a run comes from. */
export interface Source {
  /** Id of a scenario of the catalogue. */
  readonly scenario?: string;
  /** A script; it wins over `scenario`. */
  readonly script?: string;
  /**
   * What a file holds, an event log or a script; it wins over both. A log brings its own kernel, and its moment is its end;
   * one whose run goes otherwise here is refused.
   */
  readonly file?: string;
  /** Opens the run of such a log all the same, and says what is not as the log has it. */
  readonly anyway?: boolean;
  /** The kernel design to run instead of the script's own: a preset, or one with decisions changed. */
  readonly policy?: string;
  /** The bug of the museum to put into the kernel instead of the script's own, `none` for none. */
  readonly bug?: string;
  /** The back end to run on instead of the script's own: smmuv3, riscv or riscv-sv39. */
  readonly backend?: string;
  /** Event to show, or to explore from; the end if it is beyond. Default 0. */
  readonly at?: number;
  /** The chapter before which exploring ends; default: the script is read to its end. */
  readonly until?: string;
  /** Fingerprint that the link promises at `at`. */
  readonly fingerprint?: string;
  /** Version of the core that made the link. */
  readonly version?: string;
}

/** All about a run that does not depend on the moment. */
export interface RunInfo {
  /** Id of the scenario if the script is still its own, else null. */
  readonly scenario: string | null;
  readonly title: string;
  readonly script: string;
  /** What the text that was opened has still to say after this run, where a line or a pick has cut it; '' for nothing. */
  readonly unsaid: string;
  /** What became of its commands, in the order of the script. */
  readonly lines: readonly LineView[];
  /** The kernel design that was chosen in place of the script's own, null for none. */
  readonly policy: string | null;
  /** The bug that was chosen in place of the script's own, `none` for none; null where the script has its way. */
  readonly bug: string | null;
  /** The back end that was chosen in place of the script's own, null for none. */
  readonly backend: string | null;
  readonly events: number;
  readonly chapters: readonly ChapterView[];
  /** The script says something to the reader at some moments. */
  readonly notes: boolean;
  readonly lanes: readonly LaneView[];
  /** Core version: package version and a hash of the golden fingerprints. */
  readonly version: string;
  /** A broken expectation or invariant, with a script that shows it. */
  readonly report: RunReport | null;
}

export interface RunReport {
  readonly kind: 'invariant' | 'expectation' | 'bug';
  readonly claim: string;
  readonly event: number;
  readonly detail: string;
  /** The script says that it breaks under this policy. */
  readonly expected: boolean;
}

/** The machine at one moment and what the page says about it. */
export interface Moment {
  readonly at: number;
  readonly view: MachineView;
  readonly now: NowView;
  /** Keys of what the last event changed. */
  readonly touched: readonly string[];
  /** Keys of what the sentence of an invariant names that the last event broke. */
  readonly concerned: readonly string[];
  /** What the last event has removed. */
  readonly ghosts: readonly GhostView[];
}

/** Answer to a request that can fail because of what a person gave: nothing changed then. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly diagnostics: readonly Diagnostic[];
      /** It is an event log that can be opened all the same: `anyway` of the source. */
      readonly differs?: true;
    };

export interface Opened {
  readonly run: RunInfo;
  readonly moment: Moment;
  /** What the person should know, for instance that a link was made by another version of the core. */
  readonly notices: readonly string[];
}

/** What a console line led to. */
export interface Spoken {
  /** Lines of output, in order. */
  readonly output: readonly string[];
  /** Whether it was refused; `output` then says errno and rule, and nothing changed. */
  readonly refused: boolean;
  readonly run: RunInfo;
  readonly moment: Moment;
}

/** What a person who is the scheduler can choose from. */
export interface MovesView extends TurnsView {
  /** What the script has still to say: to whom, and the line. */
  readonly orders: readonly OrderView[];
}

export type { Budget, Configuration, Explored, ExploreProgress, Way };

export interface ScenarioInfo {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  /** The subject of the catalogue that it stands under. */
  readonly subject: string;
  /** Id of the scenario to put beside it, null for none. */
  readonly counterpart: string | null;
}

/** A run laid beside the one that is shown. */
export interface Beside {
  readonly run: RunInfo;
  /** The kernel design that it runs, and the bug that its kernel has, null for none. */
  readonly policy: string;
  readonly bug: string | null;
  readonly backend: string;
  readonly rows: Alignment;
}

/** A kernel design that has a name. */
export interface PolicyInfo {
  readonly name: string;
  readonly title: string;
}

export type { Exhibit, ExhibitView };

/** The emulator as the page sees it. Plain methods; the worker behind them is a detail. */
export interface Engine {
  scenarios(): Promise<readonly ScenarioInfo[]>;
  policies(): Promise<readonly PolicyInfo[]>;
  /** The bug museum: what a gallery says of each bug, and the scenario that shows it. */
  exhibits(): Promise<readonly Exhibit[]>;
  /** The picture of an exhibit: who moves in which order until it breaks; null if there is no such exhibit. */
  exhibit(id: string): Promise<ExhibitView | null>;
  /** Opens a run. Bad input leaves the current run untouched. */
  open(source: Source): Promise<Answer<Opened>>;
  /** Shows the machine after `at` events; a newer seek may overtake it, then it answers null. */
  seek(at: number): Promise<Moment | null>;
  /** The event at which a step of this size from `at` ends. */
  target(at: number, direction: 1 | -1, by: Granularity): Promise<number>;
  /** Does a console line at the moment shown; the events after it, if any, are left behind. */
  command(line: string): Promise<Spoken>;
  /** Who can move at the moment shown, what the script has still to say, and who waits. */
  moves(): Promise<MovesView>;
  /**
   * Does a line that `moves` offers at the moment shown. Turns picked one after another become few lines of the script; an
   * order that is refused stays in it with its errno, but for EBUSY, which may be over later.
   */
  pick(line: string): Promise<Spoken>;
  /**
   * Begins a search over every order of moves from an event of a run on, `source.at`, or random walks; the run that is shown
   * stays as it is.
   */
  explore(source: Source, budget: Budget, way?: Way): Promise<Answer<Configuration>>;
  /** Searches on for so many milliseconds, or until the search is over. */
  exploreOn(milliseconds: number): Promise<ExploreProgress>;
  /** What has come of the search so far. */
  explored(): Promise<Explored>;
  complete(text: string, cursor: number): Promise<readonly Completion[]>;
  /** What is wrong with a script, without playing it: mistakes of its lines, and names that nothing declares. */
  check(text: string): Promise<readonly Diagnostic[]>;
  /** What the word at a column (from 1) of a line is, with what is known of it at the moment shown; null for no word. */
  explain(line: string, column: number): Promise<WordView | null>;
  /** How each invariant stands at the moment shown, with counts over the run up to it. */
  invariants(): Promise<InvariantsView>;
  /** The first of these things that there is at the moment shown, null for none of them. */
  inspect(...keys: readonly string[]): Promise<InspectionView | null>;
  /** Which event gave a value that the inspector shows at this moment, and what led to it; null if there is no such value. */
  why(key: string, field: string | null): Promise<WhyView | null>;
  /** An event and all that led to it, cause before effect. */
  causes(event: number): Promise<readonly number[]>;
  /** Expressions over the state, each with its value at the moment shown and how it changes over the run or a part of it. */
  watch(texts: readonly string[], part?: Part): Promise<readonly WatchView[]>;
  /** The nearest event after or before `from` at which one of these expressions stops, null for none. */
  stop(texts: readonly string[], from: number, direction: 1 | -1): Promise<number | null>;
  /** Rows of the sequence chart for events first+1 to last. */
  messages(first: number, last: number): Promise<readonly MessageView[]>;
  /** Events first+1 to last, each in its sentence. */
  events(first: number, last: number): Promise<readonly EventView[]>;
  /** The run up to an event as a text, told whole; what is shown stays what it was. */
  takeAway(what: Taken, at: number): Promise<TakenAway>;
  /** The machine after so many events, without going there. */
  peek(at: number): Promise<Moment>;
  /** Plays another run and lays it beside the one shown, by cause. Bad input leaves all as it is. */
  beside(source: Source): Promise<Answer<Beside>>;
  /** Rows first+1 to last of the two runs. */
  besideRows(first: number, last: number): Promise<readonly BesideRow[]>;
  /** The machine of the run beside after so many of its events. */
  besideAt(event: number): Promise<Moment>;
  /** How the machine differs between two events, the second one of the run shown or of the one beside it. */
  differences(left: number, right: number, of: 'shown' | 'beside'): Promise<readonly ThingDiff[]>;
  /** What happens in each of so many equal parts of the run, or of a part of it. */
  density(parts: number, part?: Part): Promise<DensityView>;
  /** Lets a device of another machine stream over a working set, and says how its caches did; the error says why it cannot. */
  streamPoint(plan: StreamPlan): Promise<Result<SweepPoint, string>>;
}
