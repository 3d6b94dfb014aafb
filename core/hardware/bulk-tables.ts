/**
 * The page tables that a stream walks: the real frames of the world, each looked up once. What a walk writes (access flags)
 * it writes into the world, and the frame is looked up anew.
 */
import { memoryWords, writeWord } from '../world/memory.ts';
import type { World } from '../world/world.ts';

/** Pages of memory that have a place in the list; tables beyond it are looked up each time. */
const MOST = 2 ** 21;

export interface BulkTables {
  readonly world: World;
  readonly first: number;
  /** By page number from `first` on; undefined before the first use, null where no memory answers. */
  readonly frames: (Int32Array | null | undefined)[];
}

export function tablesOf(world: World): BulkTables {
  const { ramFirst, ramEnd } = world.slots;
  const frames = new Array<Int32Array | null | undefined>(Math.min(MOST, ramEnd - ramFirst));
  return { world, first: ramFirst, frames: frames.fill(undefined) };
}

/** The words of a table, null where no memory answers. */
export function tableAt(tables: BulkTables, page: number): Int32Array | null {
  return tables.frames[page - tables.first] ?? lookUp(tables, page);
}

function lookUp({ world, first, frames }: BulkTables, page: number): Int32Array | null {
  const words = memoryWords(world, page);
  if (page >= first && page - first < frames.length) frames[page - first] = words;
  return words;
}

/** Writes the low word of an entry, as a walk does that marks it as used. */
export function markEntry(tables: BulkTables, page: number, index: number, lo: number): void {
  writeWord(tables.world, page, index * 8, lo);
  tables.frames[page - tables.first] = undefined;
  lookUp(tables, page);
}
