import { expect, test } from 'vitest';
import { barsPath, eventsAt, gapsIn, nextGap, rowOf, rowWanted } from './beside.ts';

/** Both runs have the first and the last event; between them the left has two of its own, the right one. */
const ROWS = { left: [1, 2, 3, 0, 4], right: [1, 0, 0, 2, 3], shared: 2 };

test('at a row each run stands at its last event up to there', () => {
  expect(eventsAt(ROWS, 0)).toEqual({ left: 0, right: 0 });
  expect(eventsAt(ROWS, 3)).toEqual({ left: 3, right: 1 });
  expect(eventsAt(ROWS, 4)).toEqual({ left: 3, right: 2 });
  expect([rowOf(ROWS.left, 0), rowOf(ROWS.left, 4), rowOf(ROWS.right, 2)]).toEqual([0, 5, 4]);
});

test('a row that is wanted is taken where the left run stands at its event there', () => {
  expect(rowWanted(ROWS, 3, 4)).toBe(4);
  expect([rowWanted(ROWS, 3), rowWanted(ROWS, 3, 1), rowWanted(ROWS, 4, 6)]).toEqual([3, 3, 5]);
});

test('gaps are found one stretch after another, both ways', () => {
  expect(nextGap(ROWS, 0, 1)).toBe(2);
  expect(nextGap(ROWS, 2, 1)).toBe(null);
  expect(nextGap(ROWS, 5, -1)).toBe(2);
  expect(nextGap(ROWS, 2, -1)).toBe(null);
});

test('each part of the bar tells its share of what one run has alone', () => {
  expect(gapsIn(ROWS, 5)).toEqual({ left: [0, 1, 1, 0, 0], right: [0, 0, 0, 1, 0] });
  expect(gapsIn(ROWS, 1)).toEqual({ left: [expect.closeTo(0.4)], right: [expect.closeTo(0.2)] });
  expect(barsPath([0, 0.5], { line: 8, height: 8, unit: 3 })).toBe('M3,8v-4h3v4z');
});
