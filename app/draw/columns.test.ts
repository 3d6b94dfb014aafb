import { expect, test } from 'vitest';
import type { MachineView } from '../engine/contract.ts';
import { countByColumn, fullestColumns, shownAs } from './columns.ts';

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

test('an address space is shown by the card of its process, all else as itself', () => {
  const view = { processes: [{ key: 'task/4', mm: 2 }] } as unknown as MachineView;
  expect(['mm/2', 'mm/3', 'pte/80c/1'].map((key) => shownAs(key, view))).toEqual(['task/4', 'mm/3', 'pte/80c/1']);
});
