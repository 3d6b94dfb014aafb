import { expect, test } from 'vitest';
import { smallWorld } from './testing.ts';
import {
  findExtendVma,
  findVma,
  isCovered,
  isolate,
  mergeAround,
  newVma,
  PROT,
  permits,
  STACK_GUARD_GAP,
  STACK_LIMIT,
  type Vma,
  vmaLookup,
  vmas,
  vmasOf,
} from './vma.ts';

const TOP = 0x7fffff000;

function withVmas(...list: (Partial<Vma> & Pick<Vma, 'start' | 'end'>)[]) {
  const world = smallWorld();
  for (const fields of list) vmas.insert(world, newVma({ mm: 0, name: 'heap', ...fields }));
  return world;
}

const ranges = (list: Vma[]) => list.map(({ start, end }) => [start, end]);

test('find_vma answers with what ends behind the page, vma_lookup only with what holds it', () => {
  const world = withVmas(
    { start: 0x200, end: 0x300 },
    { start: 0x100, end: 0x110 },
    { mm: 1, start: 0x110, end: 0x120 },
  );

  expect(findVma(world, 0, 0x110)?.start).toBe(0x200);
  expect(vmaLookup(world, 0, 0x110)).toBe(null);
  expect(vmaLookup(world, 0, 0x10f)?.start).toBe(0x100);
  expect(findVma(world, 0, 0x300)).toBe(null);
});

test('a stack grows down to its limit and no further', () => {
  const world = withVmas({ start: TOP - 2, end: TOP, kind: 'stack' });

  expect(findExtendVma(world, 0, TOP - 10)).toMatchObject({ start: TOP - 10, end: TOP });
  expect(findExtendVma(world, 0, TOP - STACK_LIMIT - 1)).toBe(null);
  expect(findExtendVma(world, 0, TOP - STACK_LIMIT)).toMatchObject({ start: TOP - STACK_LIMIT });
});

test('a stack keeps a gap to what lies below it, and a heap never grows', () => {
  const below = TOP - 1000;
  const world = withVmas({ start: TOP - 2, end: TOP, kind: 'stack' }, { start: below - 1, end: below });

  expect(findExtendVma(world, 0, below + STACK_GUARD_GAP - 1)).toBe(null);
  expect(findExtendVma(world, 0, below + STACK_GUARD_GAP)).not.toBe(null);
  expect(findExtendVma(world, 0, below - 2)).toBe(null);
});

test('what is cut out of a file keeps its place in the file', () => {
  const world = withVmas({ start: 0x100, end: 0x110, kind: 'file', file: 0, offset: 0x20 });

  const middle = isolate(world, 0, 0x104, 0x108);

  expect(middle).toMatchObject([{ start: 0x104, end: 0x108, offset: 0x24 }]);
  expect(vmasOf(world, 0).map(({ offset }) => offset)).toEqual([0x20, 0x24, 0x28]);
  mergeAround(world, 0, 0x104, 0x108);
  expect(vmasOf(world, 0)).toMatchObject([{ start: 0x100, end: 0x110, offset: 0x20 }]);
});

test.each([
  ['rights', { write: 0 }],
  ['name', { name: 'other' }],
  ['sharing', { shared: 1 }],
])('neighbours of different %s stay two', (_what, fields) => {
  const world = withVmas({ start: 0x100, end: 0x110 }, { start: 0x110, end: 0x120, ...fields });

  mergeAround(world, 0, 0x100, 0x120);

  expect(ranges(vmasOf(world, 0))).toEqual([
    [0x100, 0x110],
    [0x110, 0x120],
  ]);
});

test('a range is covered when no page of it is in a hole', () => {
  const world = withVmas(
    { start: 0x100, end: 0x110 },
    { start: 0x110, end: 0x120, write: 0 },
    { start: 0x121, end: 0x130 },
  );

  expect(isCovered(world, 0, 0x105, 0x120)).toBe(true);
  expect(isCovered(world, 0, 0x105, 0x121)).toBe(false);
});

test('who may write may read, and nothing else follows from anything', () => {
  const world = withVmas({ start: 1, end: 2, read: 0, write: 1 }, { start: 2, end: 3, write: 0, exec: 1 });
  const [writable, executable] = vmasOf(world, 0) as [Vma, Vma];

  expect([PROT.read, PROT.write, PROT.exec].map((prot) => permits(writable, prot))).toEqual([true, true, false]);
  expect([PROT.read, PROT.write, PROT.exec].map((prot) => permits(executable, prot))).toEqual([true, false, true]);
});
