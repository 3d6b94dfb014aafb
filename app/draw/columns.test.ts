import { expect, test } from 'vitest';
import type { MachineView, Moment } from '../engine/contract.ts';
import { columnsTold, countByColumn, fullestColumns, shownAs } from './columns.ts';

test('what is marked is counted in the columns that show it, and the columns with most of it come first', () => {
  const view = {
    processes: [{ key: 'mm/0', vmas: [{ key: 'vma/0' }] }],
    kernel: { locks: [] },
    trees: [{ levels: [{ tables: [{ entries: [{ key: 'pte/80c/1' }] }] }] }],
    dmaTrees: [],
    iommus: [{ key: 'smmu/0', queues: [{ slots: [{ key: 'priq/0/0' }, { key: 'priq/0/1' }] }] }],
    groups: [],
  } as unknown as MachineView;
  const counts = countByColumn(view, new Set(['vma/0', 'priq/0/0', 'priq/0/1', 'irq/3']));
  expect(counts).toEqual({ processes: 1, tables: 0, iommu: 2, devices: 0 });
  expect([1, 2, 3].map((room) => fullestColumns(counts, room).join())).toEqual([
    ...['iommu', 'processes,iommu', 'processes,tables,iommu'],
  ]);
});

test('a step is told in the columns of all who spoke in it, and of whom its sentence names', () => {
  const view = { iommus: [{ name: 'smmu0' }], groups: [{ devices: [{ name: 'gpu0' }] }] };
  const moment = {
    at: 9,
    view,
    now: { sentence: 'The device driver programs PASID 1 into gpu0.' },
  } as unknown as Moment;
  const messages = [
    { event: 4, from: 'gpu0', to: 'smmu0' },
    { event: 6, from: 'mm', to: 'mm' },
    { event: 9, from: 'app', to: 'app' },
  ];
  const told = (after: number) => [...columnsTold(moment, messages, after)].sort().join();
  expect([told(3), told(5), told(8)]).toEqual([
    ...['devices,iommu,processes,tables', 'devices,processes,tables', 'devices,processes'],
  ]);
});

test('an address space is shown by the card of its process, all else as itself', () => {
  const view = { processes: [{ key: 'task/4', mm: 2 }] } as unknown as MachineView;
  expect(['mm/2', 'mm/3', 'pte/80c/1'].map((key) => shownAs(key, view))).toEqual(['task/4', 'mm/3', 'pte/80c/1']);
});
