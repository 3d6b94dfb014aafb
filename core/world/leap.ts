import type { Journal } from './journal.ts';
import { ID_BITS, ID_MASK, WORD_BITS, WORD_MASK } from './keys.ts';
import type { Row } from './row.ts';

/** Where the writes between two moments begin and end, of rows and of words, and 1 for forward, -1 for back. */
interface Way {
  readonly by: 1 | -1;
  readonly row: number;
  readonly rowEnd: number;
  readonly word: number;
  readonly wordEnd: number;
}

/**
 * Swaps every write between the moment that the journal stands at and another one, which it stands at then: all words
 * and all rows at once, since neither looks at the other. `rowsOf` and `wordsOf` give what is written to.
 */
export function leapTo(
  journal: Journal,
  step: number,
  rowsOf: (table: number) => (Row | undefined)[],
  wordsOf: (slot: number) => Int32Array,
): void {
  if (step === journal.at) return;
  const way = wayTo(journal, step);
  swapRows(journal, way, rowsOf);
  swapWords(journal, way, wordsOf);
  journal.at = step;
}

function wayTo(journal: Journal, step: number): Way {
  const [from, to] = [Math.min(step, journal.at), Math.max(step, journal.at) - 1];
  const [row, rowEnd] = [journal.rowStart.at(from), journal.rowEnd(to)];
  const [word, wordEnd] = [journal.wordStart.at(from), journal.wordEnd(to)];
  if (step > journal.at) return { by: 1, row, rowEnd, word, wordEnd };
  return { by: -1, row: rowEnd - 1, rowEnd: row - 1, word: wordEnd - 1, wordEnd: word - 1 };
}

function swapRows(
  { rowKey: keys, rowValue: values }: Journal,
  { by, row, rowEnd }: Way,
  rowsOf: (table: number) => (Row | undefined)[],
): void {
  for (let i = row; i !== rowEnd; i += by) {
    const key = keys.at(i);
    const rows = rowsOf(key >>> ID_BITS);
    const current = rows[key & ID_MASK];
    rows[key & ID_MASK] = values[i];
    values[i] = current;
  }
}

/** Most writes are data of a device, thousands of words of one frame one after another. */
function swapWords(
  { wordKey: keys, wordValue: values }: Journal,
  { by, word, wordEnd }: Way,
  wordsOf: (slot: number) => Int32Array,
): void {
  let slot = -1;
  let words: Int32Array = new Int32Array(0);
  for (let i = word; i !== wordEnd; i += by) {
    const key = keys.at(i);
    if (key >>> WORD_BITS !== slot) {
      slot = key >>> WORD_BITS;
      words = wordsOf(slot);
    }
    const current = words[key & WORD_MASK] as number;
    words[key & WORD_MASK] = values.at(i);
    values.set(i, current);
  }
}
