import { expect, test } from 'vitest';
import { below, nextWord, seeded } from './random.ts';

test('a seed gives one sequence, which goes on from its state', () => {
  const random = seeded(7);
  const first = [nextWord(random), nextWord(random)];
  const resumed = { state: random.state };

  expect([nextWord(seeded(7)), first]).toEqual([first[0], first]);
  expect(nextWord(resumed)).toBe(nextWord(random));
  expect(nextWord(seeded(8))).not.toBe(first[0]);
});

test('a choice is below its end, and each comes up', () => {
  const random = seeded(1);
  const counts = [0, 0, 0, 0, 0];
  for (let i = 0; i < 5000; i++) {
    const choice = below(random, counts.length);
    counts[choice] = (counts[choice] ?? Number.NaN) + 1;
  }

  expect(counts).toHaveLength(5);
  expect(Math.min(...counts)).toBeGreaterThan(800);
});
