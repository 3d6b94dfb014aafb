import { expect, test } from 'vitest';
import { type Person, treeOf } from '../testing/model.ts';
import { pagesWithin, pinnedPages, tornOff } from './pins.ts';

const FIRST = 0x7f00_0000;

function processWith(mm: number, frames: readonly (readonly [number, number])[]): Person {
  const place = { name: `p${mm}`, pid: 100 + mm, asid: mm, pasid: null, doing: null, waiting: false };
  return { mm, ...place, areas: [], frames: new Map(frames) };
}

const pin = (mm: number, page: number, pfn: string) => ({
  ...{ key: `pin/${mm}`, page: `0x${(page * 4096).toString(16)}`, pfn, mm, process: `p${mm}`, device: null },
});

test('a pinned frame is pinned in every address space that maps it', () => {
  const trees = [processWith(0, [[FIRST, 0x8a2]]), processWith(1, [[FIRST, 0x8a2]])].map((person) => treeOf(person));

  const pages = pinnedPages(trees, [pin(0, FIRST, '8a2')]);

  expect([...pages]).toEqual([
    [0, [FIRST]],
    [1, [FIRST]],
  ]);
});

test('pages are counted within their range alone', () => {
  expect(pagesWithin([4, 5, 9], '0x4000', 2)).toBe(2);
});

test('a pin is torn off when its process has another frame at the page, or none', () => {
  const moved = treeOf(processWith(0, [[FIRST, 0x8a7]]));
  const kept = treeOf(processWith(1, [[FIRST, 0x8a2]]));

  const lost = tornOff([moved, kept], [pin(0, FIRST, '8a2'), pin(1, FIRST, '8a2'), pin(1, FIRST + 1, '8a3')]);

  expect(lost.map(({ mm, pfn }) => [mm, pfn])).toEqual([
    [0, '8a2'],
    [1, '8a3'],
  ]);
});
