import { expect, test } from 'vitest';
import { CPU_TLB } from '../hardware/cpu-mmu.ts';
import { entriesOf } from '../hardware/tlb.ts';
import { ERRNO } from '../lib/errno.ts';
import { actors, post } from '../sim/actor.ts';
import { locks } from '../sim/lock.ts';
import type { World } from '../world/world.ts';
import { cachedPages, openFile } from './file.ts';
import { sysFork } from './fork.ts';
import { frames } from './frame.ts';
import { gathered } from './gather.ts';
import { mmdrop, mmgetNotZero, mmgrab, mms } from './mm.ts';
import { mmput, mmputAsync, pendingPuts, spawnMmReaper } from './mmput.ts';
import { registerNotifier, unregisterNotifier } from './notifier.ts';
import { noteOpen, openFiles } from './open-file.ts';
import { nextPresent } from './page-table.ts';
import { sysExit } from './syscalls.ts';
import { createTask, createThread, type Task, tasks } from './task.ts';
import { aProcess, finish, listen, load, map, run, runTo, settle, smallWorld, store, USER_PAGES } from './testing.ts';
import { vmas } from './vma.ts';

const HEAP = 0x7f0000000;

function withHeap(pages = 64) {
  const world = smallWorld(pages);
  const app = aProcess(world);
  map(world, app, { start: HEAP, end: HEAP + 16 });
  store(world, app, HEAP, 1);
  store(world, app, HEAP + 9, 2);
  return { world, app };
}

function exit(world: World, task: Task): void {
  run(world, task.actor, sysExit.at.call({ task: task.id }));
}

const usedPages = (world: World) => frames.all(world).length;

test('exit frees every frame, and the mm with all that belongs to it', () => {
  const { world, app } = withHeap();
  load(world, app, HEAP + 3);

  exit(world, app);

  expect(usedPages(world)).toBe(1);
  for (const table of [mms, vmas, gathered, locks]) expect(table.all(world)).toEqual([]);
  expect(entriesOf(world, CPU_TLB)).toEqual([]);
  expect(tasks.get(world, app.id)).toMatchObject({ mm: -1, state: 'dead' });
});

test('the notifiers hear of the end while all memory is there, and before the files are closed', () => {
  const { world, app } = withHeap();
  registerNotifier(world, app.mm);
  noteOpen(world, { mm: app.mm, driver: 'accel', minor: 7 });
  const { pgd } = mms.get(world, app.mm);
  const seen: unknown[] = [];
  listen((w, text) => seen.push([text, nextPresent(w, pgd, 0, USER_PAGES) >= 0, mms.find(w, app.mm)?.state]));

  exit(world, app);

  expect(seen).toEqual([
    [`release ${app.mm}`, true, 'exiting'],
    [`device 7 closed by ${app.mm}`, false, 'dead'],
  ]);
});

test('the last thread closes each device that its process has open, once', () => {
  const { world, app } = withHeap();
  const thread = createThread(world, 'thread', app.id);
  for (const minor of [7, 8, 7]) noteOpen(world, { mm: app.mm, driver: 'accel', minor });
  const seen: string[] = [];
  listen((_w, text) => seen.push(text));

  exit(world, app);
  expect(seen).toEqual([]);

  exit(world, thread);
  expect(seen).toEqual([`device 7 closed by ${app.mm}`, `device 8 closed by ${app.mm}`]);
  expect(openFiles.all(world)).toEqual([]);
});

test('whoever registered keeps the row and the root table until it unregisters', () => {
  const { world, app } = withHeap();
  registerNotifier(world, app.mm);

  exit(world, app);
  expect(mms.get(world, app.mm)).toMatchObject({ state: 'dead', users: 0, count: 1, notifiers: 0 });
  expect(usedPages(world)).toBe(2);
  expect(mmgetNotZero(world, app.mm)).toBe(false);

  unregisterNotifier(world, app.mm);
  expect(mms.all(world)).toEqual([]);
  expect(usedPages(world)).toBe(1);
});

test('a user who holds the memory delays the end of it', () => {
  const { world, app } = withHeap();
  expect(mmgetNotZero(world, app.mm)).toBe(true);

  exit(world, app);
  expect(mms.get(world, app.mm)).toMatchObject({ state: 'live', users: 1 });

  run(world, app.actor, mmput.at.put({ mm: app.mm }));
  expect(mms.all(world)).toEqual([]);
});

test('mmput_async leaves the work to the reaper', () => {
  const { world, app } = withHeap();
  const reaper = spawnMmReaper(world);
  mmgetNotZero(world, app.mm);
  exit(world, app);

  run(world, app.actor, mmputAsync.at.put({ mm: app.mm }));
  expect(pendingPuts.all(world)).toMatchObject([{ mm: app.mm }]);
  expect(usedPages(world)).toBeGreaterThan(1);

  settle(world);
  expect(usedPages(world)).toBe(1);
  expect(pendingPuts.all(world)).toEqual([]);
  expect(actors.get(world, reaper.id).frame).not.toBe(null);
});

test('a thread that exits leaves the memory to the others', () => {
  const { world, app } = withHeap();
  const thread = createThread(world, 'thread', app.id);

  exit(world, thread);
  expect(load(world, app, HEAP)).toBe(1);
  exit(world, app);
  expect(usedPages(world)).toBe(1);
});

test('a row can be kept without its memory', () => {
  const { world, app } = withHeap();
  mmgrab(world, app.mm);
  exit(world, app);

  expect(usedPages(world)).toBe(2);
  mmdrop(world, app.mm);
  expect(usedPages(world)).toBe(1);
});

test('a parent and its child exit one after the other and leave nothing but the page cache', () => {
  const { world, app } = withHeap();
  const file = openFile(world, 'data', 4).id;
  map(world, app, { start: 0x1000, end: 0x1004, kind: 'file', file, name: 'data' });
  store(world, app, 0x1000, 5);
  load(world, app, 0x1001);
  const child = createTask(world, 'child');
  run(world, app.actor, sysFork.at.call({ task: app.id, child: child.id }));
  store(world, tasks.get(world, child.id), HEAP, 3);

  exit(world, app);
  expect(load(world, tasks.get(world, child.id), HEAP)).toBe(3);
  expect(load(world, tasks.get(world, child.id), 0x1000)).toBe(5);
  expect(load(world, tasks.get(world, child.id), HEAP + 9)).toBe(2);
  exit(world, tasks.get(world, child.id));

  expect(usedPages(world)).toBe(1 + cachedPages.all(world).length);
  expect(frames.all(world).every(({ refs }) => refs === 1)).toBe(true);
});

test('fork tells the notifiers of private writable memory, and flushes the CPU', () => {
  const { world, app } = withHeap();
  map(world, app, { start: 0x1000, end: 0x1001, write: 0, name: 'ro' });
  load(world, app, 0x1000);
  registerNotifier(world, app.mm);
  const seen: string[] = [];
  listen((_world, text) => seen.push(text));
  const child = createTask(world, 'child');

  run(world, app.actor, sysFork.at.call({ task: app.id, child: child.id }));

  expect(seen).toEqual([`invalidate ${app.mm} ${HEAP.toString(16)} ${(HEAP + 16).toString(16)}`]);
  expect(entriesOf(world, CPU_TLB)).toEqual([]);
});

test.each([1, 2, 3, 4, 5])('a fork with %i free pages gives up without a trace', (free) => {
  const { world, app } = withHeap(7 + free - 1);
  const before = usedPages(world);
  const child = createTask(world, 'child');

  const result = run(world, app.actor, sysFork.at.call({ task: app.id, child: child.id }));

  expect(result).toBe(free < 5 ? -ERRNO.ENOMEM : child.pid);
  expect(usedPages(world)).toBe(free < 5 ? before : before + 4);
  expect(mms.all(world)).toHaveLength(free < 5 ? 1 : 2);
  expect(load(world, app, HEAP + 9)).toBe(2);
});

test('a thread that faults during a fork waits for it', () => {
  const { world, app } = withHeap();
  const thread = createThread(world, 'thread', app.id);
  const child = createTask(world, 'child');
  post(world, app.actor, sysFork.at.call({ task: app.id, child: child.id }));
  runTo(world, app.actor, 'dup_mm.flush');

  // The CPU still has the old translation: until the flush the thread may write, as in life.
  expect(store(world, thread, HEAP, 7)).toBe(0);
  finish(world, app.actor);
  expect(load(world, tasks.get(world, child.id), HEAP)).toBe(7);
  store(world, thread, HEAP, 8);
  expect(load(world, tasks.get(world, child.id), HEAP)).toBe(7);
});
