import fc from 'fast-check';
import { expect, test } from 'vitest';
import { finish0, finish1, hashText, mix0, mix1, wide0, wide1 } from './hash.ts';

/** What a row does: both mixes over a list of integers. */
function hash(values: readonly number[]): [number, number] {
  return [finish0(values.reduce(wide0, 0)), finish1(values.reduce(wide1, 0))];
}

const anInteger = fc.oneof(
  fc.integer({ min: -2, max: 2 }),
  fc.constantFrom(2 ** 31, 2 ** 32 - 1, 2 ** 32, -(2 ** 31), -(2 ** 32), -(2 ** 52)),
  fc.integer({ min: -(2 ** 52), max: 2 ** 53 - 1 }),
);
const integers = fc.array(anInteger, { minLength: 2, maxLength: 2 });

test('lists of integers of up to 53 bits that differ have two other hashes', () => {
  fc.assert(
    fc.property(integers, integers, (one, other) => {
      fc.pre(one.join() !== other.join());
      const [[a0, a1], [b0, b1]] = [hash(one), hash(other)];
      expect([a0 === b0, a1 === b1]).toEqual([false, false]);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  [
    [2 ** 32 + 5, 7],
    [5, 7 * 2 ** 32 + 1],
  ],
  [
    [2 ** 40, 0],
    [2 ** 41, 0],
  ],
  [
    [-1, 0],
    [2 ** 32 - 1, 0],
  ],
  [
    [-(2 ** 31), 0],
    [2 ** 31, 0],
  ],
])('%j and %j differ, though their 32-bit words are alike', (one, other) => {
  const [[a0, a1], [b0, b1]] = [hash(one), hash(other)];

  expect([a0 === b0, a1 === b1]).toEqual([false, false]);
});

test('both hashes are 32-bit integers that need each other: neither follows from the other', () => {
  const hashes = Array.from({ length: 40_000 }, (_, value) => hash([value, value >>> 3]));

  expect(hashes.flat().every((each) => each === (each | 0))).toBe(true);
  expect(new Set(hashes.map(([high, low]) => `${high & 0xff}:${low & 0xff}`)).size).toBeGreaterThan(25_000);
});

test('a hash depends on the value and on what was hashed before', () => {
  expect(mix0(1, 5)).not.toBe(mix0(2, 5));
  expect(mix1(1, 5)).not.toBe(mix1(2, 5));
  expect(mix0(1, 5)).not.toBe(mix0(1, 6));
  expect(mix1(1, 5)).not.toBe(mix1(1, 6));
});

test('a text has its number from its letters alone, also beyond the texts that are remembered', () => {
  const texts = Array.from({ length: 10_000 }, (_, i) => `text ${i}`);
  const numbers = texts.map(hashText);

  expect(new Set(numbers).size).toBe(texts.length);
  expect(texts.map(hashText)).toEqual(numbers);
  expect(hashText('ab')).not.toBe(hashText('ba'));
});
