import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readWord, writeWord } from '../../world/memory.ts';
import { createWorld, schemaOf } from '../../world/table.ts';
import type { World } from '../../world/world.ts';
import { encode } from '../layout.ts';
import type { Access } from '../page-format.ts';
import { PTE_LEAF, PTE_TABLE } from './descriptor.layout.ts';
import { checkLeaf, levelIndex, permissionsOf, spanOf, translate, visit, type WalkRules, walk } from './walk.ts';

const RULES: WalkRules = {
  privileged: false,
  hardwareAccess: false,
  hardwareDirty: false,
  affd: false,
  outputBits: 40,
};
const ROOT = 0x80000;
const L1 = 0x80001;
const L2 = 0x80002;
const L3 = 0x80003;
const PAGE = 0x7f0123456;
const USER_PAGE = { valid: 1, type: 1, AP1: 1, SH: 3, AF: 1, nG: 1, OA: 0x9a, PXN: 1, UXN: 1 };

function memoryWithTables(): World {
  const world = createWorld(schemaOf([]), 0x80000, 64);
  put(world, ROOT, 0, encode(PTE_TABLE, { valid: 1, type: 1, NextTable: L1 }));
  put(world, L1, 1, encode(PTE_TABLE, { valid: 1, type: 1, NextTable: L2 }));
  put(world, L2, 2, encode(PTE_TABLE, { valid: 1, type: 1, NextTable: L3 }));
  return world;
}

function put(world: World, table: number, level: number, words: ArrayLike<number>, page = PAGE): void {
  writeWord(world, table, levelIndex(page, level) * 8, words[0] as number);
  writeWord(world, table, levelIndex(page, level) * 8 + 4, words[1] as number);
}

function withLeaf(fields: Parameters<typeof encode<keyof typeof PTE_LEAF.fields>>[1]): World {
  const world = memoryWithTables();
  put(world, L3, 3, encode(PTE_LEAF, fields));
  return world;
}

test('a page number is cut into four indices of nine bits', () => {
  expect([0, 1, 2, 3].map((level) => levelIndex(0x7f0123456, level))).toEqual([0xfe, 0x004, 0x11a, 0x056]);
});

test('four levels lead to the page that the leaf names', () => {
  const found = walk(withLeaf(USER_PAGE), ROOT, PAGE, 'write', RULES);

  expect(found).toMatchObject({ fault: null, level: 3, page: 0x9a, permissions: { read: true, write: true } });
  expect(found.visit).toMatchObject({ table: L3, lo: 0x0009_af43, hi: 0x0060_0000, kind: 'page' });
});

test.each([
  ['a descriptor that is not valid', {}, 'translation'],
  ['type bits 01 at level 3', { ...USER_PAGE, type: 0 }, 'translation'],
  ['an output page above the output size', { ...USER_PAGE, OA: 0x1000_0000 }, 'address-size'],
  ['a clear access flag', { ...USER_PAGE, AF: 0 }, 'access'],
  ['a clear access flag on a page without the right', { ...USER_PAGE, AF: 0, AP2: 1 }, 'access'],
  ['a write to a read-only page', { ...USER_PAGE, AP2: 1 }, 'permission'],
  ['a write to a writable-clean page without HD', { ...USER_PAGE, AP2: 1, DBM: 1 }, 'permission'],
  ['a user on a page of the kernel', { ...USER_PAGE, AP1: 0 }, 'permission'],
] as const)('%s is a fault', (_what, fields, fault) => {
  const world = withLeaf(fields);

  expect(walk(world, ROOT, PAGE, 'write', RULES)).toMatchObject({ fault, level: 3 });
});

test('a table in a memory hole aborts before anything else is looked at', () => {
  const world = memoryWithTables();
  put(world, L2, 2, encode(PTE_TABLE, { valid: 1, type: 1, NextTable: 0x123 }));

  expect(walk(world, ROOT, PAGE, 'read', RULES)).toMatchObject({ fault: 'abort', level: 3, page: -1 });
});

test('a table above the output size is an address size fault at the level of its descriptor', () => {
  const world = memoryWithTables();
  put(world, L2, 2, encode(PTE_TABLE, { valid: 1, type: 1, NextTable: 0x1000_0000 }));

  expect(walk(world, ROOT, PAGE, 'read', RULES)).toMatchObject({ fault: 'address-size', level: 2 });
});

test('a block stands for 2 MiB at level 2 and for nothing at level 0', () => {
  const world = memoryWithTables();
  put(world, L2, 2, encode(PTE_LEAF, { ...USER_PAGE, type: 0, OA: 0x400 }));
  put(world, ROOT, 0, encode(PTE_LEAF, { ...USER_PAGE, type: 0, OA: 0x400 }), 0);

  expect(walk(world, ROOT, PAGE, 'read', RULES)).toMatchObject({ fault: null, level: 2, page: 0x400 + (PAGE % 512) });
  expect(spanOf(2)).toBe(9);
  expect(visit(world, ROOT, 0, 0, 40).kind).toBe('invalid');
});

test('with HA the access flag is set in memory instead of a fault', () => {
  const world = withLeaf({ ...USER_PAGE, AF: 0 });

  const found = walk(world, ROOT, PAGE, 'read', { ...RULES, hardwareAccess: true });

  expect(found.fault).toBe(null);
  expect(readWord(world, L3, levelIndex(PAGE, 3) * 8)).toBe(0x0009_af43);
  expect(found.visit.lo).toBe(0x0009_af43);
});

test('with AFFD a clear access flag does not matter and stays clear', () => {
  const world = withLeaf({ ...USER_PAGE, AF: 0 });

  expect(walk(world, ROOT, PAGE, 'read', { ...RULES, affd: true }).fault).toBe(null);
  expect(readWord(world, L3, levelIndex(PAGE, 3) * 8)).toBe(0x0009_ab43);
});

test('with HA and HD a write makes a writable-clean page dirty, a read leaves it clean', () => {
  const rules = { ...RULES, hardwareAccess: true, hardwareDirty: true };
  const world = withLeaf({ ...USER_PAGE, AP2: 1, DBM: 1 });

  expect(walk(world, ROOT, PAGE, 'read', rules).fault).toBe(null);
  expect(readWord(world, L3, levelIndex(PAGE, 3) * 8)).toBe(0x0009_afc3);
  expect(walk(world, ROOT, PAGE, 'write', rules).fault).toBe(null);
  expect(readWord(world, L3, levelIndex(PAGE, 3) * 8)).toBe(0x0009_af43);
});

test('a table takes rights from all below it, unless HAD', () => {
  const world = withLeaf({ ...USER_PAGE, UXN: 0 });
  put(world, L1, 1, encode(PTE_TABLE, { valid: 1, type: 1, NextTable: L2, APTable: 2, UXNTable: 1 }));

  expect(walk(world, ROOT, PAGE, 'write', RULES).fault).toBe('permission');
  expect(walk(world, ROOT, PAGE, 'execute', RULES).fault).toBe('permission');
  expect(walk(world, ROOT, PAGE, 'read', RULES).fault).toBe(null);
  expect(walk(world, ROOT, PAGE, 'write', { ...RULES, had: true }).fault).toBe(null);
});

test('the kernel may not execute what users can write, and users may execute what they cannot read', () => {
  const privileged = { ...RULES, privileged: true };
  const [lo = 0, hi = 0] = encode(PTE_LEAF, { ...USER_PAGE, PXN: 0 });
  const [xo = 0, xoHi = 0] = encode(PTE_LEAF, { ...USER_PAGE, AP1: 0, UXN: 0, PXN: 0 });

  expect(permissionsOf(lo, hi, privileged)).toEqual({ read: true, write: true, execute: false });
  expect(permissionsOf(xo, xoHi, RULES)).toEqual({ read: false, write: false, execute: true });
  expect(permissionsOf(xo, xoHi, privileged).execute).toBe(true);
});

test('a stepped walk checks its leaf with the limits it gathered', () => {
  const world = withLeaf(USER_PAGE);

  const leaf = visit(world, L3, PAGE, 3, 40);

  expect(checkLeaf(world, leaf, 'write', RULES)).toBe(null);
  expect(checkLeaf(world, leaf, 'write', RULES, 8)).toBe('permission');
});

const word = fc.integer({ min: 0, max: 0xffff_ffff });
/** Most pointers lead to one of the tables, so that walks get to their leaves. */
const descriptor = fc.record({
  level: fc.integer({ min: 0, max: 3 }),
  lo: fc.oneof(
    word,
    fc.constantFrom(L1, L2, L3).chain((table) => word.map((low) => (table << 12) | (low & 0xffb) | 3)),
  ),
  hi: word.map((bits) => bits & 0x7fff_0000),
});
const anyRules = fc.record({
  privileged: fc.boolean(),
  hardwareAccess: fc.boolean(),
  hardwareDirty: fc.boolean(),
  affd: fc.boolean(),
  outputBits: fc.constantFrom(32, 40, 48),
  had: fc.boolean(),
});

test('the translation of a stream is the page of the walk, and marks the same pages as used', () => {
  const access = fc.constantFrom('read', 'write', 'execute');
  fc.assert(
    fc.property(fc.array(descriptor, { maxLength: 3 }), anyRules, access, (descriptors, rules, how) => {
      const worlds = [withLeaf(USER_PAGE), withLeaf(USER_PAGE)] as const;
      for (const world of worlds) {
        for (const { level, lo, hi } of descriptors) put(world, ROOT + level, level, [lo, hi]);
      }

      const { fault, page } = walk(worlds[0], ROOT, PAGE, how as Access, rules);

      expect(translate(worlds[1], ROOT, PAGE, how as Access, rules)).toBe(fault === null ? page : -1);
      expect(worlds[1].fingerprint()).toEqual(worlds[0].fingerprint());
    }),
    { numRuns: 500 },
  );
});
