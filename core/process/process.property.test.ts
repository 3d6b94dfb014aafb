import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ERRNO } from '../lib/errno.ts';
import { DEFAULT_POLICY } from '../policy/policy.ts';
import { locks } from '../sim/lock.ts';
import { recount } from '../world/recount.ts';
import type { World } from '../world/world.ts';
import { sysFork } from './fork.ts';
import { frames } from './frame.ts';
import { mms } from './mm.ts';
import { isPresent, isWritable, nextUsed, pfnOf, readPte } from './page-table.ts';
import { slotCaching, swapSlots } from './swap.ts';
import { slotOf } from './swap-entry.ts';
import { sysExit, sysMprotect, sysMunmap } from './syscalls.ts';
import { createTask, type Task, tasks } from './task.ts';
import { aProcess, load, map, migrate, run, smallWorld, store, swapOut } from './testing.ts';
import { PROT, userPages } from './vma.ts';

/** Users have it with Sv39 too, and two tables meet in the middle. */
const FIRST = 0x300_0000 - 4;
const PAGES = 8;
const FAULT = -ERRNO.EFAULT;

/** What a process has at a page, as someone would say it who knows no page tables. */
interface Cell {
  readonly writable: boolean;
  readonly value: number;
}
/** A process and the memory it should have: one cell per page, null where nothing is mapped. */
interface Shadow {
  readonly task: Task;
  readonly cells: (Cell | null)[];
}

/** arm64 has most of the runs that it had when it was the only one. */
const FORMATS = ['arm64', 'arm64', 'sv39', 'sv48'] as const;

const command = fc.record({
  verb: fc.constantFrom(
    ...([
      'store',
      'store',
      'store',
      'load',
      'load',
      'map',
      'unmap',
      'protect',
      'fork',
      'exit',
      'swap',
      'move',
      'swap',
    ] as const),
  ),
  who: fc.nat(2),
  page: fc.nat(PAGES - 1),
  pages: fc.integer({ min: 1, max: 4 }),
  value: fc.integer({ min: 1, max: 0xffff_ffff }),
  writable: fc.boolean(),
});
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

test('any sequence of commands leaves each process with the memory that a naive model has', () => {
  fc.assert(
    fc.property(fc.constantFrom(...FORMATS), fc.array(command, { maxLength: 40 }), (format, commands) => {
      const world = smallWorld(128, DEFAULT_POLICY, 16, format);
      const first = aProcess(world);
      map(world, first, { start: FIRST, end: FIRST + PAGES });
      const shadows: Shadow[] = [
        { task: first, cells: new Array<Cell | null>(PAGES).fill({ writable: true, value: 0 }) },
      ];
      for (const each of commands) {
        if (shadows.length > 0) perform(world, shadows, each);
        checkReferences(world);
      }
      expect(recount(world)).toEqual(world.fingerprint());
      for (const { task } of shadows) run(world, task.actor, sysExit.at.call({ task: task.id }));
      expect(frames.all(world)).toHaveLength(1);
      expect(swapSlots.all(world)).toEqual([]);
      expect(locks.all(world)).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

function perform(world: World, shadows: Shadow[], { verb, who, page, pages, value, writable }: Command): void {
  const shadow = shadows[who % shadows.length] as Shadow;
  const { task, cells } = shadow;
  const { mm } = task;
  const start = FIRST + page;
  const end = Math.min(start + pages, FIRST + PAGES);
  const range = cells.slice(page, end - FIRST);
  if (verb === 'load') expect(load(world, task, start)).toBe(cells[page] === null ? FAULT : cells[page]?.value);
  if (verb === 'store') {
    const mayWrite = cells[page]?.writable === true;
    expect(store(world, task, start, value)).toBe(mayWrite ? 0 : FAULT);
    if (mayWrite) cells[page] = { writable: true, value };
  }
  if (verb === 'map') {
    const isFree = range.every((cell) => cell === null);
    expect(map(world, task, { start, end, write: writable ? 1 : 0 })).toBe(isFree ? start : -ERRNO.EEXIST);
    if (isFree) cells.fill({ writable, value: 0 }, page, end - FIRST);
  }
  if (verb === 'unmap') {
    expect(run(world, task.actor, sysMunmap.at.call({ mm, start, end }))).toBe(0);
    cells.fill(null, page, end - FIRST);
  }
  if (verb === 'protect') {
    const isMapped = range.every((cell) => cell !== null);
    const prot = PROT.read | (writable ? PROT.write : 0);
    const result = run(world, task.actor, sysMprotect.at.call({ mm, start, end, prot }));
    expect(result).toBe(isMapped ? 0 : -ERRNO.ENOMEM);
    if (isMapped) cells.splice(page, range.length, ...range.map((cell) => ({ writable, value: cell?.value ?? 0 })));
  }
  if (verb === 'swap') swapOut(world, task, start, end - start);
  if (verb === 'move') migrate(world, task, start, end - start);
  if (verb === 'fork' && shadows.length < 3) shadows.push({ task: forked(world, task), cells: [...cells] });
  if (verb === 'exit' && shadows.length > 1) {
    run(world, task.actor, sysExit.at.call({ task: task.id }));
    shadows.splice(shadows.indexOf(shadow), 1);
  }
}

function forked(world: World, parent: Task): Task {
  const child = createTask(world, 'child');
  run(world, parent.actor, sysFork.at.call({ task: parent.id, child: child.id }));
  return tasks.get(world, child.id);
}

/**
 * A frame has as many references as descriptors map it, and one of the swap cache; one that can be written has a single
 * user and no place on the disk. A place has as many users as swap entries name it.
 */
function checkReferences(world: World): void {
  const mapped = new Map<number, number>();
  const writers = new Set<number>();
  const named = new Map<number, number>();
  const end = userPages(world);
  for (const { pgd } of mms.all(world)) {
    for (let page = nextUsed(world, pgd, 0, end); page >= 0; page = nextUsed(world, pgd, page + 1, end)) {
      const pte = readPte(world, pgd, page);
      if (isPresent(pte)) mapped.set(pfnOf(pte), (mapped.get(pfnOf(pte)) ?? 0) + 1);
      else named.set(slotOf(pte), (named.get(slotOf(pte)) ?? 0) + 1);
      if (isWritable(pte)) writers.add(pfnOf(pte));
    }
  }
  for (const { pfn, refs, use } of frames.all(world)) {
    if (use !== 'anon') continue;
    const cached = slotCaching(world, pfn) === undefined ? 0 : 1;
    expect(refs).toBe((mapped.get(pfn) ?? 0) + cached);
    if (writers.has(pfn)) expect([refs, cached]).toEqual([1, 0]);
  }
  for (const { id, count } of swapSlots.all(world)) expect(count).toBe(named.get(id) ?? 0);
}
