/** A /proc/PID/maps text as VMAs. Format: proc(5); fs/proc/task_mmu.c show_map_vma(). */
import { err, ok, type Result } from '../lib/result.ts';
import type { World } from '../world/world.ts';
import { openFile } from './file.ts';
import { newVma, type Vma, vmas } from './vma.ts';

/** Longer texts are refused: a page is to draw them. */
export const MAX_LINES = 4096;

/** A line of the text as a VMA to be; the file by its path. */
export interface MapsVma extends Pick<Vma, 'start' | 'end' | 'read' | 'write' | 'exec' | 'shared' | 'kind'> {
  readonly offset: number;
  readonly name: string;
  readonly path: string | null;
  readonly line: number;
}

/** A line that is right, but names no memory of a user. */
export interface SkippedLine {
  readonly line: number;
  readonly text: string;
  readonly why: string;
}

/** A line that cannot be used; lines and columns count from 1. */
export interface MapsDiagnostic {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface Maps {
  readonly vmas: readonly MapsVma[];
  readonly skipped: readonly SkippedLine[];
  readonly diagnostics: readonly MapsDiagnostic[];
}

/** What is wrong with a line, and where. */
interface Flaw {
  readonly column: number;
  readonly message: string;
}

/** One column of a line: what it looks like, and how to say that. The groups of all are the fields of a VMA. */
const COLUMNS = [
  { pattern: /([0-9a-f]+)-([0-9a-f]+)/y, expected: 'an address range such as 7f0000000000-7f0000001000' },
  { pattern: / ([r-])([w-])([x-])([ps])/y, expected: 'rights such as r-xp' },
  { pattern: / ([0-9a-f]+)/y, expected: 'an offset in hex' },
  { pattern: / [0-9a-f]+:[0-9a-f]+/y, expected: 'a device such as fe:00' },
  { pattern: / [0-9]+/y, expected: 'an inode number' },
  { pattern: /(?: +(.*))?$/y, expected: 'a path, or the end of the line' },
] as const;

/** Reads a maps text. Never throws: lines that cannot be used are located, the others are there all the same. */
export function parseMaps(text: string): Maps {
  const found: MapsVma[] = [];
  const skipped: SkippedLine[] = [];
  const diagnostics: MapsDiagnostic[] = [];
  const lines = text.split(/\r?\n/);
  lines.slice(0, MAX_LINES).forEach((content, index) => {
    const line = index + 1;
    if (content.trim() === '') return;
    const parsed = parseLine(content, line, found.at(-1));
    if (!parsed.ok) diagnostics.push({ line, ...parsed.error });
    else if (typeof parsed.value === 'string') skipped.push({ line, text: content, why: parsed.value });
    else found.push(parsed.value);
  });
  if (lines.length > MAX_LINES) {
    diagnostics.push({ line: MAX_LINES + 1, column: 1, message: `more than ${MAX_LINES} lines` });
  }
  return { vmas: found, skipped, diagnostics };
}

/** The VMA, or why the line names none. */
function parseLine(content: string, line: number, below: MapsVma | undefined): Result<MapsVma | string, Flaw> {
  const fields = fieldsOf(content);
  if (!fields.ok) return fields;
  const [from = '', to = '', read, write, exec, sharing, offset = '0', path = ''] = fields.value;
  const [start, end] = [pageOf(from), pageOf(to)];
  const toColumn = from.length + 2;
  if (start === 'beyond' || end === 'beyond')
    return ok('it lies in the half of the addresses that belongs to the kernel');
  if (start === null) return err({ column: 1, message: 'an address is a multiple of 0x1000' });
  if (end === null) return err({ column: toColumn, message: 'an address is a multiple of 0x1000' });
  if (end <= start) return err({ column: toColumn, message: 'the range ends before it begins' });
  if (below !== undefined && start < below.end) {
    return err({ column: 1, message: `the range begins before the end of that in line ${below.line}` });
  }
  const offsetPages = pageOf(offset);
  if (typeof offsetPages !== 'number') {
    return err({ column: content.indexOf(` ${offset} `) + 2, message: 'an offset is a multiple of 0x1000' });
  }
  const rights = { read: flag(read === 'r'), write: flag(write === 'w'), exec: flag(exec === 'x') };
  const source = sharing === 's' ? sharedSourceOf(path) : sourceOf(path);
  const place = source.kind === 'file' ? offsetPages : 0;
  return ok({ start, end, ...rights, shared: flag(sharing === 's'), offset: place, line, ...source });
}

function flag(on: boolean): number {
  return on ? 1 : 0;
}

function fieldsOf(content: string): Result<string[], Flaw> {
  const fields: string[] = [];
  let at = 0;
  for (const { pattern, expected } of COLUMNS) {
    pattern.lastIndex = at;
    const match = pattern.exec(content);
    if (match === null) return err({ column: at + (content[at] === ' ' ? 2 : 1), message: `expected ${expected}` });
    fields.push(...match.slice(1));
    at += match[0].length;
  }
  return ok(fields);
}

/** No architecture gives a user more than 48 bits of address. */
const MOST_PAGES = 2 ** 36;

/** The page number of a hex address; null if it is not at the start of a page, 'beyond' if no user can have it. */
function pageOf(digits: string): number | 'beyond' | null {
  const significant = digits.replace(/^0+(?=.)/, '');
  if (significant === '0') return 0;
  if (!significant.endsWith('000')) return null;
  const page = Number.parseInt(significant.slice(0, -3), 16);
  return page > MOST_PAGES ? 'beyond' : page;
}

/** What a path says about the content. Names in brackets are the kernel's own (arch_vma_name, anon_vma_name). */
function sourceOf(path: string): Pick<MapsVma, 'kind' | 'name' | 'path'> {
  if (path === '') return { kind: 'anon', name: 'anon', path: null };
  if (path === '[stack]') return { kind: 'stack', name: 'stack', path: null };
  const named = /^\[(heap|anon(?:_shmem)?:.*)\]$/.exec(path)?.[1];
  if (named !== undefined) return { kind: 'anon', name: named, path: null };
  const special = /^\[(.*)\]$/.exec(path)?.[1];
  if (special !== undefined) return { kind: 'special', name: special, path: null };
  return { kind: 'file', name: path, path };
}

/** What is shared is a file, also where the kernel made it one by itself for MAP_ANONYMOUS. */
function sharedSourceOf(path: string): Pick<MapsVma, 'kind' | 'name' | 'path'> {
  const source = sourceOf(path);
  if (source.kind === 'file' || source.kind === 'special') return source;
  const name = path === '' ? '/dev/zero (deleted)' : path;
  return { kind: 'file', name, path: name };
}

/** Gives an mm without VMAs those of a maps text; files get the size that the mappings show. */
export function mapAll(world: World, mm: number, list: readonly MapsVma[]): void {
  for (const { line: _line, path, ...vma } of list) {
    const file = path === null ? -1 : openFile(world, path, vma.offset + (vma.end - vma.start)).id;
    vmas.insert(world, newVma({ ...vma, mm, file }));
  }
}
