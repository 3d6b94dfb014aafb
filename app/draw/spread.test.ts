import { expect, test } from 'vitest';
import { spread } from './spread.ts';

const wish = (center: number, width = 10) => ({ center, width });

test('a thing alone stands where it wishes', () => {
  expect(spread([wish(50)], 4, 100)).toEqual([45]);
});

test('things that wish for one place share it, in their order', () => {
  const edges = spread([wish(50), wish(50), wish(50)], 4, 100);

  expect(edges).toEqual([31, 45, 59]);
});

test('nothing sticks out on either side', () => {
  const edges = spread([wish(0), wish(1), wish(99), wish(100)], 4, 100);

  expect(edges).toEqual([0, 14, 76, 90]);
});

test('neighbours keep their gap wherever they wish to be', () => {
  const edges = spread(
    [3, 5, 5, 31, 33, 70, 71, 99].map((center) => wish(center)),
    2,
    100,
  );

  for (const [index, edge] of edges.entries()) {
    expect(edge).toBeGreaterThanOrEqual(index === 0 ? 0 : (edges[index - 1] ?? 0) + 12 - 1e-9);
    expect(edge).toBeLessThanOrEqual(90);
  }
});
