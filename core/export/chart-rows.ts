import type { Broken } from '../machine/invariants/index.ts';
import type { Machine } from '../machine/machine.ts';
import type { TraceEntry, TraceMessage } from '../machine/trace.ts';
import type { Outcome } from '../play/play.ts';
import { printCommand, type Verb } from '../script/index.ts';
import type { Traffic } from '../sim/telling.ts';
import { type CallStacks, enterCall, enterStep, functionOf, leaveStep } from './call-stack.ts';

/** A row of the text chart. `level` is how many functions are around a call, 0 for what is none. */
export type ChartRow =
  | { readonly kind: 'chapter' | 'note'; readonly text: string }
  | { readonly kind: 'command' | 'answer' | 'broken'; readonly event: number | null; readonly text: string }
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

/**
 * The rows of a chart: commands and chapters of the script, and between them what crossed columns. A machine that stopped
 * at a broken invariant says so there, and what the script has to say of it follows; the rest was not played.
 */
export function chartRows(
  entries: readonly TraceEntry[],
  outcomes: readonly Outcome[],
  whole: boolean,
  broken: Machine['broken'] = null,
): ChartRow[] {
  const teller = createTeller();
  let told = 0;
  const tellUpTo = (event: number): void => {
    while (told < Math.min(event, entries.length)) tellEntry(teller, entries[told++] as TraceEntry);
    flush(teller);
  };
  for (const outcome of outcomes) {
    if (outcome.first > entries.length || (outcome.first === entries.length && !whole)) break;
    tellUpTo(outcome.first);
    const isOver = broken !== null && outcome.first >= broken.event;
    if (isOver && (outcome.state === 'skipped' || outcome.command.verb === 'chapter')) break;
    teller.rows.push(...headOf(outcome));
    tellUpTo(outcome.last);
    if (broken !== null && outcome.first < broken.event && outcome.last >= broken.event) {
      teller.rows.push(...broken.claims.map((claim) => brokenRow(broken.event, claim)));
    }
    if (outcome.last <= entries.length) teller.rows.push(...answerOf(outcome));
  }
  tellUpTo(entries.length);
  return joinSyncs(teller.rows);
}

function brokenRow(event: number, { id, claim, detail }: Broken): ChartRow {
  return { kind: 'broken', event, text: `BROKEN ${id}: ${detail}. (${claim})` };
}

function headOf({ command, first, last }: Outcome): ChartRow[] {
  if (command.verb === 'chapter') return [{ kind: 'chapter', text: command.text }];
  if (command.verb === 'note') return [{ kind: 'note', text: command.text }];
  if (last === 0 || SILENT.has(command.verb)) return [];
  return [{ kind: 'command', event: last > first ? first + 1 : null, text: printCommand(command) }];
}

/** What a command was answered, where that says more than the rows above it. */
function answerOf({ command, state, output, errno, last }: Outcome): ChartRow[] {
  const failed = state !== 'done' || errno !== null;
  if (last === 0 || output.length === 0 || SILENT.has(command.verb)) return [];
  if (!failed && command.verb === 'dma') return [];
  return [{ kind: 'answer', event: state === 'refused' ? null : last, text: output.join('; ') }];
}

interface Teller {
  readonly rows: ChartRow[];
  readonly stacks: CallStacks;
  /** The function that each actor was last seen in. */
  readonly shown: Map<number, string>;
  /** Steps of one column that have no row yet. */
  hidden: { entry: TraceEntry; steps: number } | null;
}

function createTeller(): Teller {
  return { rows: [], stacks: new Map(), shown: new Map(), hidden: null };
}

/** A run of steps without rows: one row for many, none for few. */
function flush(teller: Teller): void {
  const { hidden } = teller;
  teller.hidden = null;
  if (hidden === null || hidden.steps < COUNTED) return;
  const { event, lane, text } = hidden.entry;
  const told = LAYERS.has(lane) ? `${functionOf(hidden.entry)}()` : text;
  teller.rows.push({ kind: 'mark', event, lane, steps: hidden.steps, text: told, level: 0 });
}

function tellEntry(teller: Teller, entry: TraceEntry): void {
  if (entry.step === 'script.command') return;
  const rows = rowsOf(teller, entry);
  leaveStep(teller.stacks, entry);
  if (rows.length > 0) {
    flush(teller);
    teller.rows.push(...rows);
  } else {
    if (teller.hidden !== null && teller.hidden.entry.lane !== entry.lane) flush(teller);
    teller.hidden = { entry, steps: (teller.hidden?.steps ?? 0) + 1 };
  }
}

function rowsOf(teller: Teller, entry: TraceEntry): ChartRow[] {
  const { begins, level } = enterStep(teller.stacks, entry);
  const messages = entry.messages.filter(isTold);
  const own = LAYERS.has(entry.lane) ? kernelText(teller, entry, begins, messages) : outsideText(entry, messages);
  const arrows = messages.map((message) => arrowOf(teller, entry, message));
  if (own === null) return arrows;
  const isInside = LAYERS.has(entry.lane) && !begins;
  const { event, lane } = entry;
  return [{ kind: 'mark', event, lane, steps: 1, text: own, level: isInside ? level + 1 : level }, ...arrows];
}

/** Returns are seen from what comes next; the script is no column. */
function isTold(message: TraceMessage): boolean {
  const isReturn = message.traffic === 'response' && message.text === 'return';
  return !isReturn && message.from !== 'script' && message.to !== 'script';
}

function arrowOf(teller: Teller, entry: TraceEntry, message: TraceMessage): ChartRow {
  const { traffic, from, to, text } = message;
  let level = 0;
  if (traffic === 'call') {
    level = enterCall(teller.stacks, entry, text.replace(/\(\)$/, ''));
    teller.shown.set(entry.actor, text);
  }
  return { kind: 'arrow', event: entry.event, traffic, from, to, text, level };
}

/** What a step of the kernel shows: the function that begins with it or that it stands for, else a store it makes. */
function kernelText(teller: Teller, entry: TraceEntry, begins: boolean, messages: readonly TraceMessage[]) {
  if (messages.some(({ traffic }) => traffic === 'message')) return null;
  const own = `${functionOf(entry)}()`;
  const cited = /\b\w+\(\)/.exec(entry.cite)?.[0];
  const name = begins ? own : cited === own ? undefined : cited;
  if (name === undefined) return entry.transaction && messages.length === 0 ? entry.text : null;
  const saysSo = ({ text }: TraceMessage): boolean => text.startsWith(name.slice(0, -2));
  if (messages.some(saysSo) || teller.shown.get(entry.actor) === name) return null;
  teller.shown.set(entry.actor, name);
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
