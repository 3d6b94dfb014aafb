import { writesAs } from '../sim/telling.ts';
import { writeWord } from '../world/memory.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

/** A file on the disk; it is there as long as the machine. */
export interface File extends Row {
  readonly name: string;
  /** In pages. */
  readonly size: number;
}

export const files = table<File>('file', { name: 'text', size: 'int' }, (id, r) => ({
  ...{ id, h0: 0, h1: 0, name: r.name, size: r.size },
}));

/** A page of a file that is in memory: the page cache, which has a reference to its frame. */
export interface CachedPage extends Row {
  readonly file: number;
  /** Page of the file. */
  readonly offset: number;
  readonly pfn: number;
}

export const cachedPages = table<CachedPage>('cachedPage', { file: 'int', offset: 'int', pfn: 'int' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  file: r.file,
  offset: r.offset,
  pfn: r.pfn,
}));

writesAs('file', (world, file) => baseName(files.get(world, file).name));

const SECTOR = 512;
const NAME_WORDS = 6;

/** The file of this name, as large as the largest size that was asked for. */
export function openFile(world: World, name: string, size: number): File {
  const known = files.first(world, (file) => file.name === name);
  if (known === undefined) return files.insert(world, { name, size });
  if (known.size >= size) return known;
  return files.edit(world, known.id, (row) => {
    row.size = size;
  });
}

/** The cached page of a file, null if it has to be read from the disk. */
export function findCached(world: World, file: number, offset: number): CachedPage | null {
  return cachedPages.first(world, (page) => page.file === file && page.offset === offset) ?? null;
}

/**
 * Writes what the disk has: each 512-byte sector begins with the file's name (24 bytes of ASCII), the page of the file
 * and the sector of the page, so that a read shows where it came from. The rest is zero.
 */
export function readFromDisk(world: World, file: number, offset: number, pfn: number): void {
  const name = nameWords(files.get(world, file).name);
  for (let sector = 0; sector < 4096 / SECTOR; sector++) {
    const words = [...name, offset, sector];
    words.forEach((word, index) => {
      writeWord(world, pfn, sector * SECTOR + index * 4, word);
    });
  }
}

/** The first 24 characters of a file's name without its folder, as little-endian words. */
export function nameWords(path: string): number[] {
  const name = baseName(path);
  return Array.from({ length: NAME_WORDS }, (_, word) => {
    let value = 0;
    for (let byte = 3; byte >= 0; byte--) value = (value << 8) | (name.charCodeAt(word * 4 + byte) & 0x7f);
    return value;
  });
}

function baseName(path: string): string {
  return path.replace(/^.*\//, '');
}
