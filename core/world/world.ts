import { assert } from '../lib/assert.ts';
import { Journal } from './journal.ts';
import { ID_BITS, ID_MASK, rowKey, WORD_BITS, WORD_MASK, wordKey } from './keys.ts';
import { leapTo } from './leap.ts';
import { type FrameSlots, PageFrame, ZERO_FRAME } from './page-frame.ts';
import { Pool } from './pool.ts';
import type { ReadLog } from './reads.ts';
import { type Ring, ringShare } from './ring.ts';
import type { Row } from './row.ts';
import type { Schema } from './table.ts';

export { rowKey, rowOfKey, wordKey, wordOfKey } from './keys.ts';

/** 64 bits: equal worlds have equal ones; unequal worlds, but for one case in 2^64, have unequal ones. */
export type Fingerprint = readonly [number, number];

/** The rows of one table, shared between branches until one of them writes. */
class TableData {
  owner: number;
  rows: (Row | undefined)[];

  constructor(owner: number, rows: (Row | undefined)[]) {
    this.owner = owner;
    this.rows = rows;
  }
}

/** Steps from which on a way is long. */
const LONG_WAY = 64;
let nextToken = 1;

/**
 * Everything the emulator knows: tables of rows and words of physical memory, both copy-on-write.
 * Slices reach it through table handles and the functions of memory.ts; nobody else touches its fields.
 */
export class World {
  readonly schema: Schema;
  readonly slots: FrameSlots;
  readonly rings: Ring[];
  journal: Journal | null = null;
  /** The actor whose step is being performed, -1 between steps. */
  acting = -1;
  /** Where steps say what they did (sim/telling.ts); null when nobody listens. */
  listener: ((topic: string, facts: Readonly<Record<string, number | string>>) => void) | null = null;
  /**
   * Tables and frames that were read and written since somebody set these to 0: a bit each, shared by every 32nd, so
   * that a set bit says "perhaps" and a clear one "certainly not". The ledger, which no guard may read, has none.
   */
  readTables = 0;
  readFrames = 0;
  writtenTables = 0;
  writtenFrames = 0;
  /** Where everything that is looked at is noted; null where nobody asks. */
  reads: ReadLog | null = null;
  private token = nextToken++;
  private hasBranches = false;
  private tables: TableData[];
  private frames: (PageFrame | undefined)[];
  private framesOwner = 0;
  /** Rows and frames of stacks seen so far by this world and its branches. */
  readonly pool: Pool;
  private h0 = 0;
  private h1 = 0;
  private ringsStale = true;
  private ring0 = 0;
  private ring1 = 0;

  constructor(schema: Schema, slots: FrameSlots, from?: World) {
    this.schema = schema;
    this.slots = slots;
    this.tables = from ? from.tables.slice() : schema.tables.map(() => new TableData(0, []));
    this.frames = from ? from.frames : [];
    this.rings = from ? from.rings : [];
    this.pool = from ? from.pool : new Pool();
    if (from) {
      this.h0 = from.h0;
      this.h1 = from.h1;
      from.token = nextToken++;
      from.hasBranches = true;
      this.hasBranches = true;
    }
  }

  rowsOf(table: number): readonly (Row | undefined)[] {
    this.readTables |= 1 << table;
    this.reads?.tables.add(table);
    return (this.tables[table] as TableData).rows;
  }

  rowOf(table: number, id: number): Row | undefined {
    this.readTables |= 1 << table;
    this.reads?.rows.add(rowKey(table, id));
    return (this.tables[table] as TableData).rows[id];
  }

  /** How many slots a table has, free ones too. */
  slotsIn(table: number): number {
    return (this.tables[table] as TableData).rows.length;
  }

  /** Puts a row in its place, or takes it away; `row` is the pooled one where there is a journal. */
  setRow(table: number, id: number, row: Row | undefined): void {
    const old = this.rowOf(table, id);
    if (row === old) return;
    this.journal?.noteRow(rowKey(table, id), old);
    this.placeRow(table, id, row, old);
  }

  private placeRow(table: number, id: number, row: Row | undefined, old: Row | undefined): void {
    this.ownRows(table)[id] = row;
    if (old !== undefined) this.weigh(-old.h0, old.h1);
    if (row !== undefined) this.weigh(row.h0, row.h1);
  }

  /** The rows of a table, to write to. */
  private ownRows(table: number): (Row | undefined)[] {
    let data = this.tables[table] as TableData;
    if (data.owner !== this.token) {
      data = new TableData(this.token, data.rows.slice());
      this.tables[table] = data;
    }
    this.writtenTables |= 1 << table;
    return data.rows;
  }

  private weigh(add: number, flip: number): void {
    this.h0 = (this.h0 + add) | 0;
    this.h1 ^= flip;
  }

  /** The frame in a slot; all zero where nothing was ever written. */
  frame(slot: number): PageFrame {
    this.readFrames |= 1 << slot;
    if (this.reads !== null && !this.slots.isLedger(slot)) this.reads.frames.add(slot);
    return this.frames[slot] ?? ZERO_FRAME;
  }

  /** One word of the frame in a slot. */
  wordAt(slot: number, index: number): number {
    this.readFrames |= 1 << slot;
    if (this.reads !== null && !this.slots.isLedger(slot)) this.reads.words.add(wordKey(slot, index));
    return (this.frames[slot] ?? ZERO_FRAME).words[index] as number;
  }

  /** What a page without a slot holds: which slot it will have is not known yet, so it counts as any. */
  unwrittenFrame(page: number): PageFrame {
    this.readFrames = ~0;
    return this.reads === null ? ZERO_FRAME : this.frame(this.slots.claim(page));
  }

  writeSlot(slot: number, index: number, value: number): void {
    const old = this.wordAt(slot, index);
    const word = value | 0;
    if (old === word) return;
    this.journal?.noteWord(wordKey(slot, index), old);
    this.placeWord(slot, index, word, old);
  }

  /** The words of the frame in a slot, to write to. */
  private ownWords(slot: number): Int32Array {
    if (this.framesOwner !== this.token) {
      this.frames = this.frames.slice();
      this.framesOwner = this.token;
    }
    let frame = this.frames[slot] ?? ZERO_FRAME;
    if (frame.owner !== this.token) {
      frame = new PageFrame(this.token, frame.words.slice());
      this.frames[slot] = frame;
    }
    return frame.words;
  }

  private placeWord(slot: number, index: number, word: number, old: number): void {
    this.ownWords(slot)[index] = word;
    const { slots } = this;
    const share = slots.shareOf(slot, index);
    if (share !== 'ledger') this.writtenFrames |= 1 << slot;
    if (share === 'ring') this.ringsStale = true;
    if (share !== 'hashed') return;
    this.weigh(
      slots.word0(slot, index, word) - slots.word0(slot, index, old),
      slots.word1(slot, index, word) ^ slots.word1(slot, index, old),
    );
  }

  /** Makes a queue count by its live entries, from the consumer on; its frames must still be zero. Part of booting. */
  addRing(ring: Ring): void {
    assert(this.journal === null && !this.hasBranches, 'rings are declared before a world is recorded or branched');
    assert(
      this.rings.every((known) => known.name !== ring.name),
      'each ring is declared once',
    );
    this.slots.claimRing(ring, this);
    this.rings.push(ring);
    this.ringsStale = true;
  }

  /** Opens a step of the journal, if there is one: what is written from here on can be undone as one. */
  openStep(): void {
    this.journal?.open(this.h0, this.h1);
  }

  /** Goes to the moment after so many steps; on a long way the fingerprint is not weighed but taken from the journal. */
  goTo(step: number): void {
    const journal = this.journal;
    assert(journal !== null && step >= 0 && step <= journal.steps, 'only steps that were performed can be gone to');
    if (Math.abs(step - journal.at) >= LONG_WAY) this.leap(journal, step);
    while (journal.at > step) this.back();
    while (journal.at < step) this.forward();
  }

  /** Goes a long way at once: nothing is weighed, since the journal knows the fingerprint of its end. */
  private leap(journal: Journal, step: number): void {
    if (journal.at === journal.steps) journal.notePrint(this.h0, this.h1);
    const ownWords = (slot: number): Int32Array => {
      this.writtenFrames |= 1 << slot;
      return this.ownWords(slot);
    };
    leapTo(journal, step, (table) => this.ownRows(table), ownWords);
    this.h0 = journal.print0.at(step);
    this.h1 = journal.print1.at(step);
    this.ringsStale = true;
  }

  /** Undoes the last performed step, or does again the next undone one. */
  back(): void {
    const journal = this.journal;
    assert(journal !== null && journal.at > 0, 'there is a step to go back over');
    if (journal.at === journal.steps) journal.notePrint(this.h0, this.h1);
    journal.at--;
    for (let i = journal.wordEnd(journal.at) - 1; i >= journal.wordStart.at(journal.at); i--) this.swapWord(journal, i);
    for (let i = journal.rowEnd(journal.at) - 1; i >= journal.rowStart.at(journal.at); i--) this.swapRow(journal, i);
  }

  forward(): void {
    const journal = this.journal;
    assert(journal !== null && journal.at < journal.steps, 'there is an undone step to do again');
    for (let i = journal.rowStart.at(journal.at); i < journal.rowEnd(journal.at); i++) this.swapRow(journal, i);
    for (let i = journal.wordStart.at(journal.at); i < journal.wordEnd(journal.at); i++) this.swapWord(journal, i);
    journal.at++;
  }

  private swapRow(journal: Journal, index: number): void {
    const key = journal.rowKey.at(index);
    const table = key >>> ID_BITS;
    const id = key & ID_MASK;
    const current = (this.tables[table] as TableData).rows[id];
    this.placeRow(table, id, journal.rowValue[index], current);
    journal.rowValue[index] = current;
  }

  private swapWord(journal: Journal, index: number): void {
    const key = journal.wordKey.at(index);
    const slot = key >>> WORD_BITS;
    const at = key & WORD_MASK;
    const current = this.frame(slot).words[at] as number;
    this.placeWord(slot, at, journal.wordValue.at(index), current);
    journal.wordValue.set(index, current);
  }

  /** Kept up to date as rows and words change; rings are counted again when one of their words did. */
  fingerprint(): Fingerprint {
    if (this.ringsStale) {
      this.ring0 = 0;
      this.ring1 = 0;
      for (const ring of this.rings) {
        const [a, b] = ringShare(this, ring);
        this.ring0 = (this.ring0 + a) | 0;
        this.ring1 ^= b;
      }
      this.ringsStale = false;
    }
    return [(this.h0 + this.ring0) | 0, this.h1 ^ this.ring1];
  }

  /** Slots of memory that were ever written, in ascending order. */
  *writtenSlots(): Iterable<number> {
    for (let slot = 0; slot < this.frames.length; slot++) if (this.frames[slot] !== undefined) yield slot;
  }
}

/** A second world that shares everything with the first until either writes. It has no journal. */
export function branch(world: World): World {
  return new World(world.schema, world.slots, world);
}

/** Starts recording: from here on every step can be undone and done again, and equal rows are one object. */
export function startJournal(world: World): Journal {
  for (const table of world.schema.tables) for (const row of table.all(world)) world.pool.intern(row, table.equal);
  const journal = new Journal();
  world.journal = journal;
  return journal;
}
