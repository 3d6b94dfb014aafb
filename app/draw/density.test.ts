import { expect, test } from 'vitest';
import { barsOf } from './density.ts';

test('bars of a part stand one on the other, and the fullest part is as high as there is room', () => {
  const counts = [
    { mover: 'kernel' as const, parts: [3, 1] },
    { mover: 'device' as const, parts: [1, 0] },
  ];

  expect(barsOf({ counts, faults: [false, false] }, 100, 8)).toEqual([
    { x: 0, y: 2, width: 50, height: 6, tone: 'kernel' },
    { x: 0, y: 0, width: 50, height: 2, tone: 'device' },
    { x: 50, y: 6, width: 50, height: 2, tone: 'kernel' },
  ]);
});

test('a fault is told whatever else happens in its part', () => {
  const counts = [{ mover: 'kernel' as const, parts: [3, 1] }];

  expect(barsOf({ counts, faults: [false, true] }, 4, 8)[1]).toMatchObject({ x: 2, y: 0, height: 8, tone: 'fault' });
});
