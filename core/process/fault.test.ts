import { expect, test } from 'vitest';
import { ERRNO } from '../lib/errno.ts';
import { actors, isEnabled, post } from '../sim/actor.ts';
import { locks } from '../sim/lock.ts';
import { readWord } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { cpuStore } from './cpu-access.ts';
import { cachedPages, files, nameWords, openFile } from './file.ts';
import { sysFork } from './fork.ts';
import { frameAt, frames, zeroPage } from './frame.ts';
import { mms } from './mm.ts';
import { registerNotifier } from './notifier.ts';
import { isWritable, pfnOf, readPte } from './page-table.ts';
import { createTask, createThread, type Task, tasks } from './task.ts';
import { aProcess, finish, listen, load, map, run, runTo, settle, smallWorld, store } from './testing.ts';
import { STACK_LIMIT, vmasOf } from './vma.ts';

const HEAP = 0x7f0000000;
const STACK = 0x7fffffff0;

function withHeap(pages = 64) {
  const world = smallWorld(pages);
  const app = aProcess(world);
  map(world, app, { start: HEAP, end: HEAP + 16 });
  return { world, app };
}

function pteOf(world: World, task: Task, page: number) {
  return readPte(world, mms.get(world, task.mm).pgd, page);
}

function fork(world: World, parent: Task, name: string): Task {
  const child = createTask(world, name);
  const pid = run(world, parent.actor, sysFork.at.call({ task: parent.id, child: child.id }));
  expect(pid).toBe(child.pid);
  return tasks.get(world, child.id);
}

const anonPages = (world: World) => frames.all(world).filter(({ use }) => use === 'anon').length;
const heldLocks = (world: World) => locks.all(world).filter(({ owner, readers }) => owner >= 0 || readers > 0);

test('the first write to a page gives it a zeroed frame of its own', () => {
  const { world, app } = withHeap();

  expect(store(world, app, HEAP + 1, 42, 8)).toBe(0);

  const pte = pteOf(world, app, HEAP + 1);
  expect(isWritable(pte)).toBe(true);
  expect(frameAt(world, pfnOf(pte))).toMatchObject({ refs: 1, use: 'anon', owner: app.mm });
  expect(readWord(world, pfnOf(pte), 8)).toBe(42);
  expect(load(world, app, HEAP + 1, 12)).toBe(0);
  expect(heldLocks(world)).toEqual([]);
});

test('the first read shows the zero page, and the write after it gets a frame', () => {
  const { world, app } = withHeap();

  expect(load(world, app, HEAP)).toBe(0);
  expect(pfnOf(pteOf(world, app, HEAP))).toBe(zeroPage(world));
  expect(anonPages(world)).toBe(0);

  store(world, app, HEAP, 7);
  expect(anonPages(world)).toBe(1);
  expect(load(world, app, HEAP)).toBe(7);
  expect(readWord(world, zeroPage(world), 0)).toBe(0);
});

test('a word above 2^31 comes back as it went in', () => {
  const { world, app } = withHeap();

  store(world, app, HEAP, 0xffff_fffe);

  expect(load(world, app, HEAP)).toBe(0xffff_fffe);
});

test('an access outside of all VMAs, and a write without the right, end in -EFAULT', () => {
  const { world, app } = withHeap();
  map(world, app, { start: HEAP + 16, end: HEAP + 17, write: 0 });

  store(world, app, HEAP, 1);

  expect(load(world, app, HEAP - 1)).toBe(-ERRNO.EFAULT);
  expect(load(world, app, 2 ** 36 + HEAP)).toBe(-ERRNO.EFAULT);
  expect(store(world, app, HEAP + 16, 1)).toBe(-ERRNO.EFAULT);
  expect(load(world, app, HEAP + 16)).toBe(0);
  expect(store(world, app, HEAP + 16, 1)).toBe(-ERRNO.EFAULT);
  expect(heldLocks(world)).toEqual([]);
});

test('a page of a file is read from the disk once and shared with all who map it', () => {
  const { world, app } = withHeap();
  const other = aProcess(world, 'other');
  const file = openFile(world, '/usr/lib/libc.so.6', 9).id;
  for (const task of [app, other]) map(world, task, { start: 0x1000, end: 0x1009, write: 0, kind: 'file', file });

  expect(load(world, app, 0x1003)).toBe(nameWords('libc.so.6')[0]);
  expect(load(world, other, 0x1003, 24)).toBe(3);
  expect(load(world, other, 0x1003, 512 + 28)).toBe(1);
  expect(pfnOf(pteOf(world, app, 0x1003))).toBe(pfnOf(pteOf(world, other, 0x1003)));
  expect(cachedPages.all(world)).toMatchObject([{ file, offset: 3 }]);
  expect(frameAt(world, pfnOf(pteOf(world, app, 0x1003)))).toMatchObject({ refs: 3, use: 'file', owner: file });
});

test('a write to a private page of a file goes to a copy, a write to a shared one to the file', () => {
  const { world, app } = withHeap();
  const file = openFile(world, 'data', 2).id;
  map(world, app, { start: 0x1000, end: 0x1002, kind: 'file', file });
  map(world, app, { start: 0x2000, end: 0x2002, kind: 'file', file, shared: 1 });

  store(world, app, 0x1000, 5);
  expect(load(world, app, 0x1000)).toBe(5);
  expect(load(world, app, 0x1000, 4)).toBe(nameWords('data')[1]);
  expect(load(world, app, 0x2000)).toBe(nameWords('data')[0]);
  store(world, app, 0x2001, 6);
  expect(load(world, app, 0x1001)).toBe(6);
  store(world, app, 0x2000, 8);
  expect(load(world, app, 0x2000)).toBe(8);
  expect(load(world, app, 0x1000)).toBe(5);
});

test('a page behind the end of its file is -EFAULT, as is a special mapping', () => {
  const { world, app } = withHeap();
  const file = openFile(world, 'data', 1).id;
  map(world, app, { start: 0x1000, end: 0x1002, kind: 'file', file });
  map(world, app, { start: 0x2000, end: 0x2001, kind: 'special', name: 'vvar' });

  expect(load(world, app, 0x1000)).toBeGreaterThan(0);
  expect(load(world, app, 0x1001)).toBe(-ERRNO.EFAULT);
  expect(load(world, app, 0x2000)).toBe(-ERRNO.EFAULT);
  expect(files.get(world, file).size).toBe(1);
});

test('a fault below the stack grows it, but not beyond its limit', () => {
  const { world, app } = withHeap();
  map(world, app, { start: STACK - 4, end: STACK, kind: 'stack', name: 'stack' });

  expect(store(world, app, STACK - 40, 1)).toBe(0);
  expect(vmasOf(world, app.mm).at(-1)).toMatchObject({ start: STACK - 40, end: STACK });
  expect(store(world, app, STACK - STACK_LIMIT - 1, 1)).toBe(-ERRNO.EFAULT);
});

test('after fork the first writer gets a copy, and the second has the frame for itself', () => {
  const { world, app } = withHeap();
  store(world, app, HEAP, 1);
  const original = pfnOf(pteOf(world, app, HEAP));
  const child = fork(world, app, 'child');
  expect(frameAt(world, original).refs).toBe(2);
  expect(isWritable(pteOf(world, app, HEAP))).toBe(false);

  store(world, child, HEAP, 2);
  expect(load(world, app, HEAP)).toBe(1);
  expect(load(world, child, HEAP)).toBe(2);
  expect(frameAt(world, original)).toMatchObject({ refs: 1, owner: app.mm });

  store(world, app, HEAP, 3);
  expect(pfnOf(pteOf(world, app, HEAP))).toBe(original);
  expect(load(world, child, HEAP)).toBe(2);
  expect(anonPages(world)).toBe(2);
});

test('when the parent writes first, the frame it leaves belongs to the child', () => {
  const { world, app } = withHeap();
  store(world, app, HEAP, 1);
  const original = pfnOf(pteOf(world, app, HEAP));
  const child = fork(world, app, 'child');

  store(world, app, HEAP, 2);
  store(world, child, HEAP, 3);

  expect(pfnOf(pteOf(world, child, HEAP))).toBe(original);
  expect(frameAt(world, original)).toMatchObject({ refs: 1, owner: child.mm });
  expect(load(world, app, HEAP)).toBe(2);
});

test('a copy is told to the notifiers while no descriptor is there, and before the old frame goes', () => {
  const { world, app } = withHeap();
  load(world, app, HEAP);
  registerNotifier(world, app.mm);
  const seen: unknown[] = [];
  listen((w, text) => seen.push([text, pteOf(w, app, HEAP).lo, frameAt(w, zeroPage(w)).refs]));

  store(world, app, HEAP, 1);

  expect(seen).toEqual([[`invalidate ${app.mm} ${HEAP.toString(16)} ${(HEAP + 1).toString(16)}`, 0, 1]]);
});

test('a descriptor that becomes writable is told too: a stale read-only entry would fault for ever', () => {
  const { world, app } = withHeap();
  store(world, app, HEAP, 1);
  const child = fork(world, app, 'child');
  store(world, child, HEAP, 2);
  registerNotifier(world, app.mm);
  const seen: unknown[] = [];
  listen((w, text) => seen.push([text, isWritable(pteOf(w, app, HEAP))]));

  store(world, app, HEAP, 3);

  expect(seen).toEqual([[expect.stringMatching(/^invalidate/), true]]);
  expect(heldLocks(world)).toEqual([]);
});

test('two threads that fault on one page get one frame', () => {
  const { world, app } = withHeap();
  const thread = createThread(world, 'thread', app.id);
  post(world, thread.actor, cpuStore.at.access({ mm: app.mm, page: HEAP, offset: 4, value: 2 }));
  runTo(world, thread.actor, 'handle_mm_fault.install');

  store(world, app, HEAP, 1);
  finish(world, thread.actor);

  expect(anonPages(world)).toBe(1);
  expect([load(world, app, HEAP, 0), load(world, app, HEAP, 4)]).toEqual([1, 2]);
});

test('two threads that copy one page get one copy, and no write is lost', () => {
  const { world, app } = withHeap();
  store(world, app, HEAP, 9);
  fork(world, app, 'child');
  const thread = createThread(world, 'thread', app.id);
  post(world, thread.actor, cpuStore.at.access({ mm: app.mm, page: HEAP, offset: 4, value: 2 }));
  runTo(world, thread.actor, 'do_wp_page.clear');

  store(world, app, HEAP, 1);
  finish(world, thread.actor);

  expect(anonPages(world)).toBe(2);
  expect([load(world, app, HEAP, 0), load(world, app, HEAP, 4)]).toEqual([1, 2]);
});

test('while one thread is between clearing and setting a descriptor, another waits', () => {
  const { world, app } = withHeap();
  load(world, app, HEAP);
  const thread = createThread(world, 'thread', app.id);
  post(world, thread.actor, cpuStore.at.access({ mm: app.mm, page: HEAP, offset: 0, value: 1 }));
  runTo(world, thread.actor, 'do_wp_page.set');

  post(world, app.actor, cpuStore.at.access({ mm: app.mm, page: HEAP, offset: 4, value: 2 }));
  runTo(world, app.actor, 'handle_mm_fault.look');
  expect(isEnabled(world, actors.get(world, app.actor))).toBe(false);

  settle(world);
  expect([load(world, app, HEAP, 0), load(world, app, HEAP, 4)]).toEqual([1, 2]);
});

test.each([5, 6, 7, 8])('with %i pages of memory a fault ends in success or -ENOMEM, and nothing leaks', (pages) => {
  const { world, app } = withHeap(pages);
  const results = [0, 1, 2].map((page) => store(world, app, HEAP + page, 1));

  const room = Math.max(0, pages - 5);
  expect(results).toEqual([0, 1, 2].map((page) => (page < room ? 0 : -ERRNO.ENOMEM)));
  expect(anonPages(world)).toBe(room);
  expect(heldLocks(world)).toEqual([]);
});

test('out of memory in the middle of a copy after fork leaves both with the frame', () => {
  const { world, app } = withHeap(10);
  store(world, app, HEAP, 4);
  const child = fork(world, app, 'child');
  store(world, app, HEAP + 1, 1);

  expect(store(world, child, HEAP, 5)).toBe(-ERRNO.ENOMEM);

  expect(frameAt(world, pfnOf(pteOf(world, app, HEAP))).refs).toBe(2);
  expect(load(world, child, HEAP)).toBe(4);
});

test('out of memory in the middle of a copy of the zero page leaves the page as it was', () => {
  const { world, app } = withHeap(6);
  load(world, app, HEAP + 1);
  store(world, app, HEAP, 1);
  expect(store(world, app, HEAP + 1, 1)).toBe(-ERRNO.ENOMEM);

  expect(load(world, app, HEAP + 1)).toBe(0);
  expect(pfnOf(pteOf(world, app, HEAP + 1))).toBe(zeroPage(world));
  expect(frames.all(world)).toHaveLength(6);
});
