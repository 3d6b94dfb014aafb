/**
 * Which way of a full set of a cache makes room, and what a cache remembers for that. Behind its entries lies a word a set:
 * the next victim in turn (fifo), or the state of a generator of numbers (random). Behind these, only for lru, lies a word
 * an entry: how many valid entries of its set were used after it. All of it is state of the hardware, journalled and hashed.
 */
import { readWord, writeWord } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { TLB_ENTRY_BYTES, type TlbShape } from './tlb.ts';

/** fifo: the ways of a set in turn; lru: the one that was not used for longest; random: any, by a seed. */
export const REPLACEMENTS = ['fifo', 'lru', 'random'] as const;
export type Replacement = (typeof REPLACEMENTS)[number];

/** What a script says of a cache. */
export interface Geometry {
  /** A power of two. */
  readonly sets: number;
  readonly ways: number;
  readonly replacement: Replacement;
  /** Of `random`, 32 bits; 0 with the others. */
  readonly seed: number;
}

/** Bytes that a cache takes beside its entries. */
export function replacementBytes({ sets, ways, replacement }: TlbShape): number {
  return sets * 4 + (replacement === 'lru' ? sets * ways * 4 : 0);
}

/** The way of a full set that makes room. */
export function victimOf(world: World, tlb: TlbShape, set: number): number {
  if (tlb.replacement === 'lru') return leastRecent(world, tlb, set);
  const at = tlb.sets * tlb.ways * TLB_ENTRY_BYTES + set * 4;
  const state = read(world, tlb, at);
  if (tlb.replacement !== 'random') {
    write(world, tlb, at, (state + 1) % tlb.ways);
    return state;
  }
  const next = nextRandom(state === 0 ? firstRandom(tlb.seed ?? 0, set) : state);
  write(world, tlb, at, next);
  return next % tlb.ways;
}

/** Where the generator of a set begins; never 0, where it would stay. */
export function firstRandom(seed: number, set: number): number {
  return ((seed ^ Math.imul(set + 1, 0x9e37_79b9)) | 1) >>> 0;
}

/** Xorshift of 32 bits (Marsaglia 2003). */
export function nextRandom(state: number): number {
  let next = state ^ (state << 13);
  next ^= next >>> 17;
  return (next ^ (next << 5)) >>> 0;
}

function leastRecent(world: World, tlb: TlbShape, set: number): number {
  let way = 0;
  for (let other = 1; other < tlb.ways; other++) {
    if (ageOf(world, tlb, set, other) > ageOf(world, tlb, set, way)) way = other;
  }
  return way;
}

/** An entry was used, or put in: `isNew` where none was before. Only lru remembers that. */
export function touch(world: World, tlb: TlbShape, index: number, isNew = false): void {
  if (tlb.replacement !== 'lru') return;
  const set = Math.floor(index / tlb.ways);
  const own = index % tlb.ways;
  const age = isNew ? tlb.ways : ageOf(world, tlb, set, own);
  for (let way = 0; way < tlb.ways; way++) {
    const other = ageOf(world, tlb, set, way);
    if (way !== own && other < age && isValid(world, tlb, set, way)) setAge(world, tlb, set, way, other + 1);
  }
  setAge(world, tlb, set, own, 0);
}

/** An entry was dropped: those not used since then are one nearer. */
export function forget(world: World, tlb: TlbShape, index: number): void {
  if (tlb.replacement !== 'lru') return;
  const set = Math.floor(index / tlb.ways);
  const age = ageOf(world, tlb, set, index % tlb.ways);
  for (let way = 0; way < tlb.ways; way++) {
    const other = ageOf(world, tlb, set, way);
    if (other > age) setAge(world, tlb, set, way, other - 1);
  }
  setAge(world, tlb, set, index % tlb.ways, 0);
}

function isValid(world: World, tlb: TlbShape, set: number, way: number): boolean {
  return (read(world, tlb, (set * tlb.ways + way) * TLB_ENTRY_BYTES) & 1) !== 0;
}

function ageOf(world: World, tlb: TlbShape, set: number, way: number): number {
  return read(world, tlb, agePlace(tlb, set, way));
}

function setAge(world: World, tlb: TlbShape, set: number, way: number, age: number): void {
  write(world, tlb, agePlace(tlb, set, way), age);
}

function agePlace({ sets, ways }: TlbShape, set: number, way: number): number {
  return sets * ways * TLB_ENTRY_BYTES + sets * 4 + (set * ways + way) * 4;
}

function read(world: World, tlb: TlbShape, at: number): number {
  return readWord(world, tlb.page + Math.floor(at / 4096), at % 4096);
}

function write(world: World, tlb: TlbShape, at: number, value: number): void {
  writeWord(world, tlb.page + Math.floor(at / 4096), at % 4096, value);
}
