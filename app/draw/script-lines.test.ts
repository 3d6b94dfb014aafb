import { expect, test } from 'vitest';
import { lineAt } from './script-lines.ts';

const line = (number: number, first: number, last: number) =>
  ({ line: number, first, last, state: 'done', output: [] }) as const;
const LINES = [line(1, 0, 0), line(2, 0, 0), line(4, 0, 5), line(5, 5, 5), line(7, 5, 9)];

test('an event belongs to the line that was under way', () => {
  expect([1, 5, 6, 9].map((at) => lineAt(LINES, at)?.line)).toEqual([4, 4, 7, 7]);
});

test('before the first event the last line that set the stage is the one, and without lines none is', () => {
  expect(lineAt(LINES, 0)?.line).toBe(2);
  expect(lineAt([], 3)).toBeUndefined();
});
