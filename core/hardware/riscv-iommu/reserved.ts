/** Bits that no field of a structure has: software leaves them 0, and hardware that finds one set says so. */
import type { Layout, Words } from '../layout.ts';

/** A mask of them, word by word; `ignored` are runs of bits that are not checked, from low to high. */
export function reservedBits(
  { size, fields }: Layout,
  ...ignored: readonly (readonly [number, number])[]
): Uint32Array {
  const mask = new Uint32Array(size / 4).fill(0xffff_ffff);
  const known = [...Object.values(fields).map(({ lo, hi }) => [lo, hi] as const), ...ignored];
  for (const [lo, hi] of known) {
    for (let at = lo; at <= hi; at++) mask[at >>> 5] = (mask[at >>> 5] as number) & ~(1 << (at & 31));
  }
  return mask;
}

/** Whether a bit of the mask is set in the structure. */
export function hasAny(words: Words, mask: Uint32Array): boolean {
  for (let i = 0; i < mask.length; i++) if (((words[i] as number) & (mask[i] as number)) !== 0) return true;
  return false;
}
