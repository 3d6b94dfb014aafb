import { expect, test } from 'vitest';
import { writeWord } from '../world/memory.ts';
import { createWorld, schemaOf } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { flushTlbAsid, flushTlbPage, flushTlbRange, TLB_DENIED, TLB_MISS, translate, walkAndFill } from './cpu-mmu.ts';
import { cpus } from './cpus.ts';

const ROOT = 0x80000;
const RW = [0x0009_af43, 0x0060_0000];
const RO = [0x0009_afc3, 0x0060_0000];

function worldWithPages(...leaves: readonly (readonly number[])[]): World {
  const world = createWorld(schemaOf([cpus]), ROOT, 16);
  for (let level = 0; level < 3; level++) writeWord(world, ROOT + level, 0, ((ROOT + level + 1) << 12) | 3);
  leaves.forEach(([lo = 0, hi = 0], page) => {
    writeWord(world, ROOT + 3, page * 8, lo);
    writeWord(world, ROOT + 3, page * 8 + 4, hi);
  });
  return world;
}

test('a translation is known once a walk has filled it, for its ASID alone', () => {
  const world = worldWithPages(RW);

  expect(translate(world, 1, 0, 'write')).toBe(TLB_MISS);
  expect(walkAndFill(world, ROOT, 1, 0, 'write')).toBe(null);
  expect(translate(world, 1, 0, 'write')).toBe(0x9a);
  expect(translate(world, 2, 0, 'write')).toBe(TLB_MISS);
});

test('an entry filled by a read denies the write that its page does not grant', () => {
  const world = worldWithPages(RO);

  expect(walkAndFill(world, ROOT, 1, 0, 'write')).toBe('permission');
  expect(translate(world, 1, 0, 'read')).toBe(TLB_MISS);
  expect(walkAndFill(world, ROOT, 1, 0, 'read')).toBe(null);
  expect(translate(world, 1, 0, 'write')).toBe(TLB_DENIED);
});

test('one entry serves all pages of a block', () => {
  const world = worldWithPages();
  writeWord(world, ROOT + 2, 8, 0x8020_0f41);
  writeWord(world, ROOT + 2, 12, 0x0060_0000);

  walkAndFill(world, ROOT, 1, 512 + 7, 'read');

  expect(translate(world, 1, 512 + 7, 'read')).toBe(0x80207);
  expect(translate(world, 1, 512 + 300, 'write')).toBe(0x80200 + 300);
  expect(translate(world, 1, 1024, 'read')).toBe(TLB_MISS);
});

test('a changed descriptor is not seen before the flush of its page', () => {
  const world = worldWithPages(RW, RW);
  walkAndFill(world, ROOT, 1, 0, 'read');
  walkAndFill(world, ROOT, 1, 1, 'read');
  writeWord(world, ROOT + 3, 0, 0);

  expect(translate(world, 1, 0, 'read')).toBe(0x9a);
  flushTlbPage(world, 1, 0);
  expect(translate(world, 1, 0, 'read')).toBe(TLB_MISS);
  expect(translate(world, 1, 1, 'read')).toBe(0x9a);
});

test('the flush of a range ends before its end, and the flush of an ASID leaves the others', () => {
  const world = worldWithPages(RW, RW, RW, RW, RW, RW, RW, RW);
  for (let page = 0; page < 8; page++) walkAndFill(world, ROOT, 1, page, 'read');
  walkAndFill(world, ROOT, 2, 7, 'read');

  flushTlbRange(world, 1, 1, 7);
  expect([0, 1, 2, 5, 6, 7].map((page) => translate(world, 1, page, 'read') === TLB_MISS)).toEqual([
    false,
    true,
    true,
    true,
    true,
    false,
  ]);
  flushTlbAsid(world, 1);
  expect(translate(world, 1, 7, 'read')).toBe(TLB_MISS);
  expect(translate(world, 2, 7, 'read')).toBe(0x9a);
});
