import { assert } from '../lib/assert.ts';
import { NO_RAM } from './page-frame.ts';
import type { World } from './world.ts';

/** Reads the 32-bit word at a byte offset of a page; memory never written reads as zero. */
export function readWord(world: World, page: number, offset: number): number {
  const slot = world.slots.find(page);
  if (slot < 0) return (world.unwrittenFrame(page).words[offset >>> 2] as number) >>> 0;
  return world.wordAt(slot, offset >>> 2) >>> 0;
}

/** Writes a 32-bit word. */
export function writeWord(world: World, page: number, offset: number, value: number): void {
  world.writeSlot(world.slots.claim(page), offset >>> 2, value);
}

/** All 1,024 words of a page, for reading only. */
export function wordsOf(world: World, page: number): Int32Array {
  const slot = world.slots.find(page);
  return slot < 0 ? world.unwrittenFrame(page).words : world.frame(slot).words;
}

/** All words of a page of memory, null where there is no memory: what a walk asks at each level, in one look-up. */
export function memoryWords(world: World, page: number): Int32Array | null {
  const slot = world.slots.ramSlot(page);
  if (slot < 0) return slot === NO_RAM ? null : world.unwrittenFrame(page).words;
  return world.frame(slot).words;
}

/** Copies `count` words out of one page into `into`, a scratch array of the caller. */
export function readWords(world: World, page: number, offset: number, count: number, into: Uint32Array): Uint32Array {
  for (let i = 0; i < count; i++) into[i] = readWord(world, page, offset + 4 * i);
  return into;
}

/** Writes words one after another, lowest first. */
export function writeWords(world: World, page: number, offset: number, words: ArrayLike<number>): void {
  assert(offset + words.length * 4 <= 4096, 'a record does not cross a page');
  const slot = world.slots.claim(page);
  for (let i = 0; i < words.length; i++) world.writeSlot(slot, (offset >>> 2) + i, words[i] as number);
}

/** Zeroes a whole page: each word that was not zero is one journalled write. */
export function clearPage(world: World, page: number): void {
  const words = wordsOf(world, page);
  const slot = world.slots.find(page);
  if (slot < 0) return;
  for (let i = 0; i < words.length; i++) if (words[i] !== 0) world.writeSlot(slot, i, 0);
}

/** Copies a page word by word. */
export function copyPage(world: World, from: number, to: number): void {
  const source = wordsOf(world, from);
  const slot = world.slots.claim(to);
  for (let i = 0; i < source.length; i++) world.writeSlot(slot, i, source[i] as number);
}

/** Memory answers on the bus only where it exists; elsewhere an access ends in an external abort. */
export function isMemory(world: World, page: number): boolean {
  return world.slots.isRam(page);
}
