import { assert } from '../lib/assert.ts';
import { finish0, finish1, mix0, mix1, wide0, wide1 } from '../lib/hash.ts';
import type { Ring } from './ring.ts';
import type { World } from './world.ts';

export const FRAME_WORDS = 1024;

/** 4 KiB of physical memory as 32-bit words, shared between branches until one of them writes. */
export class PageFrame {
  readonly owner: number;
  readonly words: Int32Array;

  constructor(owner: number, words: Int32Array) {
    this.owner = owner;
    this.words = words;
  }
}

export const ZERO_FRAME = new PageFrame(-1, new Int32Array(FRAME_WORDS));

/** How a word enters the fingerprint: by itself, as part of a ring, or (clock and statistics) not at all. */
export type Share = 'hashed' | 'ring' | 'ledger';
const SHARES: readonly Share[] = ['hashed', 'ring', 'ledger'];

/** Page numbers from here on are storage inside a device or the SMMU: no bus address reaches them. */
export const SRAM_FIRST = 2 ** 44;
/** Page numbers from here on hold what no guard, step or invariant may read: clock and statistics. */
export const LEDGER_FIRST = 2 ** 45;

const RECENT = 64;
/** The three kinds of sparse pages begin at multiples of 2^44, and their first pages must not meet in one place. */
const recentOf = (page: number): number => (page + Math.floor(page / SRAM_FIRST) * 21) & (RECENT - 1);

/** Said by `ramSlot` of a page that is no memory. */
export const NO_RAM = -2;

/**
 * Where the frames of a world and all its branches stand: memory the machine hands out in a dense array, the sparse
 * rest (registers, storage inside devices, memory beyond the dense part) by a hash.
 */
export class FrameSlots {
  /** First page number of memory, and the first after it. */
  readonly ramFirst: number;
  readonly ramEnd: number;
  private readonly dense: Int32Array;
  private readonly sparse = new Map<number, number>();
  /** Sparse pages found lately, by `recentOf`: registers, caches and clock are asked for in turn at every event. */
  private readonly recentPages = new Float64Array(RECENT).fill(-1);
  private readonly recentSlots = new Int32Array(RECENT);
  private readonly pages: number[] = [];
  private readonly seed0: number[] = [];
  private readonly seed1: number[] = [];
  private readonly shares: (Uint8Array | null)[] = [];

  /** `densePages`: how much of memory, from its first page on, has a place in the array. */
  constructor(ramFirst: number, ramPages: number, densePages = ramPages) {
    this.ramFirst = ramFirst;
    this.ramEnd = ramFirst + ramPages;
    this.dense = new Int32Array(densePages).fill(-1);
  }

  isRam(page: number): boolean {
    return page >= this.ramFirst && page < this.ramEnd;
  }

  /** The slot of a page of memory: -1 if it was never written, NO_RAM if it is no memory. */
  ramSlot(page: number): number {
    return this.isRam(page) ? this.find(page) : NO_RAM;
  }

  private isDense(page: number): boolean {
    return page >= this.ramFirst && page < this.ramFirst + this.dense.length;
  }

  /** The slot of a page, -1 if it was never written. */
  find(page: number): number {
    if (this.isDense(page)) return this.dense[page - this.ramFirst] as number;
    const recent = recentOf(page);
    if (this.recentPages[recent] === page) return this.recentSlots[recent] as number;
    const slot = this.sparse.get(page);
    if (slot === undefined) return -1;
    this.recentPages[recent] = page;
    this.recentSlots[recent] = slot;
    return slot;
  }

  claim(page: number): number {
    const known = this.find(page);
    if (known >= 0) return known;
    const slot = this.pages.length;
    this.pages.push(page);
    this.seed0.push(wide0(0x51ed270b, page));
    this.seed1.push(wide1(0x2545f491, page));
    this.shares.push(page >= LEDGER_FIRST ? new Uint8Array(FRAME_WORDS).fill(2) : null);
    if (this.isDense(page)) this.dense[page - this.ramFirst] = slot;
    else this.sparse.set(page, slot);
    return slot;
  }

  pageOf(slot: number): number {
    return this.pages[slot] as number;
  }

  shareOf(slot: number, index: number): Share {
    const mask = this.shares[slot] as Uint8Array | null;
    return mask === null ? 'hashed' : (SHARES[mask[index] as number] as Share);
  }

  /** Whether a slot holds clock and statistics. */
  isLedger(slot: number): boolean {
    return this.pageOf(slot) >= LEDGER_FIRST;
  }

  /** The share of one word in the fingerprint; zero words have none, so untouched memory costs nothing. */
  word0(slot: number, index: number, value: number): number {
    return value === 0 ? 0 : finish0(mix0(mix0(this.seed0[slot] as number, index), value));
  }

  word1(slot: number, index: number, value: number): number {
    return value === 0 ? 0 : finish1(mix1(mix1(this.seed1[slot] as number, index), value));
  }

  claimRing(ring: Ring, world: World): void {
    const bytes = ring.entryBytes << ring.log2Size;
    for (let offset = 0; offset < bytes; offset += 4) {
      this.markRing(world, ring.page + (offset >>> 12), offset & 0xfff);
    }
    this.markRing(world, ring.prodPage, ring.prodOffset);
    this.markRing(world, ring.consPage, ring.consOffset);
  }

  private markRing(world: World, page: number, offset: number): void {
    const slot = this.claim(page);
    assert(world.frame(slot).words[offset >>> 2] === 0, 'a ring is declared before its words are written');
    const mask = this.shares[slot] ?? new Uint8Array(FRAME_WORDS);
    mask[offset >>> 2] = 1;
    this.shares[slot] = mask;
  }
}
