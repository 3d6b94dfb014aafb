import { expect, test } from 'vitest';
import { rowsInView } from './window.ts';

test('rows in sight are there with some more at both ends, and never more than there are', () => {
  expect(rowsInView({ top: 0, height: 200 }, 100_000, 20, 20)).toEqual({ first: 0, last: 40 });
  expect(rowsInView({ top: 20_000, height: 200 }, 100_000, 20, 20)).toEqual({ first: 980, last: 1040 });
  expect(rowsInView({ top: 0, height: 200 }, 12, 20, 20)).toEqual({ first: 0, last: 12 });
});

test('a little scrolling asks for the same rows', () => {
  const rows = (top: number) => rowsInView({ top, height: 200 }, 1000, 20, 20);

  expect(rows(6005)).toEqual(rows(6015));
});
