import { assert } from '../lib/assert.ts';
import { look } from './columns.ts';
import { fingerprintOf, lookAtState } from './expansion.ts';
import { cut, save } from './levels.ts';
import type { Part } from './programs.ts';
import type { Shard } from './shard.ts';
import { type Heard, hear, newWords, nothingHeard, nothingTold, type Told, translate, type Words } from './wire.ts';

/** States that one worker hands over to another, before it looks at them. */
export interface Transfer {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** A level is shared out anew when somebody has more than an even share by this share of it and this many states. */
const LOPSIDED = 0.03;
const FEW = 32;

/** Who hands over how many states, so that all have as many: none where it is even enough already. `counts` is by worker. */
export function shareOut(counts: readonly number[]): Transfer[] {
  const even = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  if (Math.max(...counts) <= even * (1 + LOPSIDED) + FEW) return [];
  const transfers: Transfer[] = [];
  const left = counts.map((count) => Math.round(count - even));
  for (const [from] of counts.entries()) {
    for (const [to] of counts.entries()) {
      const count = Math.min(left[from] as number, -(left[to] as number));
      if (count <= 0) continue;
      transfers.push({ from, to, count });
      left[from] = (left[from] as number) - count;
      left[to] = (left[to] as number) + count;
    }
  }
  return transfers;
}

/** What two workers have told each other of their numbers. */
export interface Acquaintance {
  readonly told: Told;
  readonly heard: Heard;
}

export const strangers = (): Acquaintance => ({ told: nothingTold(), heard: nothingHeard() });

/** States on their way from one worker to another. All of it can be cloned; the arrays can be transferred. */
export interface Shipment {
  readonly words: Words;
  readonly stride: number;
  readonly states: Int32Array;
  /** Three integers each: the number of the state, and its fingerprint. */
  readonly keys: Int32Array;
}

const KEY = 3;

/** The places of so many states at the end of the level, fewer if it has looked at the others. */
function lastOpen({ level, numbers, position }: Shard, most: number): number[] {
  const chosen: number[] = [];
  for (let index = level.count - 1; index >= position && chosen.length < most; index--)
    if (numbers.at(index) >= 0) chosen.push(index);
  return chosen.reverse();
}

/**
 * Takes so many states out of a level that was just begun: its last ones, so that each worker keeps states that are like one another.
 * What one of them asks the machine others ask as well, and little has to be changed to look at one after another. There are fewer if
 * it has looked ahead since it was asked.
 */
export function handOver(shard: Shard, { told }: Acquaintance, most: number): Shipment {
  const { columns, level, numbers, parts } = shard;
  const chosen = lastOpen(shard, most);
  const count = chosen.length;
  const keys = new Int32Array(count * KEY);
  const stride = columns.current.length + 1;
  const states = new Int32Array(count * stride);
  for (const [i, index] of chosen.entries()) {
    const part = lookAtState(shard, index);
    states[i * stride] = part;
    states.set(columns.current, i * stride + 1);
    const print = fingerprintOf(columns.all0, columns.all1, parts.list[part] as Part);
    keys.set([numbers.at(index), ...print], i * KEY);
  }
  cut(level, chosen[0] ?? level.count);
  numbers.length = level.count;
  return { words: newWords(shard, told), stride, states, keys };
}

/** Takes states of another worker into the level. */
export function takeOver(shard: Shard, { heard }: Acquaintance, { words, stride, states, keys }: Shipment): void {
  const { columns, level, numbers } = shard;
  hear(shard, heard, words);
  for (let i = 0; i * stride < states.length; i++) {
    const part = heard.parts[states[i * stride] as number] as number;
    const state = translate(columns, heard, states, i * stride + 1);
    look(columns, state, 0, state.length);
    const [h0, h1] = fingerprintOf(columns.all0, columns.all1, shard.parts.list[part] as Part);
    assert(h0 === keys[KEY * i + 1] && h1 === keys[KEY * i + 2], 'a state that was handed over arrives as it was');
    numbers.push(keys[KEY * i] as number);
    save(level, columns, part);
  }
}
