/** Which page each access of a stream touches. */
import { assert } from '../lib/assert.ts';
import { below, seeded } from '../sim/random.ts';

/** chase: each page holds the address of the next one, a cycle through all of them in an order by chance. */
export const PATTERNS = ['sequential', 'strided', 'random', 'chase'] as const;
export type Pattern = (typeof PATTERNS)[number];

/** The state of a pattern: offsets from the first page of the working set. */
export interface Walker {
  readonly pattern: Pattern;
  readonly pages: number;
  /** Pages between two accesses that are strided. */
  readonly stride: number;
  /** Of `chase`: which page each page points to. */
  readonly pointers: Int32Array;
  /** What makes 32 random bits an offset. */
  readonly scale: number;
  /** The offset that is next; of `random`, the state of its generator. */
  at: number;
}

const MAX_PAGES = 2 ** 22;

export function walkerOf(pattern: Pattern, pages: number, stride: number, seed: number): Walker {
  assert(pages >= 1 && pages <= MAX_PAGES, 'a working set has 1 to 4,194,304 pages');
  const pointers = pattern === 'chase' ? cycleThrough(pages, seed) : new Int32Array(0);
  return { pattern, pages, stride, pointers, scale: pages / 2 ** 32, at: pattern === 'random' ? (seed | 1) >>> 0 : 0 };
}

/** One cycle through all pages, each order as likely as any other (Sattolo 1986). */
function cycleThrough(pages: number, seed: number): Int32Array {
  const order = Int32Array.from({ length: pages }, (_none, page) => page);
  const random = seeded(seed);
  for (let last = pages - 1; last > 0; last--) {
    const other = below(random, last);
    const kept = order[last] as number;
    order[last] = order[other] as number;
    order[other] = kept;
  }
  return order;
}

/** The page of the next access, as an offset. */
export function nextOffset(walker: Walker): number {
  const { at, pages } = walker;
  switch (walker.pattern) {
    case 'random': {
      let state = at ^ (at << 13);
      state ^= state >>> 17;
      state ^= state << 5;
      walker.at = state;
      return ((state >>> 0) * walker.scale) | 0;
    }
    case 'chase':
      walker.at = walker.pointers[at] as number;
      return at;
    case 'strided':
      walker.at = (at + walker.stride) % pages;
      return at;
    default:
      walker.at = at + 1 === pages ? 0 : at + 1;
      return at;
  }
}
