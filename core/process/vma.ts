import { formatOf } from '../hardware/cpus.ts';
import { assert } from '../lib/assert.ts';
import { shortPage } from '../lib/format.ts';
import { writesAs } from '../sim/telling.ts';
import type { Draft, Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

/** A range of addresses with one set of rights and one source of content. Addresses are page numbers. */
export interface Vma extends Row {
  /** -1 until it is linked into an mm. */
  readonly mm: number;
  readonly start: number;
  /** The first page after it. */
  readonly end: number;
  /** 0 or 1, as all rights. */
  readonly read: number;
  readonly write: number;
  readonly exec: number;
  /** 1: writes go to the file, not to a copy. */
  readonly shared: number;
  readonly kind: 'anon' | 'file' | 'stack' | 'special';
  readonly file: number;
  /** Page of the file that `start` shows. */
  readonly offset: number;
  readonly name: string;
  /** 1: its pages stay in memory. Kernel: VM_LOCKED. */
  readonly locked: number;
  /** 1: fork() gives it to no child. Kernel: VM_DONTCOPY. */
  readonly dontfork: number;
}

export const vmas = table<Vma>(
  'vma',
  {
    ...{ mm: 'int', start: 'int', end: 'int', read: 'int', write: 'int', exec: 'int', shared: 'int', kind: 'text' },
    ...{ file: 'int', offset: 'int', name: 'text', locked: 'int', dontfork: 'int' },
  },
  (id, r) => ({
    ...{ id, h0: 0, h1: 0, mm: r.mm, start: r.start, end: r.end, read: r.read, write: r.write, exec: r.exec },
    ...{ shared: r.shared, kind: r.kind, file: r.file, offset: r.offset, name: r.name },
    ...{ locked: r.locked, dontfork: r.dontfork },
  }),
);

writesAs('vma', (world, vma) => vmas.get(world, vma).name.replace(/^.*\//, ''));
writesAs('page', (_world, page) => shortPage(page));
writesAs('start', (_world, page) => shortPage(page));
writesAs('end', (_world, page) => shortPage(page));

/** Pages that a user may have, from address 0 on. Kernel: TASK_SIZE. */
export function userPages(world: World): number {
  return formatOf(world).userPages;
}

/** Nothing is mapped so low. Kernel: mmap_min_addr, 64 KiB. */
export const LOWEST_PAGE = 16;
/** Pages that stay free below a stack. Kernel: stack_guard_gap. */
export const STACK_GUARD_GAP = 256;
/** Pages that a stack may have: RLIMIT_STACK, 8 MiB. */
export const STACK_LIMIT = 2048;

/** Rights as one number: PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4. */
export const PROT = { read: 1, write: 2, exec: 4 } as const;

/** A VMA that is private and anonymous, with these fields instead where given. */
export function newVma(fields: Partial<Draft<Vma>> & Pick<Draft<Vma>, 'start' | 'end' | 'name'>): Draft<Vma> {
  const rights = { read: 1, write: 1, exec: 0 };
  const flags = { shared: 0, locked: 0, dontfork: 0 };
  return { mm: -1, ...rights, ...flags, kind: 'anon', file: -1, offset: 0, ...fields };
}

/** The VMAs of an mm by address. */
export function vmasOf(world: World, mm: number): Vma[] {
  return vmas
    .all(world)
    .filter((vma) => vma.mm === mm)
    .sort((a, b) => a.start - b.start);
}

/** The first VMA that ends behind a page; the page may lie below it. Kernel: find_vma. */
export function findVma(world: World, mm: number, page: number): Vma | null {
  let best: Vma | null = null;
  for (const vma of vmas.slots(world)) {
    if (vma === undefined || vma.mm !== mm || vma.end <= page) continue;
    if (best === null || vma.start < best.start) best = vma;
  }
  return best;
}

/** The VMA that a page lies in. Kernel: vma_lookup. */
export function vmaLookup(world: World, mm: number, page: number): Vma | null {
  const vma = findVma(world, mm, page);
  return vma !== null && vma.start <= page ? vma : null;
}

/** The VMA that a page lies in, after growing the stack down to it if that is allowed. Kernel: find_extend_vma. */
export function findExtendVma(world: World, mm: number, page: number): Vma | null {
  const vma = findVma(world, mm, page);
  if (vma === null || vma.start <= page) return vma;
  return canGrow(world, vma, page) ? growStack(world, vma, page) : null;
}

/** A stack grows down to a page within its limit, and not close to what lies below. Kernel: acct_stack_growth. */
export function canGrow(world: World, vma: Vma, page: number): boolean {
  if (vma.kind !== 'stack' || vma.end - page > STACK_LIMIT || page < LOWEST_PAGE) return false;
  return page - endBelow(world, vma.mm, vma.start) >= STACK_GUARD_GAP;
}

/** The VMA begins at a lower page. Kernel: expand_downwards. */
export function growStack(world: World, vma: Vma, page: number): Vma {
  return vmas.edit(world, vma.id, (row) => {
    row.start = page;
  });
}

/** The end of the last VMA that ends at or below a page; 0 if there is none. */
export function endBelow(world: World, mm: number, page: number): number {
  let end = 0;
  for (const vma of vmas.slots(world)) {
    if (vma !== undefined && vma.mm === mm && vma.end <= page && vma.end > end) end = vma.end;
  }
  return end;
}

/** The start of the first VMA from a page on; the end of all addresses if there is none. */
export function startAbove(world: World, mm: number, page: number): number {
  return findVma(world, mm, page)?.start ?? userPages(world);
}

/** Whether rights (of PROT) are all granted; what can be written can be read, as on arm64. */
export function permits(vma: Vma, prot: number): boolean {
  if ((prot & PROT.write) !== 0 && vma.write === 0) return false;
  if ((prot & PROT.exec) !== 0 && vma.exec === 0) return false;
  return (prot & PROT.read) === 0 || vma.read === 1 || vma.write === 1;
}

/** Some page between `start` and `end` is taken. */
export function overlaps(world: World, mm: number, start: number, end: number): boolean {
  const vma = findVma(world, mm, start);
  return vma !== null && vma.start < end;
}

/** Every page between `start` and `end` lies in a VMA. */
export function isCovered(world: World, mm: number, start: number, end: number): boolean {
  for (let page = start; page < end; ) {
    const vma = vmaLookup(world, mm, page);
    if (vma === null) return false;
    page = vma.end;
  }
  return true;
}

/** Splits VMAs so that none crosses `start` or `end`, and gives those between. Kernel: split_vma. */
export function isolate(world: World, mm: number, start: number, end: number): Vma[] {
  for (const at of [start, end]) {
    const vma = vmaLookup(world, mm, at);
    if (vma !== null && vma.start < at) split(world, vma, at);
  }
  return vmasOf(world, mm).filter((vma) => vma.start >= start && vma.end <= end);
}

function split(world: World, vma: Vma, at: number): void {
  assert(vma.start < at && at < vma.end, 'a VMA is split inside');
  const offset = vma.kind === 'file' ? vma.offset + (at - vma.start) : 0;
  vmas.insert(world, { ...vma, start: at, offset, kind: vma.kind });
  vmas.edit(world, vma.id, (row) => {
    row.end = at;
  });
}

/** Joins neighbours that differ in nothing, within and next to the range. Kernel: vma_merge. */
export function mergeAround(world: World, mm: number, start: number, end: number): void {
  let below: Vma | null = null;
  for (const vma of vmasOf(world, mm)) {
    if (vma.end < start || vma.start > end) continue;
    if (below === null || !canMerge(below, vma)) {
      below = vma;
      continue;
    }
    vmas.remove(world, vma.id);
    below = vmas.edit(world, below.id, (row) => {
      row.end = vma.end;
    });
  }
}

function canMerge(below: Vma, above: Vma): boolean {
  if (below.end !== above.start || below.kind !== above.kind || below.kind === 'special') return false;
  if (below.read !== above.read || below.write !== above.write || below.exec !== above.exec) return false;
  if (below.locked !== above.locked || below.dontfork !== above.dontfork) return false;
  if (below.file !== above.file || below.shared !== above.shared || below.name !== above.name) return false;
  return below.kind !== 'file' || below.offset + (below.end - below.start) === above.offset;
}
