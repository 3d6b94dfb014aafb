import { expect, test } from 'vitest';
import { TLB_MISS, translate } from '../hardware/cpu-mmu.ts';
import { decode } from '../hardware/layout.ts';
import { ERRNO } from '../lib/errno.ts';
import { post, spawn } from '../sim/actor.ts';
import { readWord } from '../world/memory.ts';
import { recount } from '../world/recount.ts';
import type { World } from '../world/world.ts';
import { cpuStore } from './cpu-access.ts';
import { sysFork } from './fork.ts';
import { allocateFrame, frameAt, frames } from './frame.ts';
import { mms } from './mm.ts';
import { registerNotifier } from './notifier.ts';
import { isPresent, isWritable, pfnOf, readPte } from './page-table.ts';
import { diskPage, SWAP_PAGES, swapSlots } from './swap.ts';
import { slotOf, swapEntry } from './swap-entry.ts';
import { sysExit, sysMprotect, sysMunmap } from './syscalls.ts';
import { createTask, type Task, tasks } from './task.ts';
import { aProcess, finish, listen, load, map, reclaimOf, run, runTo, smallWorld, store, swapOut } from './testing.ts';
import { PROT } from './vma.ts';

const HEAP = 0x7f0000000;

function withHeap(...touched: number[]) {
  const world = smallWorld();
  const app = aProcess(world);
  map(world, app, { start: HEAP, end: HEAP + 16 });
  for (const page of touched) store(world, app, HEAP + page, page + 1);
  return { world, app };
}

function pteOf(world: World, task: Task, page: number) {
  return readPte(world, mms.get(world, task.mm).pgd, page);
}

function fork(world: World, parent: Task): Task {
  const child = createTask(world, 'child');
  run(world, parent.actor, sysFork.at.call({ task: parent.id, child: child.id }));
  return tasks.get(world, child.id);
}

const anonPages = (world: World) => frames.all(world).filter(({ use }) => use === 'anon').length;

test('a page goes to the disk and comes back with what it held', () => {
  const { world, app } = withHeap(2);
  store(world, app, HEAP + 2, 0xcafe, 4000);

  expect(swapOut(world, app, HEAP + 2)).toBe(1);

  expect(anonPages(world)).toBe(0);
  expect(isPresent(pteOf(world, app, HEAP + 2))).toBe(false);
  expect(readWord(world, diskPage(slotOf(pteOf(world, app, HEAP + 2))), 4000)).toBe(0xcafe);
  expect(load(world, app, HEAP + 2)).toBe(3);
  expect(load(world, app, HEAP + 2, 4000)).toBe(0xcafe);
  expect(anonPages(world)).toBe(1);
});

test('the descriptor of a page on the disk is a swap entry, for the hardware nothing', () => {
  const world = smallWorld();
  for (const slot of [0, 1, 63, 2 ** 24 - 1, 2 ** 24, 2 ** 40]) {
    const entry = swapEntry(world, slot);
    expect(slotOf(entry)).toBe(slot);
    expect(decode(entry.format.swap.layout, Uint32Array.of(entry.lo, entry.hi))).toMatchObject({
      valid: 0,
      type: 0,
      offset: slot + 1,
    });
    expect(isPresent(entry)).toBe(false);
  }
});

test('the last translation of a page goes before the page is written, and then the frame is free', () => {
  const { world, app } = withHeap(2);
  registerNotifier(world, app.mm);
  const { asid } = mms.get(world, app.mm);
  const pfn = pfnOf(pteOf(world, app, HEAP + 2));
  const seen: unknown[] = [];
  listen((w, text) => {
    const [slot] = swapSlots.all(w);
    seen.push([
      text,
      pteOf(w, app, HEAP + 2).lo,
      translate(w, asid, HEAP + 2, 'read'),
      slot?.clean,
      frameAt(w, pfn).locked,
    ]);
  });

  swapOut(world, app, HEAP + 2);

  expect(seen).toEqual([
    [`invalidate ${app.mm} ${(HEAP + 2).toString(16)} ${(HEAP + 3).toString(16)}`, 0, TLB_MISS, 0, 1],
  ]);
});

test('a page that was only read keeps its place and goes out again unwritten; a write gives the place up', () => {
  const { world, app } = withHeap(2);
  swapOut(world, app, HEAP + 2);
  load(world, app, HEAP + 2);
  expect(isWritable(pteOf(world, app, HEAP + 2))).toBe(false);
  expect(swapSlots.all(world)).toMatchObject([{ count: 0, clean: 1 }]);

  expect(swapOut(world, app, HEAP + 2)).toBe(1);
  expect(store(world, app, HEAP + 2, 9, 4)).toBe(0);

  expect(swapSlots.all(world)).toEqual([]);
  expect([load(world, app, HEAP + 2), load(world, app, HEAP + 2, 4)]).toEqual([3, 9]);
});

test('a page of parent and child goes out of both, and comes back to each by itself', () => {
  const { world, app } = withHeap(2);
  const child = fork(world, app);

  expect(swapOut(world, child, HEAP + 2)).toBe(1);
  expect(swapSlots.all(world)).toMatchObject([{ count: 2, pfn: -1 }]);
  expect([isPresent(pteOf(world, app, HEAP + 2)), anonPages(world)]).toEqual([false, 0]);

  store(world, child, HEAP + 2, 8);
  expect(load(world, app, HEAP + 2)).toBe(3);
  store(world, app, HEAP + 2, 7);
  expect(load(world, child, HEAP + 2)).toBe(8);
  expect(swapSlots.all(world)).toEqual([]);
});

test('fork shares a place on the disk, and it is free when the last of both is gone', () => {
  const { world, app } = withHeap(2);
  swapOut(world, app, HEAP + 2);
  const child = fork(world, app);
  expect(swapSlots.all(world)).toMatchObject([{ count: 2 }]);

  run(world, app.actor, sysMunmap.at.call({ mm: app.mm, start: HEAP, end: HEAP + 16 }));
  expect(load(world, child, HEAP + 2)).toBe(3);
  swapOut(world, child, HEAP + 2);
  run(world, child.actor, sysExit.at.call({ task: child.id }));

  expect(swapSlots.all(world)).toEqual([]);
  expect(anonPages(world)).toBe(0);
  expect(recount(world)).toEqual(world.fingerprint());
});

test('rights that change while a page is on the disk hold when it is back', () => {
  const { world, app } = withHeap(2);
  swapOut(world, app, HEAP + 2);

  run(world, app.actor, sysMprotect.at.call({ mm: app.mm, start: HEAP, end: HEAP + 16, prot: PROT.read }));

  expect(store(world, app, HEAP + 2, 1)).toBe(-ERRNO.EFAULT);
  expect(load(world, app, HEAP + 2)).toBe(3);
});

test('a page that reclaim takes under the hands of mprotect keeps its swap entry', () => {
  const { world, app } = withHeap(2, 3);
  const kswapd = spawn(world, 'kswapd', 'kswapd', null).id;
  post(world, app.actor, sysMprotect.at.call({ mm: app.mm, start: HEAP, end: HEAP + 16, prot: PROT.read }));
  runTo(world, app.actor, 'do_mprotect.more');
  post(world, kswapd, reclaimOf(world, app, HEAP + 3));
  finish(world, kswapd);

  finish(world, app.actor);

  expect(load(world, app, HEAP + 3)).toBe(4);
  expect(swapSlots.all(world)).toHaveLength(1);
});

test('a fault on a page that is on its way out waits for the disk', () => {
  const { world, app } = withHeap(2);
  const kswapd = spawn(world, 'kswapd', 'kswapd', null).id;
  post(world, kswapd, reclaimOf(world, app, HEAP + 2));
  runTo(world, kswapd, 'shrink_page_list.write');
  post(world, app.actor, cpuStore.at.access({ mm: app.mm, page: HEAP + 2, offset: 4, value: 9 }));
  runTo(world, app.actor, 'do_swap_page.lock');

  finish(world, kswapd);
  finish(world, app.actor);

  expect([load(world, app, HEAP + 2), load(world, app, HEAP + 2, 4)]).toEqual([3, 9]);
});

test('an unmap meets reclaim halfway, and neither frame nor place is lost', () => {
  const inside = ['try_to_unmap_one.flush', 'try_to_unmap_one.set'];
  const outside = ['swap', 'unmap', 'write', 'free'].map((label) => `shrink_page_list.${label}`);
  for (const label of [...outside, ...inside]) {
    const { world, app } = withHeap(2);
    const kswapd = spawn(world, 'kswapd', 'kswapd', null).id;
    post(world, kswapd, reclaimOf(world, app, HEAP + 2));
    runTo(world, kswapd, label);
    post(world, app.actor, sysMunmap.at.call({ mm: app.mm, start: HEAP, end: HEAP + 16 }));
    runTo(world, app.actor, 'do_munmap.detach');
    if (!inside.includes(label)) finish(world, app.actor);
    finish(world, kswapd);
    finish(world, app.actor);

    expect([label, anonPages(world), swapSlots.all(world)]).toEqual([label, 0, []]);
  }
});

test('reclaim leaves alone what it cannot take', () => {
  const { world, app } = withHeap(2);
  load(world, app, HEAP + 3);

  expect(swapOut(world, app, HEAP, 8)).toBe(1);
  expect(isPresent(pteOf(world, app, HEAP + 3))).toBe(true);
  expect(swapOut(world, app, HEAP, 8)).toBe(0);
});

test('without room on the swap device a page stays', () => {
  const { world, app } = withHeap(2);
  for (let slot = 0; slot < SWAP_PAGES; slot++) swapSlots.insert(world, { count: 1, pfn: -1, clean: 0 });

  expect(swapOut(world, app, HEAP + 2)).toBe(0);

  expect(load(world, app, HEAP + 2)).toBe(3);
  expect(frameAt(world, pfnOf(pteOf(world, app, HEAP + 2)))).toMatchObject({ refs: 1, locked: 0 });
});

test('without a free frame a page does not come back, and is not lost', () => {
  const { world, app } = withHeap(2);
  swapOut(world, app, HEAP + 2);
  const taken: number[] = [];
  for (let frame = allocateFrame(world, 'kernel'); frame.ok; frame = allocateFrame(world, 'kernel'))
    taken.push(frame.value);

  expect(load(world, app, HEAP + 2)).toBe(-ERRNO.ENOMEM);
  frames.remove(world, frameAt(world, taken.pop() ?? -1).id);
  expect(load(world, app, HEAP + 2)).toBe(3);
});
