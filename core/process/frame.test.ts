import { expect, test } from 'vitest';
import { readWord, writeWord } from '../world/memory.ts';
import { allocateContiguous, allocateFrame, frameAt, freePages, getFrame, putFrame, zeroPage } from './frame.ts';
import { RAM_FIRST, smallWorld } from './testing.ts';

test('the lowest free page is given out, and again once it is free', () => {
  const world = smallWorld(8);

  expect([0, 0].map(() => allocateFrame(world, 'anon'))).toMatchObject([
    { value: RAM_FIRST + 1 },
    { value: RAM_FIRST + 2 },
  ]);
  putFrame(world, RAM_FIRST + 1);
  expect(allocateFrame(world, 'file', 3)).toMatchObject({ value: RAM_FIRST + 1 });
  expect(frameAt(world, RAM_FIRST + 1)).toMatchObject({ pfn: RAM_FIRST + 1, refs: 1, use: 'file', owner: 3 });
});

test('when all pages are used there is an error, not a page', () => {
  const world = smallWorld(3);
  allocateFrame(world, 'anon');
  allocateFrame(world, 'anon');

  expect(freePages(world)).toBe(0);
  expect(allocateFrame(world, 'anon')).toEqual({ ok: false, error: 'ENOMEM' });
  expect(allocateContiguous(world, 1)).toEqual({ ok: false, error: 'ENOMEM' });
});

test('a page is free and zero when its last user drops it', () => {
  const world = smallWorld(8);
  const before = world.fingerprint();
  allocateFrame(world, 'anon');
  getFrame(world, RAM_FIRST + 1);
  writeWord(world, RAM_FIRST + 1, 8, 42);

  putFrame(world, RAM_FIRST + 1);
  expect(readWord(world, RAM_FIRST + 1, 8)).toBe(42);
  putFrame(world, RAM_FIRST + 1);
  expect(readWord(world, RAM_FIRST + 1, 8)).toBe(0);
  expect(world.fingerprint()).toEqual(before);
});

test("the zero page is nobody's: its users are not counted", () => {
  const world = smallWorld(8);
  getFrame(world, zeroPage(world));
  putFrame(world, zeroPage(world));
  putFrame(world, zeroPage(world));

  expect(frameAt(world, zeroPage(world)).refs).toBe(1);
});

test('a contiguous run is aligned and leaves the pages below it free', () => {
  const world = smallWorld(32);
  allocateFrame(world, 'anon');

  expect(allocateContiguous(world, 4, 8)).toMatchObject({ value: RAM_FIRST + 8 });
  expect(freePages(world)).toBe(32 - 2 - 4);
  expect(allocateFrame(world, 'anon')).toMatchObject({ value: RAM_FIRST + 2 });
  expect(allocateContiguous(world, 4, 8)).toMatchObject({ value: RAM_FIRST + 16 });
  expect(frameAt(world, RAM_FIRST + 19)).toMatchObject({ use: 'kernel', pfn: RAM_FIRST + 19 });
  expect(allocateContiguous(world, 16)).toMatchObject({ ok: false });
});
