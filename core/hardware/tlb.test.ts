import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SRAM_FIRST } from '../world/page-frame.ts';
import { createWorld, schemaOf } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { touch } from './replacement.ts';
import {
  entriesOf,
  insert,
  invalidate,
  lookup,
  outputOf,
  RIGHT,
  rightsOf,
  type TlbEntry,
  type TlbShape,
  tlbPages,
} from './tlb.ts';

const SMALL: TlbShape = { page: SRAM_FIRST, sets: 4, ways: 2 };

function emptyWorld(): World {
  return createWorld(schemaOf([]), 0x80000, 16);
}

function entry(fields: Partial<TlbEntry>): TlbEntry {
  const rights = RIGHT.read | RIGHT.write;
  return { kind: 0, vmid: 0, asid: 1, page: 0, global: false, span: 0, output: 0x9a, rights, lo: 0, hi: 0, ...fields };
}

const key = (page: number, asid = 1) => ({ kind: 0, vmid: 0, asid, page });

test('what was put in is found again with every field', () => {
  const world = emptyWorld();
  const full = entry({
    kind: 3,
    vmid: 0xffff,
    asid: 0xf_ffff,
    page: 2 ** 52 - 1,
    output: 2 ** 40 - 1,
    rights: RIGHT.execute,
    lo: 0xffff_ff43,
    hi: 0x8060_0000,
  });

  const at = insert(world, SMALL, full);

  expect(lookup(world, SMALL, full)).toBe(at);
  expect(rightsOf(world, SMALL, at)).toBe(RIGHT.execute);
  expect(entriesOf(world, SMALL)).toEqual([full]);
});

test('an entry is found under its own tag only', () => {
  const world = emptyWorld();
  insert(world, SMALL, entry({ asid: 5, page: 0x42 }));

  expect(lookup(world, SMALL, key(0x42, 5))).toBeGreaterThanOrEqual(0);
  expect(lookup(world, SMALL, key(0x43, 5))).toBe(-1);
  expect(lookup(world, SMALL, key(0x42, 6))).toBe(-1);
  expect(lookup(world, SMALL, key(0x42, -1))).toBe(-1);
  expect(lookup(world, SMALL, { ...key(0x42, 5), vmid: 1 })).toBe(-1);
  expect(lookup(world, SMALL, { ...key(0x42, 5), kind: 1 })).toBe(-1);
});

test('traffic without a PASID has entries of its own, and a global entry serves all', () => {
  const world = emptyWorld();
  insert(world, SMALL, entry({ asid: -1, page: 0x42 }));
  insert(world, SMALL, entry({ asid: 3, page: 0x51, global: true }));

  expect(lookup(world, SMALL, key(0x42, -1))).toBeGreaterThanOrEqual(0);
  expect(lookup(world, SMALL, key(0x42, 0))).toBe(-1);
  expect(lookup(world, SMALL, key(0x51, 7))).toBeGreaterThanOrEqual(0);
});

test('one entry of 2 MiB covers 512 pages', () => {
  const world = emptyWorld();
  const at = insert(world, SMALL, entry({ page: 0x400, span: 9, output: 0x80200 }));

  expect(lookup(world, SMALL, key(0x5ff))).toBe(at);
  expect(outputOf(world, SMALL, at, 0x5ff)).toBe(0x803ff);
  expect(lookup(world, SMALL, key(0x600))).toBe(-1);
});

test('a full set replaces its ways in turn, and a freed way is used first', () => {
  const world = emptyWorld();
  for (const page of [0, 4, 8]) insert(world, SMALL, entry({ page }));
  expect(entriesOf(world, SMALL).map(({ page }) => page)).toEqual([8, 4]);

  insert(world, SMALL, entry({ page: 12 }));
  expect(entriesOf(world, SMALL).map(({ page }) => page)).toEqual([8, 12]);

  invalidate(world, SMALL, { page: 12 });
  insert(world, SMALL, entry({ page: 16 }));
  expect(entriesOf(world, SMALL).map(({ page }) => page)).toEqual([8, 16]);
});

test('the same tag again replaces the entry instead of doubling it', () => {
  const world = emptyWorld();
  insert(world, SMALL, entry({ page: 4, output: 1 }));
  insert(world, SMALL, entry({ page: 4, output: 2 }));

  expect(entriesOf(world, SMALL).map(({ output }) => output)).toEqual([2]);
});

test('invalidation by ASID takes global entries along unless they are to be kept', () => {
  const world = emptyWorld();
  insert(world, SMALL, entry({ asid: 1, page: 0 }));
  insert(world, SMALL, entry({ asid: 2, page: 1 }));
  insert(world, SMALL, entry({ asid: 9, page: 2, global: true }));

  expect(invalidate(world, SMALL, { asid: 1, keepGlobal: true })).toBe(1);
  expect(invalidate(world, SMALL, { asid: 1 })).toBe(1);
  expect(entriesOf(world, SMALL).map(({ asid }) => asid)).toEqual([2]);
});

test('invalidation by range takes every entry that intersects it, whatever its size', () => {
  const world = emptyWorld();
  insert(world, SMALL, entry({ page: 0x200, span: 9, output: 0x200 }));
  insert(world, SMALL, entry({ page: 0x3ff }));
  insert(world, SMALL, entry({ page: 0x600 }));

  expect(invalidate(world, SMALL, { page: 0x3ff })).toBe(2);
  expect(invalidate(world, SMALL, { page: 0, span: 52, vmid: 1 })).toBe(0);
  expect(invalidate(world, SMALL, { page: 0, span: 52 })).toBe(1);
});

test('an empty cache leaves no trace but its replacement state', () => {
  const world = emptyWorld();
  const before = world.fingerprint();
  insert(world, SMALL, entry({ page: 3 }));
  invalidate(world, SMALL, {});

  expect(world.fingerprint()).toEqual(before);

  const cache: TlbShape = { ...SMALL, replacement: 'lru' };
  for (const page of [3, 7, 3]) insert(world, cache, entry({ page }));
  invalidate(world, cache, {});
  expect(world.fingerprint()).toEqual(before);
});

test('a geometry of several pages keeps its entries apart', () => {
  const world = emptyWorld();
  const large: TlbShape = { page: SRAM_FIRST + 8, sets: 64, ways: 6 };
  for (let page = 0; page < 384; page++) insert(world, large, entry({ page, output: page }));

  expect(tlbPages(large)).toBe(4);
  for (let page = 0; page < 384; page++) {
    expect(outputOf(world, large, lookup(world, large, key(page)), page)).toBe(page);
  }
});

test('it never answers what a list of all insertions would not', () => {
  const operation = fc.record({
    page: fc.nat(12),
    asid: fc.integer({ min: -1, max: 2 }),
    output: fc.nat(99),
    drop: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const world = emptyWorld();
      const latest = new Map<string, number>();
      for (const { page, asid, output, drop } of operations) {
        if (drop) {
          invalidate(world, SMALL, { asid, page });
          latest.delete(`${asid} ${page}`);
        } else {
          insert(world, SMALL, entry({ page, asid, output }));
          latest.set(`${asid} ${page}`, output);
        }
      }
      for (const found of entriesOf(world, SMALL)) {
        expect(latest.get(`${found.asid} ${found.page}`)).toBe(found.output);
      }
    }),
  );
});

test('lru gives up what was used longest ago, and forgets what was dropped', () => {
  const world = emptyWorld();
  const cache: TlbShape = { page: SRAM_FIRST, sets: 1, ways: 3, replacement: 'lru' };
  for (const page of [1, 2, 3]) insert(world, cache, entry({ page }));
  touch(world, cache, lookup(world, cache, key(1)));
  insert(world, cache, entry({ page: 4 }));
  expect(entriesOf(world, cache).map(({ page }) => page)).toEqual([1, 4, 3]);

  invalidate(world, cache, { page: 1 });
  insert(world, cache, entry({ page: 5 }));
  insert(world, cache, entry({ page: 6 }));
  expect(entriesOf(world, cache).map(({ page }) => page)).toEqual([5, 4, 6]);
});

test('lru does what a list in order of use does', () => {
  const operation = fc.record({ page: fc.nat(9), kind: fc.constantFrom('use', 'use', 'use', 'drop') });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
      const world = emptyWorld();
      const cache: TlbShape = { page: SRAM_FIRST, sets: 2, ways: 4, replacement: 'lru' };
      const order: number[][] = [[], []];
      for (const { page, kind } of operations) {
        const set = order[page % 2] as number[];
        const known = set.indexOf(page);
        if (known >= 0) set.splice(known, 1);
        if (kind === 'drop') {
          invalidate(world, cache, { page });
          continue;
        }
        const index = lookup(world, cache, key(page));
        if (index >= 0) touch(world, cache, index);
        else insert(world, cache, entry({ page }));
        set.unshift(page);
        set.splice(4);
      }
      const kept = entriesOf(world, cache).map(({ page }) => page);
      expect(kept.sort()).toEqual(order.flat().sort());
    }),
  );
});

test('random replacement is the same for the same seed, and another for another', () => {
  const kept = (seed: number): number[] => {
    const world = emptyWorld();
    const cache: TlbShape = { page: SRAM_FIRST, sets: 1, ways: 8, replacement: 'random', seed };
    for (let page = 0; page < 64; page++) insert(world, cache, entry({ page }));
    return entriesOf(world, cache).map(({ page }) => page);
  };

  expect(kept(1)).toEqual(kept(1));
  expect(kept(1)).not.toEqual(kept(2));
});
