import fc from 'fast-check';
import { expect, test } from 'vitest';
import { longestRising } from './rising.ts';

test.each([
  [[], []],
  [
    [1, 2, 3],
    [1, 2, 3],
  ],
  [
    [3, 1, 2],
    [0, 1, 2],
  ],
  [
    [0, 5, 0, 1, 6],
    [0, 0, 0, 1, 6],
  ],
])('of %j it picks %j', (numbers, picked) => {
  expect(longestRising(numbers)).toEqual(picked);
});

test('what it picks rises, and no rising list is longer', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 9 }), (numbers) => {
      const picked = longestRising(numbers);
      const kept = picked.filter((number) => number > 0);
      expect(kept.every((number, index) => index === 0 || number > (kept[index - 1] as number))).toBe(true);
      expect(picked.every((number, index) => number === 0 || number === numbers[index])).toBe(true);
      let best = 0;
      for (let mask = 0; mask < 2 ** numbers.length; mask++) {
        const list = numbers.filter((number, index) => ((mask >> index) & 1) === 1 && number > 0);
        if (list.every((number, index) => index === 0 || number > (list[index - 1] as number)))
          best = Math.max(best, list.length);
      }
      expect(kept.length).toBe(best);
    }),
    { numRuns: 300 },
  );
});
