import { expect, test } from 'vitest';
import { TLB_MISS, translate } from '../hardware/cpu-mmu.ts';
import { ERRNO } from '../lib/errno.ts';
import { actors, perform, post } from '../sim/actor.ts';
import { recount } from '../world/recount.ts';
import { startJournal, type World } from '../world/world.ts';
import { openFile } from './file.ts';
import { sysFork } from './fork.ts';
import { frames } from './frame.ts';
import { mms } from './mm.ts';
import { MAX_MAP_COUNT } from './mmap.ts';
import { registerNotifier } from './notifier.ts';
import { isPresent, isValid, isWritable, pfnOf, readPte } from './page-table.ts';
import { sysMprotect, sysMunmap } from './syscalls.ts';
import { createTask, type Task, tasks } from './task.ts';
import { aProcess, finish, listen, load, map, run, runTo, smallWorld, store, USER_PAGES } from './testing.ts';
import { PROT, vmas, vmasOf } from './vma.ts';

const HEAP = 0x7f0000000;

function withHeap(...touched: number[]) {
  const world = smallWorld();
  const app = aProcess(world);
  map(world, app, { start: HEAP, end: HEAP + 16 });
  for (const page of touched) store(world, app, HEAP + page, page + 1);
  return { world, app, asid: mms.get(world, app.mm).asid };
}

function pteOf(world: World, task: Task, page: number) {
  return readPte(world, mms.get(world, task.mm).pgd, page);
}

function munmap(world: World, task: Task, start: number, end: number): number {
  return run(world, task.actor, sysMunmap.at.call({ mm: task.mm, start, end }));
}

function mprotect(world: World, task: Task, start: number, end: number, prot: number): number {
  return run(world, task.actor, sysMprotect.at.call({ mm: task.mm, start, end, prot }));
}

const used = (world: World, use: string) => frames.all(world).filter((frame) => frame.use === use).length;
const ranges = (world: World, task: Task) => vmasOf(world, task.mm).map(({ start, end }) => [start - HEAP, end - HEAP]);

test('a mapping goes where it is asked to, below the others, or nowhere', () => {
  const { world, app } = withHeap();
  const anywhere = map(world, app, { start: 0, end: 4, name: 'a' });

  expect(map(world, app, { start: HEAP + 15, end: HEAP + 20 })).toBe(-ERRNO.EEXIST);
  expect(map(world, app, { start: HEAP + 20, end: HEAP + 20 })).toBe(-ERRNO.EINVAL);
  expect(map(world, app, { start: 1, end: 2 })).toBe(-ERRNO.EPERM);
  expect(map(world, app, { start: 32, end: 33, shared: 1 })).toBe(-ERRNO.EINVAL);
  expect(map(world, app, { start: USER_PAGES - 1, end: USER_PAGES + 1 })).toBe(-ERRNO.ENOMEM);
  expect(map(world, app, { start: 0, end: USER_PAGES - 2 ** 15 })).toBe(-ERRNO.ENOMEM);
  expect(map(world, app, { start: 0, end: 4, name: 'b' })).toBe(anywhere - 4);
  expect(vmas.all(world).every(({ mm }) => mm === app.mm)).toBe(true);
  expect(MAX_MAP_COUNT).toBe(65_530);
});

test('mapping next to memory of the same kind makes one VMA', () => {
  const { world, app } = withHeap();

  expect(map(world, app, { start: HEAP + 16, end: HEAP + 20 })).toBe(HEAP + 16);
  expect(ranges(world, app)).toEqual([[0, 20]]);
});

test('munmap frees a frame only when CPU and notifiers have forgotten its translation', () => {
  const { world, app, asid } = withHeap(2, 3);
  registerNotifier(world, app.mm);
  const pfn = pfnOf(pteOf(world, app, HEAP + 2));
  const seen: unknown[] = [];
  listen((w, text) => {
    const frame = frames.all(w).find((each) => each.pfn === pfn);
    seen.push([text, isPresent(pteOf(w, app, HEAP + 2)), translate(w, asid, HEAP + 2, 'read'), frame?.refs]);
  });

  expect(munmap(world, app, HEAP + 1, HEAP + 4)).toBe(0);

  const range = `invalidate ${app.mm} ${(HEAP + 1).toString(16)} ${(HEAP + 4).toString(16)}`;
  expect(seen).toEqual([[range, false, TLB_MISS, 1]]);
  expect(used(world, 'anon')).toBe(0);
  expect(ranges(world, app)).toEqual([
    [0, 1],
    [4, 16],
  ]);
  expect(load(world, app, HEAP + 2)).toBe(-ERRNO.EFAULT);
});

test('descriptors go one after another, so that others see the range half unmapped', () => {
  const { world, app } = withHeap(0, 1, 2);
  post(world, app.actor, sysMunmap.at.call({ mm: app.mm, start: HEAP, end: HEAP + 3 }));
  runTo(world, app.actor, 'do_munmap.more');

  expect([0, 1, 2].map((page) => isPresent(pteOf(world, app, HEAP + page)))).toEqual([false, true, true]);
  expect(used(world, 'anon')).toBe(3);
  finish(world, app.actor);
  expect(used(world, 'anon')).toBe(0);
});

test('a page that was only read is forgotten by all, too', () => {
  const { world, app, asid } = withHeap();
  load(world, app, HEAP);
  registerNotifier(world, app.mm);
  const seen: string[] = [];
  listen((_world, text) => seen.push(text));

  munmap(world, app, HEAP, HEAP + 1);

  expect(seen).toHaveLength(1);
  expect(translate(world, asid, HEAP, 'read')).toBe(TLB_MISS);
});

test('unmapping what nobody touched tells nobody', () => {
  const { world, app } = withHeap(0);
  registerNotifier(world, app.mm);
  const seen: string[] = [];
  listen((_world, text) => seen.push(text));

  expect(munmap(world, app, HEAP + 1, HEAP + 2)).toBe(0);
  expect(seen).toEqual([]);
});

test('page tables go with the last memory that needed them', () => {
  const { world, app } = withHeap(0);
  expect(used(world, 'table')).toBe(4);

  munmap(world, app, HEAP, HEAP + 8);
  expect(used(world, 'table')).toBe(4);
  munmap(world, app, HEAP + 8, HEAP + 16);
  expect(used(world, 'table')).toBe(1);
});

test('mprotect gives no right to write what a child still shares', () => {
  const { world, app } = withHeap(2);
  const child = createTask(world, 'child');
  run(world, app.actor, sysFork.at.call({ task: app.id, child: child.id }));

  mprotect(world, app, HEAP, HEAP + 16, PROT.read | PROT.write);

  store(world, app, HEAP + 2, 9);
  expect(load(world, tasks.get(world, child.id), HEAP + 2)).toBe(3);
});

test('a range that makes no sense is refused and changes nothing', () => {
  const { world, app } = withHeap(0);
  const before = ranges(world, app);

  expect(munmap(world, app, HEAP + 1, HEAP + 1)).toBe(-ERRNO.EINVAL);
  expect(munmap(world, app, USER_PAGES - 1, USER_PAGES + 1)).toBe(-ERRNO.EINVAL);
  expect(mprotect(world, app, HEAP + 8, HEAP + 17, PROT.read)).toBe(-ERRNO.ENOMEM);
  expect(ranges(world, app)).toEqual(before);
});

test('mprotect takes the right to write from VMA, descriptor, CPU and notifiers', () => {
  const { world, app, asid } = withHeap(2);
  registerNotifier(world, app.mm);
  const seen: unknown[] = [];
  listen((w, text) =>
    seen.push([text.split(' ')[0], isWritable(pteOf(w, app, HEAP + 2)), translate(w, asid, HEAP + 2, 'read')]),
  );

  expect(mprotect(world, app, HEAP + 2, HEAP + 4, PROT.read)).toBe(0);

  expect(seen).toEqual([['invalidate', false, TLB_MISS]]);
  expect(store(world, app, HEAP + 2, 9)).toBe(-ERRNO.EFAULT);
  expect(load(world, app, HEAP + 2)).toBe(3);
  expect(ranges(world, app)).toEqual([
    [0, 2],
    [2, 4],
    [4, 16],
  ]);

  mprotect(world, app, HEAP + 2, HEAP + 4, PROT.read | PROT.write);
  expect(ranges(world, app)).toEqual([[0, 16]]);
});

test('a page without any right keeps its content until it gets one back', () => {
  const { world, app } = withHeap(2);

  mprotect(world, app, HEAP, HEAP + 16, 0);
  expect(isValid(pteOf(world, app, HEAP + 2))).toBe(false);
  expect(load(world, app, HEAP + 2)).toBe(-ERRNO.EFAULT);

  mprotect(world, app, HEAP, HEAP + 16, PROT.read | PROT.write);
  expect(load(world, app, HEAP + 2)).toBe(3);
  expect(store(world, app, HEAP + 2, 9)).toBe(0);
  expect(used(world, 'anon')).toBe(1);
  expect(ranges(world, app)).toEqual([[0, 16]]);
});

test('a cached page of a file outlives the mapping', () => {
  const { world, app } = withHeap();
  const file = openFile(world, 'data', 1).id;
  map(world, app, { start: 0x1000, end: 0x1001, kind: 'file', file, name: 'data' });
  load(world, app, 0x1000);

  munmap(world, app, 0x1000, 0x1001);

  expect(frames.all(world).find(({ use }) => use === 'file')?.refs).toBe(1);
});

test('every step of a touched and unmapped page can be undone, and the fingerprint is always the counted one', () => {
  const { world, app } = withHeap(1);
  post(world, app.actor, sysMunmap.at.call({ mm: app.mm, start: HEAP, end: HEAP + 16 }));
  const journal = startJournal(world);
  const prints = [world.fingerprint()];
  while (actors.get(world, app.actor).frame !== null) {
    perform(world, app.actor);
    prints.push(world.fingerprint());
    expect(recount(world)).toEqual(world.fingerprint());
  }

  while (journal.at > 0) {
    world.back();
    expect(world.fingerprint()).toEqual(prints[journal.at]);
  }
  while (journal.at < journal.steps) world.forward();
  expect(world.fingerprint()).toEqual(prints.at(-1));
});
