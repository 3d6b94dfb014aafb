import { finish0, finish1, hashText, mix0, mix1 } from '../lib/hash.ts';
import { readWord } from './memory.ts';
import type { World } from './world.ts';

/**
 * A queue in memory with its producer and consumer registers (index plus wrap bit, flags above). The fingerprint sees
 * the live entries counted from the consumer, not the dead ones nor absolute indices: a reader can only tell those.
 */
export interface Ring {
  readonly name: string;
  /** First page of the entries; a ring is physically contiguous. */
  readonly page: number;
  readonly entryBytes: number;
  readonly log2Size: number;
  readonly prodPage: number;
  readonly prodOffset: number;
  readonly consPage: number;
  readonly consOffset: number;
  /** False where the registers are indexes only, so that one slot always stays free; else there is a wrap bit above. */
  readonly hasWrapBit?: boolean;
}

/** Entries between consumer and producer: 0 to 2^log2Size because of the wrap bit, one less where there is none. */
export function ringLength(
  { log2Size, hasWrapBit }: Pick<Ring, 'log2Size' | 'hasWrapBit'>,
  prod: number,
  cons: number,
): number {
  return (prod - cons) & ((hasWrapBit === false ? 1 << log2Size : 2 << log2Size) - 1);
}

/** The share of a ring in the fingerprint: its live entries in order, and the flags of both registers. */
export function ringShare(world: World, ring: Ring): readonly [number, number] {
  const prod = readWord(world, ring.prodPage, ring.prodOffset);
  const cons = readWord(world, ring.consPage, ring.consOffset);
  return shareOf(ring, prod, cons, (index) => readWord(world, ring.page + (index >>> 10), (index << 2) & 0xfff));
}

/** The same, with the words of its entries by their place in the ring. */
export function shareOf(
  ring: Ring,
  prod: number,
  cons: number,
  wordAt: (index: number) => number,
): readonly [number, number] {
  const flags = ((prod ^ cons) & 0x8000_0000) | (cons & 0x7f00_0000);
  const live = ringLength(ring, prod, cons);
  let a = mix0(hashText(ring.name), flags);
  let b = mix1(hashText(ring.name), flags);
  for (let i = 0; i < live; i++) {
    const first = (((cons + i) & ((1 << ring.log2Size) - 1)) * ring.entryBytes) >>> 2;
    for (let index = first; index < first + (ring.entryBytes >>> 2); index++) {
      const word = wordAt(index);
      a = mix0(a, word);
      b = mix1(b, word);
    }
  }
  return [finish0(mix0(a, live)), finish1(mix1(b, live))];
}
