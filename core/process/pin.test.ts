import { expect, test } from 'vitest';
import { ERRNO } from '../lib/errno.ts';
import { DEFAULT_POLICY, type NamedPolicy, PRESETS } from '../policy/policy.ts';
import type { World } from '../world/world.ts';
import { openFile } from './file.ts';
import { sysFork } from './fork.ts';
import { failAllocations, frameAt, frames } from './frame.ts';
import { mms } from './mm.ts';
import { isPresent, isWritable, pfnOf, readPte } from './page-table.ts';
import { lockedPages, MEMLOCK_LIMIT, pinUserPages, unpinUserPages } from './pin.ts';
import { pins, pinsOn } from './pins.ts';
import { sysExit, sysMadvise, sysMlock, sysMprotect, sysMunmap } from './syscalls.ts';
import { createTask, type Task, tasks } from './task.ts';
import { aProcess, load, map, run, smallWorld, store, swapOut } from './testing.ts';
import { vmasOf } from './vma.ts';

const HEAP = 0x7f0000000;
const MAINLINE: NamedPolicy = { name: 'mainline', answers: PRESETS.mainline.answers };

function withHeap(policy = DEFAULT_POLICY) {
  const world = smallWorld(64, policy);
  const app = aProcess(world);
  map(world, app, { start: HEAP, end: HEAP + 20 });
  return { world, app };
}

const pin = (world: World, { actor, mm }: Task, page: number, pages = 1) =>
  run(world, actor, pinUserPages.at.lock({ mm, start: page, end: page + pages, device: -1 }));
const unpin = (world: World, { actor, mm }: Task, page: number, pages = 1) =>
  run(world, actor, unpinUserPages.at.drop({ mm, start: page, end: page + pages }));
const mlock = (world: World, { actor, mm }: Task, page: number, pages = 1) =>
  run(world, actor, sysMlock.at.call({ mm, start: page, end: page + pages }));
const dontfork = (world: World, { actor, mm }: Task, page: number, on = 1) =>
  run(world, actor, sysMadvise.at.call({ mm, start: page, end: page + 1, on }));
const pteOf = (world: World, task: Task, page: number) => readPte(world, mms.get(world, task.mm).pgd, page);
const anonPages = (world: World) => frames.all(world).filter(({ use }) => use === 'anon').length;

function fork(world: World, parent: Task): Task {
  const child = createTask(world, 'child');
  expect(run(world, parent.actor, sysFork.at.call({ task: parent.id, child: child.id }))).toBe(child.pid);
  return tasks.get(world, child.id);
}

test('a pin makes each page present and writable, and has a reference to it', () => {
  const { world, app } = withHeap();
  load(world, app, HEAP);

  expect(pin(world, app, HEAP, 3)).toBe(3);

  for (const page of [HEAP, HEAP + 1, HEAP + 2]) {
    const pte = pteOf(world, app, page);
    expect(isWritable(pte)).toBe(true);
    expect(frameAt(world, pfnOf(pte)).refs).toBe(2);
    expect(pinsOn(world, pfnOf(pte))).toBe(1);
  }
  expect(unpin(world, app, HEAP, 3)).toBe(3);
  expect(unpin(world, app, HEAP, 3)).toBe(-ERRNO.EINVAL);
  expect(frameAt(world, pfnOf(pteOf(world, app, HEAP))).refs).toBe(1);
});

test('what cannot be used cannot be pinned, and nothing is half pinned', () => {
  const { world, app } = withHeap();
  run(world, app.actor, sysMprotect.at.call({ mm: app.mm, start: HEAP + 4, end: HEAP + 5, prot: 0 }));
  const file = openFile(world, 'data', 1).id;
  map(world, app, { start: 0x1000, end: 0x1002, kind: 'file', file });

  expect(pin(world, app, HEAP + 3, 2)).toBe(-ERRNO.EFAULT);
  expect(pin(world, app, HEAP + 19, 2)).toBe(-ERRNO.EFAULT);
  expect(pin(world, app, 0x1000, 2)).toBe(-ERRNO.EFAULT);
  failAllocations(world, 1);
  expect(pin(world, app, HEAP, 2)).toBe(-ERRNO.ENOMEM);
  expect(pins.all(world)).toEqual([]);
  expect(pin(world, app, HEAP, 2)).toBe(2);
});

test('pinned and mlocked pages count against one limit', () => {
  const { world, app } = withHeap();

  expect(mlock(world, app, HEAP, 10)).toBe(0);
  expect(pin(world, app, HEAP, 7)).toBe(-ERRNO.ENOMEM);
  expect(pin(world, app, HEAP, 6)).toBe(6);
  expect(lockedPages(world, app.mm)).toBe(MEMLOCK_LIMIT);
  expect(mlock(world, app, HEAP + 10, 1)).toBe(-ERRNO.ENOMEM);
});

test('the frame of a pinned page outlives mapping and process, until the pin ends', () => {
  const { world, app } = withHeap();
  pin(world, app, HEAP, 2);

  run(world, app.actor, sysMunmap.at.call({ mm: app.mm, start: HEAP, end: HEAP + 20 }));
  expect(anonPages(world)).toBe(2);
  unpin(world, app, HEAP);
  expect(anonPages(world)).toBe(1);
  run(world, app.actor, sysExit.at.call({ task: app.id }));

  expect(anonPages(world)).toBe(0);
  expect([pins.all(world), mms.all(world)]).toEqual([[], []]);
});

test('a pin that is a reference loses its mapping to fork and to reclaim, not its frame', () => {
  const { world, app } = withHeap();
  pin(world, app, HEAP);
  const { pfn } = pins.get(world, 0);

  expect(swapOut(world, app, HEAP)).toBe(0);
  expect(isPresent(pteOf(world, app, HEAP))).toBe(false);
  store(world, app, HEAP, 7);
  expect(pfnOf(pteOf(world, app, HEAP))).toBe(pfn);

  fork(world, app);
  expect(isWritable(pteOf(world, app, HEAP))).toBe(false);
  store(world, app, HEAP, 8);
  expect(pfnOf(pteOf(world, app, HEAP))).not.toBe(pfn);
});

test('a pin that is of a mapping keeps both: the child gets a copy, and reclaim looks elsewhere', () => {
  const { world, app } = withHeap(MAINLINE);
  pin(world, app, HEAP);
  store(world, app, HEAP, 7);
  const { pfn } = pins.get(world, 0);

  expect(swapOut(world, app, HEAP)).toBe(0);
  const child = fork(world, app);

  expect(isWritable(pteOf(world, app, HEAP))).toBe(true);
  expect(pfnOf(pteOf(world, app, HEAP))).toBe(pfn);
  expect(pfnOf(pteOf(world, child, HEAP))).not.toBe(pfn);
  expect(load(world, child, HEAP)).toBe(7);
});

test('without memory for the copy of a pinned page there is no child', () => {
  const { world, app } = withHeap(MAINLINE);
  pin(world, app, HEAP);
  while (frames.all(world).length < 64 - 4)
    frames.insert(world, { pfn: 0, refs: 1, use: 'kernel', owner: -1, locked: 0 });
  const child = createTask(world, 'child');

  const result = run(world, app.actor, sysFork.at.call({ task: app.id, child: child.id }));

  expect(result).toBe(-ERRNO.ENOMEM);
  expect(mms.all(world)).toHaveLength(1);
});

test('mlocked memory is there at once, stays there, and is not locked in a child', () => {
  const { world, app } = withHeap();

  expect(mlock(world, app, HEAP + 1, 2)).toBe(0);

  expect(isWritable(pteOf(world, app, HEAP + 1))).toBe(true);
  expect(swapOut(world, app, HEAP, 4)).toBe(0);
  const child = fork(world, app);
  expect(vmasOf(world, child.mm).map(({ locked }) => locked)).toEqual([0, 0, 0]);
  expect(vmasOf(world, app.mm).map(({ locked }) => locked)).toEqual([0, 1, 0]);
  expect(mlock(world, app, HEAP + 18, 4)).toBe(-ERRNO.ENOMEM);
});

test('memory that is not for children stays writable in the parent and unmapped in the child', () => {
  const { world, app } = withHeap();
  for (const page of [HEAP, HEAP + 1]) store(world, app, page, 7);
  expect(dontfork(world, app, HEAP)).toBe(0);

  const child = fork(world, app);

  expect([isWritable(pteOf(world, app, HEAP)), isWritable(pteOf(world, app, HEAP + 1))]).toEqual([true, false]);
  expect(load(world, child, HEAP)).toBe(-ERRNO.EFAULT);
  expect(load(world, child, HEAP + 1)).toBe(7);
  dontfork(world, app, HEAP, 0);
  expect(vmasOf(world, app.mm)).toHaveLength(1);
  expect(dontfork(world, app, HEAP + 20)).toBe(-ERRNO.ENOMEM);
});
