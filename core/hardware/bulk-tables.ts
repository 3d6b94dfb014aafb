/**
 * The page tables that a stream walks, in one array: the words of each table are taken from the frames of the world when a
 * walk first comes to it, for nobody else writes to them while the device streams. What a walk writes itself (access flags)
 * goes into the world and into the array.
 */
import { memoryWords, writeWord } from '../world/memory.ts';
import type { World } from '../world/world.ts';

/** Pages of memory that can hold tables of a stream. */
const MOST = 2 ** 21;
const TABLE_WORDS = 1024;
const FIRST_TABLES = 64;
const NO_TABLE = -1;

export interface BulkTables {
  readonly world: World;
  /** First page of memory. */
  readonly first: number;
  /** By page number from `first` on: where its words begin in `words`, NO_TABLE before its first use. */
  readonly places: Int32Array;
  words: Int32Array;
  used: number;
}

export function tablesOf(world: World): BulkTables {
  const { ramFirst, ramEnd } = world.slots;
  const places = new Int32Array(Math.min(MOST, ramEnd - ramFirst)).fill(NO_TABLE);
  return { world, first: ramFirst, places, words: new Int32Array(FIRST_TABLES * TABLE_WORDS), used: 0 };
}

/** Where the words of a table begin in `words`, NO_TABLE where no memory answers. */
export function tableAt(tables: BulkTables, page: number): number {
  const known = tables.places[page - tables.first] ?? NO_TABLE;
  return known === NO_TABLE ? takeTable(tables, page) : known;
}

function takeTable(tables: BulkTables, page: number): number {
  const { world, first, places } = tables;
  const words = page - first < places.length ? memoryWords(world, page) : null;
  if (words === null) return NO_TABLE;
  const place = tables.used;
  if (place === tables.words.length) {
    const larger = new Int32Array(place * 2);
    larger.set(tables.words);
    tables.words = larger;
  }
  tables.words.set(words, place);
  places[page - first] = place;
  tables.used = place + TABLE_WORDS;
  return place;
}

/** Writes the low word of an entry, as a walk does that marks it as used. */
export function markEntry(tables: BulkTables, page: number, index: number, lo: number): void {
  writeWord(tables.world, page, index * 8, lo);
  tables.words[tableAt(tables, page) + index * 2] = lo;
}
