import { readWord } from '../world/memory.ts';
import { FRAME_WORDS } from '../world/page-frame.ts';
import { type Ring, shareOf } from '../world/ring.ts';
import type { World } from '../world/world.ts';

/** Where the words of a ring stand, by their place in it and then producer and consumer: its columns, NO_COLUMN as yet for others. */
export interface RingColumns {
  readonly ring: Ring;
  readonly words: number;
  readonly columns: Int32Array;
  readonly firsts: Int32Array;
  share0: number;
  share1: number;
  stale: boolean;
}

export const NO_COLUMN = -1;

/** The word at a place of a ring, then its two registers. */
export function ringColumns(world: World, ring: Ring): RingColumns {
  const words = (ring.entryBytes << ring.log2Size) >>> 2;
  const columns = new Int32Array(words + 2).fill(NO_COLUMN);
  const firsts = Int32Array.from({ length: words }, (_none, index) =>
    readWord(world, ring.page + Math.floor(index / FRAME_WORDS), (index % FRAME_WORDS) * 4),
  );
  const registers = [readWord(world, ring.prodPage, ring.prodOffset), readWord(world, ring.consPage, ring.consOffset)];
  return {
    ring,
    words,
    columns,
    firsts: Int32Array.from([...firsts, ...registers]),
    share0: 0,
    share1: 0,
    stale: true,
  };
}

/** The place of a word in a ring, -1 if it is not of it. */
export function placeIn({ ring, words }: RingColumns, page: number, index: number): number {
  if (page === ring.prodPage && index === ring.prodOffset >>> 2) return words;
  if (page === ring.consPage && index === ring.consOffset >>> 2) return words + 1;
  const place = (page - ring.page) * FRAME_WORDS + index;
  return place >= 0 && place < words ? place : -1;
}

export function wordOfRing(current: Int32Array, { columns, firsts }: RingColumns, place: number): number {
  const column = columns[place] as number;
  const first = firsts[place] as number;
  return column === NO_COLUMN ? first : (current[column] as number) ^ first;
}

/** All that the fingerprint sees of a ring: the flags of its registers, and its live entries. */
export function valuesOfRing(current: Int32Array, each: RingColumns): number[] {
  const { ring, words } = each;
  const values: number[] = [];
  const wordAt = (place: number): number => wordOfRing(current, each, place);
  const [prod, cons] = [wordAt(words), wordAt(words + 1)];
  shareOf(ring, prod >>> 0, cons >>> 0, (place) => {
    values.push(wordAt(place));
    return 0;
  });
  return [(prod ^ cons) & 0x8000_0000, cons & 0x7f00_0000, ...values];
}
