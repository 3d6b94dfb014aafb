import { assert } from '../lib/assert.ts';
import { Ints } from './ints.ts';
import type { Row } from './row.ts';

/**
 * One value per write: the one that is not current. Going back swaps it in, going forward swaps it out again, so the
 * same list serves undo and redo. `at` is the number of steps performed; steps beyond it can be redone.
 */
export class Journal {
  at = 0;
  readonly rowKey = new Ints();
  readonly rowValue: (Row | undefined)[] = [];
  readonly wordKey = new Ints();
  readonly wordValue = new Ints();
  /** Where the writes of step n begin: rows and words. */
  readonly rowStart = new Ints();
  readonly wordStart = new Ints();
  /** The fingerprint of rows and words, rings left out, before step n; behind the last step once the end was left. */
  readonly print0 = new Ints();
  readonly print1 = new Ints();

  get steps(): number {
    return this.rowStart.length;
  }

  /** Opens the next step at a fingerprint; what had been undone is forgotten. */
  open(print0: number, print1: number): void {
    this.forgetFuture();
    this.notePrint(print0, print1);
    this.rowStart.push(this.rowKey.length);
    this.wordStart.push(this.wordKey.length);
    this.at++;
  }

  /** Notes the fingerprint of the moment that the journal stands at. */
  notePrint(print0: number, print1: number): void {
    this.print0.length = this.at;
    this.print1.length = this.at;
    this.print0.push(print0);
    this.print1.push(print1);
  }

  /** Notes that a row was replaced, and what it was. */
  noteRow(key: number, old: Row | undefined): void {
    assert(this.at === this.steps, 'what was undone is forgotten before something new is written');
    this.rowKey.push(key);
    this.rowValue.push(old);
  }

  /** Notes that a word was written, and what it was. */
  noteWord(key: number, old: number): void {
    assert(this.at === this.steps, 'what was undone is forgotten before something new is written');
    this.wordKey.push(key);
    this.wordValue.push(old);
  }

  /** The end of the writes of step n. */
  rowEnd(step: number): number {
    return step + 1 < this.steps ? this.rowStart.at(step + 1) : this.rowKey.length;
  }

  wordEnd(step: number): number {
    return step + 1 < this.steps ? this.wordStart.at(step + 1) : this.wordKey.length;
  }

  /** Index of the last write of this row among those before `end`, -1 for none. */
  rowBefore(key: number, end: number): number {
    for (let i = end - 1; i >= 0; i--) if (this.rowKey.at(i) === key) return i;
    return -1;
  }

  /** Index of the last write of a word from `first` to `last` among those before `end`, -1 for none. */
  wordBefore(first: number, last: number, end: number): number {
    for (let i = end - 1; i >= 0; i--) {
      const key = this.wordKey.at(i);
      if (key >= first && key <= last) return i;
    }
    return -1;
  }

  /** The step that a write of a row belongs to. */
  stepOfRow(index: number): number {
    return lastNotAfter(this.rowStart, index);
  }

  stepOfWord(index: number): number {
    return lastNotAfter(this.wordStart, index);
  }

  get bytes(): number {
    const ints = [this.rowKey, this.wordKey, this.wordValue, this.rowStart, this.wordStart, this.print0, this.print1];
    return ints.reduce((sum, list) => sum + list.bytes, this.rowValue.length * 8);
  }

  /** Forgets the steps that had been undone. */
  forgetFuture(): void {
    if (this.at === this.steps) return;
    const row = this.rowStart.at(this.at);
    const word = this.wordStart.at(this.at);
    this.rowKey.length = row;
    this.rowValue.length = row;
    this.wordKey.length = word;
    this.wordValue.length = word;
    this.rowStart.length = this.at;
    this.wordStart.length = this.at;
  }
}

/** The last step whose writes begin at `index` or before; of those that wrote nothing, the one after them has it. */
function lastNotAfter(starts: Ints, index: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (starts.at(middle) <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}
