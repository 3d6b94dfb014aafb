/** Two independent 32-bit mixes (the round functions of MurmurHash3 and xxHash32) make one 64-bit fingerprint. */

export function mix0(hash: number, value: number): number {
  let k = Math.imul(value, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  k = Math.imul(k, 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

export function mix1(hash: number, value: number): number {
  const h = (hash + Math.imul(value, 0xc2b2ae3d)) | 0;
  return Math.imul((h << 17) | (h >>> 15), 0x27d4eb2f);
}

/** Spreads the last bits, as both originals do at the end. */
export function finish0(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

export function finish1(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 15), 0x85ebca77);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae3d);
  return h ^ (h >>> 16);
}

const HIGH = 2 ** 32;

/**
 * Mixes an integer of up to 53 bits: page numbers do not lose their upper half. One that needs two words starts from
 * the complement, so that it cannot be mistaken for two that need one.
 */
export function wide0(hash: number, value: number): number {
  const low = value | 0;
  return low === value ? mix0(hash, low) : mix0(mix0(~hash, low), Math.floor(value / HIGH));
}

export function wide1(hash: number, value: number): number {
  const low = value | 0;
  return low === value ? mix1(hash, low) : mix1(mix1(~hash, low), Math.floor(value / HIGH));
}

const KNOWN_TEXTS_LIMIT = 4096;
const knownTexts = new Map<string, number>();

/** A number for a text that does not depend on when it was first seen. */
export function hashText(text: string): number {
  const known = knownTexts.get(text);
  if (known !== undefined) return known;
  let hash = text.length;
  for (let i = 0; i < text.length; i++) hash = mix0(hash, text.charCodeAt(i));
  if (knownTexts.size < KNOWN_TEXTS_LIMIT) knownTexts.set(text, finish0(hash));
  return finish0(hash);
}
