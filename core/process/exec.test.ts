import { expect, test } from 'vitest';
import { ERRNO } from '../lib/errno.ts';
import { sysExec } from './exec.ts';
import { failAllocations, frames } from './frame.ts';
import { mms } from './mm.ts';
import { registerNotifier, unregisterNotifier } from './notifier.ts';
import { pinUserPages } from './pin.ts';
import { pins } from './pins.ts';
import { programOf } from './program.ts';
import { tasks } from './task.ts';
import { aProcess, listen, load, map, run, smallWorld, store } from './testing.ts';
import { vmasOf } from './vma.ts';

const HEAP = 0x7f0000000;

function withHeap() {
  const world = smallWorld();
  const app = aProcess(world);
  map(world, app, { start: HEAP, end: HEAP + 4 });
  store(world, app, HEAP, 7);
  return { world, app };
}

test('exec ends the old address space as exit does, and begins an empty one', () => {
  const { world, app } = withHeap();
  registerNotifier(world, app.mm);
  const seen: string[] = [];
  listen((w, text) => {
    seen.push(text);
    if (text.startsWith('release')) unregisterNotifier(w, app.mm);
  });

  expect(run(world, app.actor, sysExec.at.call({ task: app.id, program: programOf(world, 'app') }))).toBe(0);

  const after = tasks.get(world, app.id);
  expect(seen).toEqual([`release ${app.mm}`]);
  expect([after.pid, after.state]).toEqual([app.pid, 'running']);
  expect(vmasOf(world, after.mm).map(({ name }) => name)).toEqual(['text', 'stack']);
  expect(load(world, after, HEAP)).toBe(-ERRNO.EFAULT);
  expect(frames.all(world).filter(({ use }) => use === 'anon')).toEqual([]);
  expect(mms.all(world).map(({ id }) => id)).toEqual([after.mm]);
});

test('exec ends pins with the files that they were made through', () => {
  const { world, app } = withHeap();
  run(world, app.actor, pinUserPages.at.lock({ mm: app.mm, start: HEAP, end: HEAP + 2, device: -1 }));

  run(world, app.actor, sysExec.at.call({ task: app.id, program: programOf(world, 'app') }));

  expect(pins.all(world)).toEqual([]);
  expect(frames.all(world).filter(({ use }) => use === 'anon')).toEqual([]);
});

test('without a page for the new root table the old program goes on', () => {
  const { world, app } = withHeap();
  failAllocations(world, 1);

  expect(run(world, app.actor, sysExec.at.call({ task: app.id, program: programOf(world, 'app') }))).toBe(
    -ERRNO.ENOMEM,
  );
  expect(load(world, app, HEAP)).toBe(7);
});
