import { hex } from '../lib/format.ts';
import type { Machine } from '../machine/machine.ts';
import { type StackFrame, stepOf } from '../sim/procedure.ts';
import type { Journal } from '../world/journal.ts';
import { readWord } from '../world/memory.ts';
import type { Row } from '../world/row.ts';
import type { Table } from '../world/table.ts';
import { rowKey, wordKey, wordOfKey } from '../world/world.ts';
import { type Cells, columnInWords } from './row-fields.ts';
import { sentenceOf } from './story.ts';
import type { InspectionView } from './view.ts';

/** Where a thing is kept: a row of a table, or bytes of memory within one page. */
export type Origin =
  | { readonly table: Table<Cells>; readonly id: number }
  | { readonly page: number; readonly offset: number; readonly bytes: number };

/** Entries of a history that are given. */
const LIMIT = 50;
type History = InspectionView['history'];

/** The events up to now that wrote a thing, newest first, with what they changed. */
export function historyOf(machine: Machine, origin: Origin): History {
  return 'table' in origin ? rowHistory(machine, origin.table, origin.id) : wordHistory(machine, origin);
}

/** The steps up to now that wrote a thing, newest first; step n leads to event n+1. */
export function* stepsThatWrote({ world }: Machine, origin: Origin): Generator<number> {
  const { journal } = world;
  if (journal === null) return;
  if ('table' in origin) {
    const key = rowKey(origin.table.at, origin.id);
    for (let i = writesSoFar(journal).rows; ; ) {
      i = journal.rowBefore(key, i);
      if (i < 0) return;
      const step = journal.stepOfRow(i);
      i = journal.rowStart.at(step);
      yield step;
    }
  }
  const slot = world.slots.find(origin.page);
  if (slot < 0) return;
  const first = wordKey(slot, origin.offset >>> 2);
  const last = first + (origin.bytes >>> 2) - 1;
  for (let i = writesSoFar(journal).words; ; ) {
    i = journal.wordBefore(first, last, i);
    if (i < 0) return;
    const step = journal.stepOfWord(i);
    i = journal.wordStart.at(step);
    yield step;
  }
}

function writesSoFar(journal: Journal): { rows: number; words: number } {
  if (journal.at === 0) return { rows: 0, words: 0 };
  return { rows: journal.rowEnd(journal.at - 1), words: journal.wordEnd(journal.at - 1) };
}

function rowHistory(machine: Machine, table: Table<Cells>, id: number): History {
  const { journal } = machine.world;
  const history: { event: number; what: string; sentence: string }[] = [];
  if (journal === null) return history;
  const key = rowKey(table.at, id);
  let later: Row | undefined = table.find(machine.world, id);
  for (let i = writesSoFar(journal).rows; history.length < LIMIT; ) {
    i = journal.rowBefore(key, i);
    if (i < 0) break;
    const step = journal.stepOfRow(i);
    const earlier = journal.rowValue[i];
    history.push({
      event: step + 1,
      what: change(machine, table, earlier, later),
      sentence: sentenceAt(machine, step),
    });
    later = earlier;
  }
  return history;
}

function change(machine: Machine, table: Table<Cells>, from: Row | undefined, to: Row | undefined): string {
  if (from === undefined) return 'created';
  if (to === undefined) return 'removed';
  const [old, next] = [from as Cells, to as Cells];
  const parts = table
    .describe()
    .filter(({ key, kind }) => kind !== 'name' && old[key] !== next[key])
    .map(({ key }) => {
      const words = (value: unknown): string => columnInWords(machine.world, table.name, key, value).value;
      return key === 'frame'
        ? placeOf(next['frame'] as StackFrame | null)
        : `${key} ${words(old[key])} -> ${words(next[key])}`;
    });
  return parts.join(', ') || 'written again';
}

/** Where an actor stands: its next step. */
function placeOf(frame: StackFrame | null): string {
  return frame === null ? 'has nothing more to do' : `next: ${stepOf(frame).name}`;
}

function wordHistory(machine: Machine, origin: Extract<Origin, { page: number }>): History {
  const { world } = machine;
  const { journal, slots } = world;
  const history: { event: number; what: string; sentence: string }[] = [];
  const slot = slots.find(origin.page);
  if (journal === null || slot < 0) return history;
  const first = origin.offset >>> 2;
  const later = Array.from({ length: origin.bytes / 4 }, (_, i) => readWord(world, origin.page, origin.offset + i * 4));
  for (const step of stepsThatWrote(machine, origin)) {
    const after = [...later];
    for (let i = journal.wordEnd(step) - 1; i >= journal.wordStart.at(step); i--) {
      const key = wordOfKey(journal.wordKey.at(i));
      const place = key.index - first;
      if (key.slot === slot && place >= 0 && place < later.length) later[place] = journal.wordValue.at(i) >>> 0;
    }
    const differs = later.findIndex((word, index) => word !== after[index]);
    const low = Math.max(0, differs) & ~1;
    const what = `${wide(later, low)} -> ${wide(after, low)}`;
    history.push({ event: step + 1, what, sentence: sentenceAt(machine, step) });
    if (history.length === LIMIT) break;
  }
  return history;
}

/** The first 64-bit word that differs says enough in a list. */
function wide(words: readonly number[], low: number): string {
  return `0x${hex(words[low + 1] ?? 0, 8)}${hex(words[low] ?? 0, 8)}`;
}

/** The sentence of the event that step n leads to. */
export function sentenceAt(machine: Machine, step: number): string {
  const entry = machine.trace[step];
  return entry === undefined ? '' : sentenceOf(entry);
}
