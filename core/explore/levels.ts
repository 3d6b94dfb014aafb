import type { Columns } from './columns.ts';

/** States of one level, one after another. */
export interface Level {
  words: Int32Array;
  /** Integers per state: what belongs to the script, then its columns. */
  stride: number;
  count: number;
}

const FIRST_STATES = 256;

export function createLevel({ current }: Columns): Level {
  const stride = current.length + 1;
  return { words: new Int32Array(stride * FIRST_STATES), stride, count: 0 };
}

/** Writes down the state that is looked at. */
export function save(level: Level, { current }: Columns, part: number): void {
  widen(level, current.length + 1);
  const { stride } = level;
  if ((level.count + 1) * stride > level.words.length) {
    const words = new Int32Array(level.words.length * 2);
    words.set(level.words);
    level.words = words;
  }
  const at = level.count * stride;
  level.words[at] = part;
  level.words.set(current, at + 1);
  level.count++;
}

/** Widens the vectors when more columns became known: what they do not say is as it was at first. */
export function widen(level: Level, stride: number): void {
  if (level.stride === stride) return;
  const words = new Int32Array(Math.max(FIRST_STATES, level.count) * stride);
  for (let index = 0; index < level.count; index++) {
    words.set(level.words.subarray(index * level.stride, (index + 1) * level.stride), index * stride);
  }
  level.words = words;
  level.stride = stride;
}
