import { expect, test } from 'vitest';
import { inSight, isWithin, linkBetween } from './links.ts';

const box = (left: number, top: number, width = 100, height = 20) => ({ left, top, width, height });

test('an arrow leaves one side of a box and arrives at the facing side of the other', () => {
  expect(linkBetween(box(0, 0), box(200, 100))).toMatch(/^M100,10.*198,110$/);
  expect(linkBetween(box(200, 100), box(0, 0))).toMatch(/^M200,110.*102,10$/);
});

test('what is scrolled out of its column is not within it', () => {
  expect(isWithin(box(0, 40), box(0, 0, 100, 100))).toBe(true);
  expect(isWithin(box(0, 140), box(0, 0, 100, 100))).toBe(false);
});

test('the line of a card stays with what is in sight of the card', () => {
  const frame = box(0, 100, 100, 200);

  expect(inSight(box(0, 110), box(0, 105, 100, 80), frame)?.top).toBe(110);
  expect(inSight(box(0, -50), box(0, -60, 100, 400), frame)?.top).toBe(100);
  expect(inSight(box(0, -50), box(0, -60, 100, 40), frame)).toBeNull();
});
