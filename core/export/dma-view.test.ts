import { expect, test } from 'vitest';
import { story } from '../play/testing/story.ts';
import { viewOf } from './state.ts';

const MACHINE = ['machine smmuv3', 'device gpu0 pci 00:01.0 ats pri pasid 16', 'process app'] as const;

test('a device that walks DMA addresses is seen in their tree, and in that of no process', () => {
  const { machine } = story(...MACHINE, 'iommu-map A 0x10000 4K rw-', 'dma gpu0 iova write 0x10000 4', 'run');

  const { trees, dmaTrees } = viewOf(machine);

  expect(dmaTrees.map(({ key, walk }) => [key, walk?.walker, walk?.end])).toEqual([['domain/0', 'device', 'found']]);
  expect(dmaTrees[0]?.walk?.path.map(({ index }) => index)).toEqual([0, 0, 0, 16]);
  expect(trees.map(({ walk }) => walk)).toEqual([null]);
});
