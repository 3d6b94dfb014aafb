import { expect, test } from 'vitest';
import { EXHIBIT_WIDTH, exhibitPicture } from './exhibit.ts';

const turn = (event: number, column: number) => ({ event, column, mm: null });

test('each step is a dot in the column of who did it, below the one before; the last has the cross', () => {
  const { dots, cross, path } = exhibitPicture({
    columns: ['app', 'tool'],
    turns: [turn(1, 0), turn(2, 1), turn(3, 0)],
  });

  expect(dots.map(({ x }) => x)).toEqual([EXHIBIT_WIDTH / 4, (3 * EXHIBIT_WIDTH) / 4, EXHIBIT_WIDTH / 4]);
  expect(dots.map(({ y }) => y)).toEqual(dots.map(({ y }) => y).toSorted((a, b) => a - b));
  expect(cross).toMatchObject({ x: dots[2]?.x, y: dots[2]?.y });
  expect(path).toBe(dots.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x},${y}`).join(''));
});

test('a long name takes up to three lines, and no line more than its column', () => {
  const columns = ['app', 'smmu0 translation unit', 'PRI interrupt thread of many', 'gpu0'];
  const { heads } = exhibitPicture({ columns, turns: [] });

  expect(heads.map(({ lines }) => lines)).toEqual([
    ['app'],
    ['smmu0', 'translation', 'unit'],
    ['PRI', 'interrupt', 'thread of\u2026'],
    ['gpu0'],
  ]);
});
