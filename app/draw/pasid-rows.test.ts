import { expect, test } from 'vitest';
import type { PasidRowView } from '../engine/contract.ts';
import { rowsShown } from './pasid-rows.ts';

const row = (pasid: number, valid = false, mm: number | null = null): PasidRowView => ({
  key: `cd/0/${pasid}`,
  pasid,
  valid,
  leadsTo: valid ? 'mm' : 'none',
  mm,
  dmaTree: null,
  asid: null,
  shared: false,
  label: '',
});
const told = (rows: readonly PasidRowView[], touched: readonly string[] = []) =>
  rowsShown(rows, new Set(touched)).map((shown) =>
    shown.kind === 'row' ? shown.row.pasid : shown.rows.map(({ pasid }) => pasid),
  );

test('invalid rows one after another are told together, a single one by itself', () => {
  expect(told([row(0, true), row(1), row(2), row(3), row(4, true), row(5)])).toEqual([0, [1, 2, 3], 4, 5]);
});

test('a row that the event has touched, or that is still of a process, is never told together with others', () => {
  expect(told([row(1), row(2), row(3), row(4, false, 7), row(5), row(6)], ['cd/0/2'])).toEqual([1, 2, 3, 4, [5, 6]]);
});
