import { expect, test } from 'vitest';
import { writeWord } from '../../world/memory.ts';
import { createWorld, schemaOf } from '../../world/table.ts';
import type { World } from '../../world/world.ts';
import { encode, pointerTo } from '../layout.ts';
import type { Access } from '../page-format.ts';
import { SV39, SV48 } from './format.ts';
import { PTE } from './pte.layout.ts';

const ROOT = 0x80000;
const FRAME = 0x8001f;
const PAGE = 0x7f000_0003;
/** A page of users that was used and written. */
const RW = { V: 1, R: 1, W: 1, U: 1, A: 1, D: 1 };

type Fields = Partial<Record<keyof typeof PTE.fields, number>>;

function put(world: World, table: number, index: number, words: Uint32Array): void {
  writeWord(world, table, index * 8, words[0] ?? 0);
  writeWord(world, table, index * 8 + 4, words[1] ?? 0);
}

const indexOf = (page: number, above: number): number => Math.floor(page / 512 ** above) % 512;
const ppn = (page: number): number => pointerTo(page, 0, 12);

/** Sv48 tables for PAGE; `depth` is that of the table in which the leaf stands, and `pointer` adds to the pointers. */
function sv48(leaf: Fields, depth = 3, pointer: Fields = {}): World {
  const world = createWorld(schemaOf([]), ROOT, 32);
  for (let at = 0; at < depth; at++) {
    put(world, ROOT + at, indexOf(PAGE, 3 - at), encode(PTE, { V: 1, PPN: ppn(ROOT + at + 1), ...pointer }));
  }
  put(world, ROOT + depth, indexOf(PAGE, 3 - depth), encode(PTE, { PPN: ppn(FRAME), ...leaf }));
  return world;
}

const faultOf = (leaf: Fields, access: Access = 'read', depth = 3, pointer: Fields = {}) =>
  SV48.walkForUser(sv48(leaf, depth, pointer), ROOT, PAGE, access).fault;

test('four levels of Sv48 and three of Sv39 lead to a page of 4 KiB', () => {
  const found = SV48.walkForUser(sv48(RW), ROOT, PAGE, 'write');
  expect(found).toMatchObject({ fault: null, depth: 3, page: FRAME, global: false });
  expect(found.permissions).toEqual({ read: true, write: true, execute: false });

  // The page numbers of Sv39 have 27 bits: its root is the second table of the other tree.
  const world = sv48(RW);
  expect(SV39.walkForUser(world, ROOT + 1, PAGE % 2 ** 27, 'read')).toMatchObject({
    fault: null,
    depth: 2,
    page: FRAME,
  });
});

const NOTHING: readonly (readonly [Fields, string])[] = [
  [{}, 'V=0'],
  [{ ...RW, R: 0 }, 'W without R'],
  [{ ...RW, PBMT: 1 }, 'PBMT without Svpbmt'],
  [{ ...RW, N: 1 }, 'N without Svnapot'],
  [{ V: 1 }, 'a pointer where no table is left'],
];

test.each(NOTHING)('%o is nothing to a walk: %s', (leaf) => {
  expect(faultOf(leaf)).toBe('translation');
});

test.each(['A', 'D', 'U', 'N', 'PBMT'] as const)('a pointer with %s is reserved', (field) => {
  expect(faultOf(RW, 'read', 3, { [field]: 1 })).toBe('translation');
});

test('rights come before A and D', () => {
  expect(faultOf({ ...RW, W: 0, D: 0 }, 'write')).toBe('permission');
  expect(faultOf({ ...RW, U: 0 })).toBe('permission');
  expect(faultOf(RW, 'execute')).toBe('permission');
  expect(faultOf({ ...RW, X: 1 }, 'execute')).toBeNull();
});

test('a use needs A and a write needs D, and what the TLB may keep does not say more', () => {
  expect(faultOf({ ...RW, A: 0 })).toBe('access');
  expect(faultOf({ ...RW, D: 0 }, 'write')).toBe('access');
  const clean = SV48.walkForUser(sv48({ ...RW, D: 0 }), ROOT, PAGE, 'read');
  expect([clean.fault, clean.permissions.write]).toEqual([null, false]);
});

test('a larger page is aligned, and a walk gives the 4 KiB page in it', () => {
  expect(SV48.walkForUser(sv48({ ...RW, PPN: ppn(0x80200) }, 2), ROOT, PAGE, 'read').page).toBe(0x80200 + (PAGE % 512));
  expect(faultOf({ ...RW, PPN: ppn(0x80201) }, 'read', 2)).toBe('translation');
});

test('G of any entry on the way makes the translation global', () => {
  expect(SV48.walkForUser(sv48(RW, 3, { G: 1 }), ROOT, PAGE, 'read').global).toBe(true);
  expect(SV48.walkForUser(sv48({ ...RW, G: 1 }), ROOT, PAGE, 'read').global).toBe(true);
});

test('half of the addresses are the kernel’s: users have 38 bits with Sv39, 47 with Sv48', () => {
  expect([SV39.userPages, SV48.userPages]).toEqual([2 ** 26, 2 ** 35]);
});

test('the kernel’s entries are those of arch/riscv: clean is W without D, hidden is G without V', () => {
  const rights = { read: 1, write: 1, exec: 0 };
  const written = SV48.userLeaf(0x9a, rights, true);
  expect(written).toEqual({ lo: (0x9a << 10) | 0xd7, hi: 0 });
  expect(SV48.userLeaf(0x9a, rights, false)).toEqual({ lo: (0x9a << 10) | 0x53, hi: 0 });
  const clean = SV48.madeOld(written, true);
  expect([SV48.isCleanWritable(clean), SV48.isYoung(clean), SV48.isDirty(clean)]).toEqual([true, false, false]);
  expect(SV48.madeUsed(clean, true)).toEqual(written);

  const hidden = SV48.userLeaf(0x9a, { read: 0, write: 0, exec: 0 }, false);
  expect([SV48.isPresent(hidden), SV48.isValid(hidden), SV48.pfnOf(hidden)]).toEqual([true, false, 0x9a]);
  expect(SV48.pfnOf(SV48.userLeaf(0xfff_ffff_ffff, rights, true))).toBe(0xfff_ffff_ffff);
});
