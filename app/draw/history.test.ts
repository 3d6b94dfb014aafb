import { expect, test } from 'vitest';
import type { InspectionView } from '../engine/contract.ts';
import { linesInSight } from './history.ts';

const FIELD: InspectionView['fields'][number] = { name: 'state', value: 'idle' };
const RECORD: InspectionView['records'][number] = { name: 'PTE', cite: '', words: ['0', '0'], bits: [], bytes: 16 };

test('a thing without fields has room for a box full of lines, and more when the box is higher', () => {
  expect(linesInSight({ fields: [], records: [] }, 580)).toBe(21);
  expect(linesInSight({ fields: [], records: [] }, 820)).toBe(31);
});

test('fields and records above take room away, and a few lines are drawn however little is left', () => {
  expect(linesInSight({ fields: new Array(8).fill(FIELD), records: [] }, 580)).toBe(15);
  expect(linesInSight({ fields: [], records: [RECORD] }, 580)).toBe(18);
  expect(linesInSight({ fields: new Array(40).fill(FIELD), records: [RECORD] }, 580)).toBe(4);
});
