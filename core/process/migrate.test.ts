import { expect, test } from 'vitest';
import { TLB_MISS, translate } from '../hardware/cpu-mmu.ts';
import { post, spawn } from '../sim/actor.ts';
import { recount } from '../world/recount.ts';
import type { World } from '../world/world.ts';
import { cpuStore } from './cpu-access.ts';
import { sysFork } from './fork.ts';
import { allocateFrame, frameAt, frames } from './frame.ts';
import { mms } from './mm.ts';
import { registerNotifier } from './notifier.ts';
import { isPresent, isWritable, pfnOf, readPte } from './page-table.ts';
import { pinUserPages } from './pin.ts';
import { swapSlots } from './swap.ts';
import { isMigrationOf, mayWriteAfter, migrationEntry, readMigration } from './swap-entry.ts';
import { sysMunmap } from './syscalls.ts';
import { createTask, type Task, tasks } from './task.ts';
import {
  aProcess,
  finish,
  listen,
  load,
  map,
  migrate,
  migrationOf,
  run,
  runTo,
  smallWorld,
  store,
  swapOut,
} from './testing.ts';

const HEAP = 0x7f0000000;

function withHeap(...touched: number[]) {
  const world = smallWorld();
  const app = aProcess(world);
  map(world, app, { start: HEAP, end: HEAP + 16 });
  for (const page of touched) store(world, app, HEAP + page, page + 1);
  return { world, app };
}

const pteOf = (world: World, task: Task, page: number) => readPte(world, mms.get(world, task.mm).pgd, page);
const pfnAt = (world: World, task: Task, page: number) => pfnOf(pteOf(world, task, page));
const anonPages = (world: World) => frames.all(world).filter(({ use }) => use === 'anon').length;

function fork(world: World, parent: Task): Task {
  const child = createTask(world, 'child');
  run(world, parent.actor, sysFork.at.call({ task: parent.id, child: child.id }));
  return tasks.get(world, child.id);
}

/** A migration that has come as far as the step of this label. */
function underWay(world: World, app: Task, label: string): number {
  const kcompactd = spawn(world, 'kcompactd', 'kcompactd', null).id;
  post(world, kcompactd, migrationOf(world, app, HEAP + 2));
  runTo(world, kcompactd, `migrate_pages.${label}`);
  return kcompactd;
}

test('a page moves to another frame, with its content and its rights, and the old frame is free', () => {
  const { world, app } = withHeap(2);
  const old = pfnAt(world, app, HEAP + 2);

  expect(migrate(world, app, HEAP, 4)).toBe(1);

  expect(pfnAt(world, app, HEAP + 2)).not.toBe(old);
  expect(isWritable(pteOf(world, app, HEAP + 2))).toBe(true);
  expect(load(world, app, HEAP + 2)).toBe(3);
  expect(anonPages(world)).toBe(1);
  expect(frameAt(world, pfnAt(world, app, HEAP + 2))).toMatchObject({ refs: 1, owner: app.mm, locked: 0 });
  expect(recount(world)).toEqual(world.fingerprint());
});

test('an entry for a page on its way names its frame and whether it may be written', () => {
  const entry = migrationEntry(smallWorld(), 0x820, true);

  expect([isPresent(entry), isMigrationOf(entry, 0x820), isMigrationOf(entry, 0x821)]).toEqual([false, true, false]);
  expect([mayWriteAfter(entry), mayWriteAfter(readMigration(entry))]).toEqual([true, false]);
  expect(isMigrationOf(readMigration(entry), 0x820)).toBe(true);
});

test('no translation is left when the page is copied', () => {
  const { world, app } = withHeap(2);
  registerNotifier(world, app.mm);
  const { asid } = mms.get(world, app.mm);
  const seen: unknown[] = [];
  listen((w, text) =>
    seen.push([text.split(' ')[0], pteOf(w, app, HEAP + 2).lo, translate(w, asid, HEAP + 2, 'read')]),
  );

  migrate(world, app, HEAP + 2);

  expect(seen).toEqual([['invalidate', 0, TLB_MISS]]);
});

test('who needs the page meanwhile waits, and writes to the new frame', () => {
  const { world, app } = withHeap(2);
  const kcompactd = underWay(world, app, 'move');
  post(world, app.actor, cpuStore.at.access({ mm: app.mm, page: HEAP + 2, offset: 4, value: 9 }));
  runTo(world, app.actor, 'do_swap_page.moving');

  finish(world, kcompactd);
  finish(world, app.actor);

  expect([load(world, app, HEAP + 2), load(world, app, HEAP + 2, 4)]).toEqual([3, 9]);
});

test('parent and child keep sharing a page that moves, also one that forks halfway', () => {
  for (const label of ['isolate', 'move', 'over']) {
    const { world, app } = withHeap(2);
    const kcompactd = underWay(world, app, label);
    const child = fork(world, app);
    finish(world, kcompactd);

    expect([label, pfnAt(world, child, HEAP + 2)]).toEqual([label, pfnAt(world, app, HEAP + 2)]);
    store(world, child, HEAP + 2, 8);
    expect([load(world, app, HEAP + 2), load(world, child, HEAP + 2), anonPages(world)]).toEqual([3, 8, 2]);
  }
});

test('an unmap halfway leaves nothing behind', () => {
  for (const [label, unmapped] of [
    ['unmap', 'do_munmap.free'],
    ['move', 'do_munmap.detach'],
    ['move', 'do_munmap.zap'],
    ['remap', 'do_munmap.zap'],
    ['remap', 'do_munmap.tables'],
  ] as const) {
    const { world, app } = withHeap(2);
    const kcompactd = underWay(world, app, label);
    post(world, app.actor, sysMunmap.at.call({ mm: app.mm, start: HEAP, end: HEAP + 16 }));
    runTo(world, app.actor, unmapped);
    finish(world, kcompactd);
    finish(world, app.actor);

    expect([label, anonPages(world)]).toEqual([label, 0]);
  }
});

test('a page that is also on the swap device takes its place along', () => {
  const { world, app } = withHeap(2);
  swapOut(world, app, HEAP + 2);
  load(world, app, HEAP + 2);

  expect(migrate(world, app, HEAP + 2)).toBe(1);

  expect(swapSlots.all(world)).toMatchObject([{ pfn: pfnAt(world, app, HEAP + 2), clean: 1 }]);
  expect(swapOut(world, app, HEAP + 2)).toBe(1);
  expect(load(world, app, HEAP + 2)).toBe(3);
});

test('a page that somebody uses stays: pinned from the start, or taken on the way', () => {
  const { world, app } = withHeap(2, 3);
  const [pinned, taken] = [pfnAt(world, app, HEAP + 3), pfnAt(world, app, HEAP + 2)];
  run(world, app.actor, pinUserPages.at.lock({ mm: app.mm, start: HEAP + 3, end: HEAP + 4, device: -1 }));
  const child = fork(world, app);
  post(world, child.actor, cpuStore.at.access({ mm: child.mm, page: HEAP + 2, offset: 4, value: 9 }));
  runTo(world, child.actor, 'do_wp_page.copy');

  expect(migrate(world, app, HEAP + 2, 2)).toBe(0);
  finish(world, child.actor);

  expect([pfnAt(world, app, HEAP + 2), pfnAt(world, app, HEAP + 3)]).toEqual([taken, pinned]);
  expect([load(world, app, HEAP + 2), load(world, child, HEAP + 2, 4)]).toEqual([3, 9]);
});

test('without a free frame a page stays where it is', () => {
  const { world, app } = withHeap(2);
  const old = pfnAt(world, app, HEAP + 2);
  while (allocateFrame(world, 'kernel').ok);

  expect(migrate(world, app, HEAP + 2)).toBe(0);
  expect(pfnAt(world, app, HEAP + 2)).toBe(old);
});
