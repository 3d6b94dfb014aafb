import { expect, test } from 'vitest';
import { ceilingOf, curveOf } from './sweep.ts';

const BOX = { width: 400, height: 150 };

test('sizes stand evenly by doubling, and values from the bottom to the top', () => {
  const samples = [1, 4, 16].map((pages, index) => ({ pages, value: index / 2 }));
  const { dots, left, right, bottom, across } = curveOf(samples, BOX, 16, 1, String);

  expect(dots.map(({ x }) => Math.round(x))).toEqual([left, (left + right) / 2, right]);
  expect(dots.map(({ y }) => Math.round(y))).toEqual([bottom, 68, 10]);
  expect(across.map(({ label }) => label)).toEqual(['1', '2', '4', '8', '16']);
});

test('marks that would run into each other are left out', () => {
  expect(curveOf([], BOX, 2 ** 18, 1, String).across.map(({ label }) => label)).toEqual([
    ...['1', '16', '256', '4,096', '65,536'],
  ]);
});

test('the axis of values ends at a round number', () => {
  expect([[15], [93.7], [560, 20], []].map(ceilingOf)).toEqual([20, 100, 1000, 1]);
});
