import type { Broken } from '../machine/invariants/index.ts';
import type { Machine } from '../machine/machine.ts';
import type { TraceEntry, TraceMessage } from '../machine/trace.ts';
import { machineOf, type Outcome } from '../play/play.ts';
import { printCommand, type Verb } from '../script/index.ts';
import type { Traffic } from '../sim/telling.ts';
import { type CallStacks, enterCall, enterStep, functionOf, leaveStep } from './call-stack.ts';
import { entriesOf, isWhole, type Run } from './run.ts';

/** A row that stands across all columns: what the script says, and what broke. */
export type AcrossRow =
  | { readonly kind: 'chapter' | 'note'; readonly text: string }
  | { readonly kind: 'command' | 'answer' | 'broken'; readonly event: number | null; readonly text: string };

/** A row of what one event did. `level` is how many functions are around a call, 0 for what is none. */
export type StepRow =
  | {
      readonly kind: 'arrow';
      readonly event: number;
      readonly traffic: Traffic;
      readonly from: string;
      readonly to: string;
      readonly text: string;
      readonly level: number;
    }
  | {
      readonly kind: 'mark';
      readonly event: number;
      readonly lane: string;
      /** Steps that the row stands for. */
      readonly steps: number;
      readonly text: string;
      readonly level: number;
    };

/** A row of the text chart. */
export type ChartRow = AcrossRow | StepRow;

/** The layers of the kernel: their steps are told by function, those of hardware and programs by sentence. */
const LAYERS: ReadonlySet<string> = new Set(['mm', 'iommu', 'faults', 'smmu-driver', 'device-driver']);
/** Moments of hardware that a chart can do without. */
const MINOR_MOMENTS: ReadonlySet<string> = new Set(['translation.miss', 'tlb.filled']);
/** Moments that need no sentence. */
const MOMENT_WORDS: Readonly<Record<string, string>> = {
  'command.synced': 'CMD_SYNC complete',
  'dma.done': 'completion record: done',
  'dma.failed': 'completion record: failed',
};
/** From so many steps in one column on, what is left out gets a row: fewer are the plain way from one row to the next. */
const COUNTED = 6;
/** Commands that say something to the reader or to the machine's clock, not to the machine. */
const SILENT: ReadonlySet<Verb> = new Set(['run', 'step', 'schedule', 'expect', 'help']);

/** What a chart tells: the part of a run up to its moment. */
export interface Told {
  readonly entries: readonly TraceEntry[];
  readonly outcomes: readonly Outcome[];
  /** The moment is the end of what was played. */
  readonly whole: boolean;
  readonly broken: Machine['broken'];
}

/** Who makes rows of events, one after another; `pause` comes before each row that stands across. */
export interface RowMaker {
  tell(entry: TraceEntry): void;
  pause(): void;
  across(row: AcrossRow): void;
}

/** What a chart of a run tells. */
export function toldOf(run: Run): Told {
  const machine = machineOf(run.play);
  const { outcomes } = run.play;
  return { entries: entriesOf(run), outcomes, whole: isWhole(machine), broken: machine.broken };
}

/** The rows of the sequence chart. */
export function chartRows(told: Told): ChartRow[] {
  const teller = createTeller();
  const pause = (): void => flush(teller);
  const across = (row: AcrossRow): void => void teller.rows.push(row);
  tellInOrder(told, { tell: (entry) => tellEntry(teller, entry), pause, across });
  return joinSyncs(teller.rows);
}

/**
 * Commands and chapters of the script, and between them what happened. A machine that stopped at a broken invariant says
 * so there, and what the script has to say of it follows; the rest was not played.
 */
export function tellInOrder({ entries, outcomes, whole, broken }: Told, maker: RowMaker): void {
  let told = 0;
  const tellUpTo = (event: number): void => {
    while (told < Math.min(event, entries.length)) maker.tell(entries[told++] as TraceEntry);
    maker.pause();
  };
  for (const outcome of outcomes) {
    if (outcome.first > entries.length || (outcome.first === entries.length && !whole)) break;
    tellUpTo(outcome.first);
    const isOver = broken !== null && outcome.first >= broken.event;
    if (isOver && (outcome.state === 'skipped' || outcome.command.verb === 'chapter')) break;
    headOf(outcome).forEach(maker.across);
    tellUpTo(outcome.last);
    if (broken !== null && outcome.first < broken.event && outcome.last >= broken.event) {
      for (const claim of broken.claims) maker.across(brokenRow(broken.event, claim));
    }
    if (outcome.last <= entries.length) answerOf(outcome).forEach(maker.across);
  }
  tellUpTo(entries.length);
}

function brokenRow(event: number, { id, claim, detail }: Broken): AcrossRow {
  return { kind: 'broken', event, text: `BROKEN ${id}: ${detail}. (${claim})` };
}

function headOf({ command, first, last }: Outcome): AcrossRow[] {
  if (command.verb === 'chapter') return [{ kind: 'chapter', text: command.text }];
  if (command.verb === 'note') return [{ kind: 'note', text: command.text }];
  if (last === 0 || SILENT.has(command.verb)) return [];
  return [{ kind: 'command', event: last > first ? first + 1 : null, text: printCommand(command) }];
}

/** What a command was answered, where that says more than the rows above it. */
function answerOf({ command, state, output, errno, last }: Outcome): AcrossRow[] {
  const failed = state !== 'done' || errno !== null;
  if (last === 0 || output.length === 0 || SILENT.has(command.verb)) return [];
  if (!failed && command.verb === 'dma') return [];
  return [{ kind: 'answer', event: state === 'refused' ? null : last, text: output.join('; ') }];
}

/** What was shown of the calls of each actor. */
export interface Calls {
  readonly stacks: CallStacks;
  /** The function that each actor was last seen in. */
  readonly shown: Map<number, string>;
}

interface Teller extends Calls {
  readonly rows: ChartRow[];
  /** Steps of one column that have no row yet. */
  hidden: { entry: TraceEntry; steps: number } | null;
}

export function createCalls(): Calls {
  return { stacks: new Map(), shown: new Map() };
}

function createTeller(): Teller {
  return { ...createCalls(), rows: [], hidden: null };
}

/** A run of steps without rows: one row for many, none for few. */
function flush(teller: Teller): void {
  const { hidden } = teller;
  teller.hidden = null;
  if (hidden === null || hidden.steps < COUNTED) return;
  const { event, lane, text } = hidden.entry;
  const told = isKernel(lane) ? `${functionOf(hidden.entry)}()` : text;
  teller.rows.push({ kind: 'mark', event, lane, steps: hidden.steps, text: told, level: 0 });
}

function tellEntry(teller: Teller, entry: TraceEntry): void {
  if (entry.step === 'script.command') return;
  const { rows } = stepRows(teller, entry);
  if (rows.length > 0) {
    flush(teller);
    teller.rows.push(...rows);
  } else {
    if (teller.hidden !== null && teller.hidden.entry.lane !== entry.lane) flush(teller);
    teller.hidden = { entry, steps: (teller.hidden?.steps ?? 0) + 1 };
  }
}

/** The rows of one step, none for what a chart can do without, and how many functions are around the step's own. */
export function stepRows(calls: Calls, entry: TraceEntry): { readonly level: number; readonly rows: StepRow[] } {
  const { begins, level } = enterStep(calls.stacks, entry);
  const messages = entry.messages.filter(isTold);
  const own = isKernel(entry.lane) ? kernelText(calls, entry, begins, messages) : outsideText(entry, messages);
  const arrows = messages.map((message) => arrowOf(calls, entry, message));
  leaveStep(calls.stacks, entry);
  const inside = isKernel(entry.lane) ? level + 1 : level;
  const { event, lane } = entry;
  const mark = (text: string, at: number): StepRow => ({ kind: 'mark', event, lane, steps: 1, text, level: at });
  const marks = own === null ? [] : [mark(own, begins ? level : inside)];
  // Where a bug goes wrong is what a chart of it is about: a function is no word for that.
  if (isKernel(lane) && entry.moments.includes('bug.acts') && own !== entry.text) marks.push(mark(entry.text, inside));
  return { level, rows: [...marks, ...arrows] };
}

/** The column is a layer of the kernel: its steps are told by function. */
export function isKernel(lane: string): boolean {
  return LAYERS.has(lane);
}

/** Returns are seen from what comes next; the script is no column. */
function isTold(message: TraceMessage): boolean {
  const isReturn = message.traffic === 'response' && message.text === 'return';
  return !isReturn && message.from !== 'script' && message.to !== 'script';
}

function arrowOf({ stacks, shown }: Calls, entry: TraceEntry, message: TraceMessage): StepRow {
  const { traffic, from, to, text } = message;
  let level = 0;
  if (traffic === 'call') {
    level = enterCall(stacks, entry, text.replace(/\(\)$/, ''));
    shown.set(entry.actor, text);
  }
  return { kind: 'arrow', event: entry.event, traffic, from, to, text, level };
}

/** What a step of the kernel shows: the function that begins with it or that it stands for, else a store it makes. */
function kernelText({ shown }: Calls, entry: TraceEntry, begins: boolean, messages: readonly TraceMessage[]) {
  if (messages.some(({ traffic }) => traffic === 'message')) return null;
  const own = `${functionOf(entry)}()`;
  const cited = /\b\w+\(\)/.exec(entry.cite)?.[0];
  const name = begins ? own : cited === own ? undefined : cited;
  if (name === undefined) return entry.transaction && messages.length === 0 ? entry.text : null;
  const saysSo = ({ text }: TraceMessage): boolean => text.startsWith(name.slice(0, -2));
  if (messages.some(saysSo) || shown.get(entry.actor) === name) return null;
  shown.set(entry.actor, name);
  return name;
}

/** What hardware or a program does in its own column and others can see. */
function outsideText(entry: TraceEntry, messages: readonly TraceMessage[]): string | null {
  if (messages.length > 0) return null;
  const moment = entry.moments.find((each) => !MINOR_MOMENTS.has(each));
  if (moment === undefined) return entry.transaction ? entry.text : null;
  return MOMENT_WORDS[moment] ?? entry.text;
}

/** A command and the CMD_SYNC that follows it at once are one row. */
function joinSyncs(rows: readonly ChartRow[]): ChartRow[] {
  const joined: ChartRow[] = [];
  for (const row of rows) {
    const before = joined.at(-1);
    if (before?.kind === 'arrow' && row.kind === 'arrow' && row.text === 'CMD_SYNC' && before.to === row.to) {
      joined[joined.length - 1] = { ...before, text: `${before.text}, CMD_SYNC` };
    } else joined.push(row);
  }
  return joined;
}
