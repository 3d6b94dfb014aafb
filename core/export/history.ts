import { hex } from '../lib/format.ts';
import { at, type Machine } from '../machine/machine.ts';
import { type StackFrame, stepOf } from '../sim/procedure.ts';
import { readWord } from '../world/memory.ts';
import type { Row } from '../world/row.ts';
import type { Table } from '../world/table.ts';
import { rowOfKey, wordOfKey } from '../world/world.ts';
import { type Cells, cellInWords } from './row-fields.ts';
import { sentenceOf } from './story.ts';
import type { InspectionView } from './view.ts';

/** Entries of a history that are given. */
const LIMIT = 50;
type History = InspectionView['history'];

/** The events up to now that wrote a row, newest first, with what they changed. */
export function rowHistory(machine: Machine, table: Table<Cells>, id: number): History {
  const { journal } = machine.world;
  const history: { event: number; what: string; sentence: string }[] = [];
  if (journal === null) return history;
  let later: Row | undefined = table.find(machine.world, id);
  for (let step = at(machine) - 1; step >= 0 && history.length < LIMIT; step--) {
    for (let i = journal.rowEnd(step) - 1; i >= journal.rowStart.at(step); i--) {
      const key = rowOfKey(journal.rowKey.at(i));
      if (key.table !== table.at || key.id !== id) continue;
      const earlier = journal.rowValue[i];
      history.push({
        event: step + 1,
        what: change(machine, table, earlier, later),
        sentence: sentenceAt(machine, step),
      });
      later = earlier;
    }
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
      const words = (value: unknown): string => cellInWords(machine.world, key, value).value;
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

/** The events up to now that wrote one of these words, newest first. */
export function wordHistory(machine: Machine, place: { page: number; offset: number }, bytes: number): History {
  const { journal, slots } = machine.world;
  const slot = slots.find(place.page);
  const history: { event: number; what: string; sentence: string }[] = [];
  if (journal === null || slot < 0) return history;
  const first = place.offset >>> 2;
  const later = Array.from({ length: bytes / 4 }, (_, i) => readWord(machine.world, place.page, place.offset + i * 4));
  for (let step = at(machine) - 1; step >= 0 && history.length < LIMIT; step--) {
    const after = [...later];
    let touched = false;
    for (let i = journal.wordEnd(step) - 1; i >= journal.wordStart.at(step); i--) {
      const key = wordOfKey(journal.wordKey.at(i));
      if (key.slot !== slot || key.index < first || key.index >= first + later.length) continue;
      later[key.index - first] = journal.wordValue.at(i) >>> 0;
      touched = true;
    }
    if (touched)
      history.push({ event: step + 1, what: `${wide(later)} -> ${wide(after)}`, sentence: sentenceAt(machine, step) });
  }
  return history;
}

/** The first 64-bit word that differs says enough in a list. */
function wide(words: readonly number[]): string {
  return `0x${hex(words[1] ?? 0, 8)}${hex(words[0] ?? 0, 8)}`;
}

function sentenceAt(machine: Machine, step: number): string {
  const entry = machine.trace[step];
  return entry === undefined ? '' : sentenceOf(entry);
}
