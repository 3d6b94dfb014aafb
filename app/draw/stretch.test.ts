import { expect, test } from 'vitest';
import { aimIn, countIn, eventIn, isIn, placeIn } from './stretch.ts';

const CHAPTER = { first: 10, last: 20, only: null };
const CAUSES = { first: 3, last: 30, only: [4, 9, 30] };

test('a chapter has its events and no other, and no step leaves it', () => {
  expect([10, 11, 20, 21].map((event) => isIn(CHAPTER, event))).toEqual([false, true, true, false]);
  expect([countIn(CHAPTER), eventIn(CHAPTER, 0), placeIn(CHAPTER, 20)]).toEqual([10, 11, 9]);
  expect([aimIn(CHAPTER, 15, 16), aimIn(CHAPTER, 15, 40), aimIn(CHAPTER, 15, 2)]).toEqual([16, 20, 10]);
});

test('a chain of causes is gone through link by link', () => {
  expect([4, 5, 30].map((event) => isIn(CAUSES, event))).toEqual([true, false, true]);
  expect([countIn(CAUSES), eventIn(CAUSES, 1), placeIn(CAUSES, 12)]).toEqual([3, 9, 1]);
  expect([aimIn(CAUSES, 4, 5), aimIn(CAUSES, 12, 11), aimIn(CAUSES, 30, 31), aimIn(CAUSES, 4, 3)]).toEqual([
    9, 9, 30, 3,
  ]);
});
