import { expect, test } from 'vitest';
import { frames } from './frame.ts';
import { mms } from './mm.ts';
import {
  clearPte,
  ensureTables,
  isPresent,
  isValid,
  leafTable,
  makeWritable,
  nextPresent,
  pfnOf,
  pteFor,
  readPte,
  setPte,
  unlinkTables,
  writeProtect,
} from './page-table.ts';
import { aProcess, RAM_FIRST, smallWorld, USER_PAGES } from './testing.ts';

const RW = { read: 1, write: 1, exec: 0 };
const PAGE = 0x7f0000001;

function withTree(...pages: number[]) {
  const world = smallWorld();
  const { mm } = aProcess(world);
  const { pgd } = mms.get(world, mm);
  for (const page of pages) {
    ensureTables(world, pgd, page, mm);
    setPte(world, pgd, page, pteFor(world, 0x9a, RW, true));
  }
  return { world, pgd, mm };
}

test('the descriptor of a page that users may write is the one of the reference, with DBM (PTE_WRITE of arm64)', () => {
  const world = smallWorld();

  expect(pteFor(world, 0x9a, RW, true)).toMatchObject({ lo: 0x0009_af43, hi: 0x0068_0000 });
  expect(pteFor(world, 0x9a, RW, false)).toMatchObject({ lo: 0x0009_afc3, hi: 0x0060_0000 });
  expect(pteFor(world, 0x9a, { read: 1, write: 0, exec: 1 }, false)).toMatchObject({
    lo: 0x0009_afc3,
    hi: 0x0020_0000,
  });
});

test('a page above 4 GiB keeps the upper half of its number', () => {
  expect(pfnOf(pteFor(smallWorld(), 0xabc_12345, RW, true))).toBe(0xabc_12345);
});

test('a page without rights is there for the kernel and not for the hardware', () => {
  const none = pteFor(smallWorld(), 0x9a, { read: 0, write: 0, exec: 0 }, false);

  expect(isPresent(none)).toBe(true);
  expect(isValid(none)).toBe(false);
  expect(pfnOf(none)).toBe(0x9a);
});

test('three tables lead to the first page, and none is added for its neighbour', () => {
  const { world, pgd, mm } = withTree(PAGE);

  expect(frames.all(world).filter(({ use }) => use === 'table')).toHaveLength(4);
  expect(ensureTables(world, pgd, PAGE + 1, mm)).toEqual({ ok: true, value: 0 });
  expect(leafTable(world, pgd, PAGE)).toBe(RAM_FIRST + 4);
  expect(leafTable(world, pgd, 0)).toBe(-1);
});

test('write protection and its end change AP2 and DBM', () => {
  const { world, pgd } = withTree(PAGE);

  writeProtect(world, pgd, PAGE);
  expect(readPte(world, pgd, PAGE)).toMatchObject({ lo: 0x0009_afc3, hi: 0x0060_0000 });
  makeWritable(world, pgd, PAGE);
  expect(clearPte(world, pgd, PAGE)).toMatchObject({ lo: 0x0009_af43, hi: 0x0068_0000 });
  expect(isPresent(readPte(world, pgd, PAGE))).toBe(false);
});

test('the next page that is there is found over holes of every size', () => {
  const pages = [16, 17, 16 + 512, 2 ** 18 + 3, 2 ** 27 + 5, USER_PAGES - 1];
  const { world, pgd } = withTree(...pages);

  const found: number[] = [];
  for (let page = nextPresent(world, pgd, 0, USER_PAGES); page >= 0; ) {
    found.push(page);
    page = nextPresent(world, pgd, page + 1, USER_PAGES);
  }

  expect(found).toEqual(pages);
  expect(nextPresent(world, pgd, 18, 16 + 512)).toBe(-1);
});

test('a table goes only when nothing beside the range can need it', () => {
  const { world, pgd } = withTree(PAGE, PAGE + 512);
  const range = { start: PAGE, end: PAGE + 1 };
  const leaf = leafTable(world, pgd, PAGE);
  clearPte(world, pgd, PAGE);

  expect(unlinkTables(world, pgd, { ...range, floor: PAGE, ceiling: USER_PAGES })).toEqual([]);
  expect(unlinkTables(world, pgd, { ...range, floor: 0, ceiling: PAGE + 2 })).toEqual([]);
  expect(unlinkTables(world, pgd, { ...range, floor: 0, ceiling: PAGE + 512 })).toEqual([leaf]);
  expect(leafTable(world, pgd, PAGE)).toBe(-1);
  expect(leafTable(world, pgd, PAGE + 512)).toBeGreaterThan(0);
});

test('without any memory left the whole tree but its root can be taken out', () => {
  const { world, pgd } = withTree(PAGE, PAGE + 512, 16);
  const all = { start: 0, end: USER_PAGES, floor: 0, ceiling: USER_PAGES };

  expect(unlinkTables(world, pgd, all)).toHaveLength(7);
  expect(nextPresent(world, pgd, 0, USER_PAGES)).toBe(-1);
});
