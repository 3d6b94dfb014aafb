/**
 * Configuration caches of an IOMMU: what it knows of devices (by StreamID or device_id) and of their address spaces (by
 * SubstreamID or process_id too), each a copy of the up to 64 bytes that stood in memory when it was read, so that a
 * stale one is really stale. Whether a structure that is not valid is kept, its silicon says: an SMMU does
 * (SMMUv3 3.21.3), a RISC-V IOMMU may not (RISC-V IOMMU 2.7).
 *
 * Line, 32 words in SRAM: 0 flags, 1 StreamID, 2 SubstreamID, 16 to 31 the structure. A line that holds nothing is all
 * zero. Word 3 of the first line of a set names the next victim.
 */
import { readWord, wordsOf, writeWord } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { type Field, getField } from './layout.ts';
import type { TlbShape } from './tlb.ts';

const LINE_WORDS = 32;
const LINE_BYTES = LINE_WORDS * 4;
const CONTENT = 16;
const CONTENT_WORDS = 16;
const VICTIM = 12;

const VALID = 1;
/** The transaction that is being translated uses it: it keeps its words, valid or not, until that is over. */
const PINNED = 2;

/** Index of the valid line of this stream and substream, -1 if there is none. */
export function findLine(world: World, cache: TlbShape, sid: number, ssid: number): number {
  const first = setOf(cache, sid, ssid) * cache.ways;
  for (let line = first; line < first + cache.ways; line++) {
    if ((word(world, cache, line, 0) & VALID) !== 0 && holds(world, cache, line, sid, ssid)) return line;
  }
  return -1;
}

/**
 * Copies a structure of `count` words, by default 64 bytes, from memory into a pinned line. Not `valid`: it is good for
 * this transaction only.
 */
export function fillLine(
  world: World,
  cache: TlbShape,
  tag: { readonly sid: number; readonly ssid: number },
  from: { readonly page: number; readonly offset: number },
  valid: boolean,
  count = CONTENT_WORDS,
): number {
  const line = placeFor(world, cache, setOf(cache, tag.sid, tag.ssid));
  clearLine(world, cache, line);
  put(world, cache, line, 0, (valid ? VALID : 0) | PINNED);
  put(world, cache, line, 1, tag.sid);
  put(world, cache, line, 2, tag.ssid);
  const words = wordsOf(world, from.page);
  for (let i = 0; i < count; i++) {
    put(world, cache, line, CONTENT + i, words[(from.offset >>> 2) + i] as number);
  }
  return line;
}

/** Keeps a line's words until `unpinLine`, whatever is invalidated meanwhile. */
export function pinLine(world: World, cache: TlbShape, line: number): void {
  put(world, cache, line, 0, word(world, cache, line, 0) | PINNED);
}

/** Ends the use of a line by a transaction; -1 for none. One that was invalidated meanwhile is cleared. */
export function unpinLine(world: World, cache: TlbShape, line: number): void {
  if (line < 0) return;
  if ((word(world, cache, line, 0) & VALID) === 0) clearLine(world, cache, line);
  else put(world, cache, line, 0, VALID);
}

/** Invalidates the lines that fit, and returns how many they were. */
export function dropLines(world: World, cache: TlbShape, fits: (sid: number, ssid: number) => boolean): number {
  let dropped = 0;
  for (let line = 0; line < cache.sets * cache.ways; line++) {
    const flags = word(world, cache, line, 0);
    if ((flags & VALID) === 0 || !fits(word(world, cache, line, 1), word(world, cache, line, 2))) continue;
    if ((flags & PINNED) !== 0) put(world, cache, line, 0, PINNED);
    else clearLine(world, cache, line);
    dropped++;
  }
  return dropped;
}

/** A field of the structure that a line holds. */
export function lineField(world: World, cache: TlbShape, line: number, field: Field): number {
  return getField(wordsOf(world, cache.page), field, line * LINE_WORDS + CONTENT);
}

export interface ConfigLine {
  readonly sid: number;
  readonly ssid: number;
  /** The structure's 16 words. */
  readonly words: Uint32Array;
}

/** All valid lines, in the order of their places: for those who look in from outside. */
export function linesOf(world: World, cache: TlbShape): ConfigLine[] {
  const words = wordsOf(world, cache.page);
  const lines: ConfigLine[] = [];
  for (let first = 0; first < cache.sets * cache.ways * LINE_WORDS; first += LINE_WORDS) {
    if (((words[first] as number) & VALID) === 0) continue;
    const [sid = 0, ssid = 0] = words.subarray(first + 1, first + 3);
    const content = words.subarray(first + CONTENT, first + CONTENT + CONTENT_WORDS);
    lines.push({ sid: sid >>> 0, ssid: ssid >>> 0, words: Uint32Array.from(content) });
  }
  return lines;
}

function setOf(cache: TlbShape, sid: number, ssid: number): number {
  return (sid + ssid) % cache.sets;
}

function holds(world: World, cache: TlbShape, line: number, sid: number, ssid: number): boolean {
  return word(world, cache, line, 1) === sid && word(world, cache, line, 2) === ssid;
}

/** A free line, else the next victim: the ways in turn, but for one in use. */
function placeFor(world: World, cache: TlbShape, set: number): number {
  const first = set * cache.ways;
  for (let line = first; line < first + cache.ways; line++) if (word(world, cache, line, 0) === 0) return line;
  const next = readWord(world, cache.page, first * LINE_BYTES + VICTIM) % cache.ways;
  const isPinned = (word(world, cache, first + next, 0) & PINNED) !== 0;
  const way = isPinned ? (next + 1) % cache.ways : next;
  writeWord(world, cache.page, first * LINE_BYTES + VICTIM, (way + 1) % cache.ways);
  return first + way;
}

function clearLine(world: World, cache: TlbShape, line: number): void {
  for (let i = 0; i < LINE_WORDS; i++) if (i * 4 !== VICTIM) put(world, cache, line, i, 0);
}

function word(world: World, cache: TlbShape, line: number, index: number): number {
  return readWord(world, cache.page, line * LINE_BYTES + index * 4);
}

function put(world: World, cache: TlbShape, line: number, index: number, value: number): void {
  writeWord(world, cache.page, line * LINE_BYTES + index * 4, value);
}
