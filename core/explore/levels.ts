import { type Columns, look } from './columns.ts';

/**
 * States of one level, one after another, in blocks of equally many. A block goes to the next level as soon as its states have been looked
 * at: memory that was never used before costs more than what is written into it.
 */
export interface Level {
  /** Null where all states have been looked at. */
  readonly blocks: (Block | null)[];
  readonly pool: Pool;
  count: number;
}

/** The blocks of levels that take turns. */
interface Pool {
  readonly spare: Block[];
  /** Of all blocks, spare or not. */
  bytes: number;
}

interface Block {
  words: Int32Array;
  /** Integers per state: what belongs to the script, then its columns. */
  stride: number;
}

const STATES = 512;

/** Two levels that take turns. */
export function createLevels(): [Level, Level] {
  const pool: Pool = { spare: [], bytes: 0 };
  return [
    { blocks: [], pool, count: 0 },
    { blocks: [], pool, count: 0 },
  ];
}

/** Bytes of a level and the one that it takes turns with. */
export const bytesOfLevels = ({ pool }: Level): number => pool.bytes;

/** Writes down the state that is looked at. */
export function save(level: Level, { current }: Columns, part: number): void {
  const stride = current.length + 1;
  const place = level.count++ % STATES;
  if (place === 0) level.blocks.push(takeBlock(level.pool, stride));
  const block = level.blocks[level.blocks.length - 1] as Block;
  if (block.stride < stride) widen(level.pool, block, stride);
  const at = place * block.stride;
  block.words[at] = part;
  block.words.set(current, at + 1);
}

/** Looks at a state; its part of the script. */
export function lookAt({ blocks }: Level, columns: Columns, index: number): number {
  const { words, stride } = blocks[Math.floor(index / STATES)] as Block;
  const at = (index % STATES) * stride;
  look(columns, words, at + 1, stride - 1);
  return words[at] as number;
}

/** Nobody will look at this state again, nor at those before it. */
export function leave({ blocks, pool }: Level, index: number): void {
  if (index % STATES !== STATES - 1) return;
  const at = Math.floor(index / STATES);
  const block = blocks[at] as Block | null;
  if (block !== null) pool.spare.push(block);
  blocks[at] = null;
}

/** Forgets the states from this one on. */
export function cut(level: Level, count: number): void {
  level.count = count;
  for (const block of level.blocks.splice(Math.ceil(count / STATES))) if (block !== null) level.pool.spare.push(block);
}

/** A block for states of so many integers; spare ones that are too small for them are of no use any more. */
function takeBlock(pool: Pool, stride: number): Block {
  for (let block = pool.spare.pop(); block !== undefined; block = pool.spare.pop()) {
    block.stride = stride;
    if (block.words.length >= STATES * stride) return block;
    pool.bytes -= block.words.byteLength;
  }
  return newBlock(pool, stride);
}

function newBlock(pool: Pool, stride: number): Block {
  const words = new Int32Array(STATES * stride);
  pool.bytes += words.byteLength;
  return { words, stride };
}

/** Widens the states when more columns became known: what they do not say is as it was at first. */
function widen(pool: Pool, block: Block, stride: number): void {
  const { words } = newBlock(pool, stride);
  for (let place = 0; place < STATES; place++)
    words.set(block.words.subarray(place * block.stride, (place + 1) * block.stride), place * stride);
  pool.bytes -= block.words.byteLength;
  block.words = words;
  block.stride = stride;
}
