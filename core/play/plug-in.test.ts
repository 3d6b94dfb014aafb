import { expect, test } from 'vitest';
import { atcOf } from '../devices/device.ts';
import { links } from '../hardware/pcie/link.ts';
import { iotlb } from '../hardware/smmuv3/smmu.ts';
import { entriesOf } from '../hardware/tlb.ts';
import { attempt, story, tell } from './testing/story.ts';

const sids = ({ world }: ReturnType<typeof story>): number[] => links.all(world).map(({ sid }) => sid);

test('platform devices get StreamIDs from the end of bus 0 downwards, and none that is taken', () => {
  const told = story('machine smmuv3', 'device gpu0 pci 00:1f.6', 'device dma1 platform', 'device dma2 platform stall');

  expect(sids(told)).toEqual([0xfe, 0xff, 0xfd]);
});

test('an SMMU that takes few StreamIDs has those of platform devices too', () => {
  expect(sids(story('machine smmuv3 sid-bits 6', 'device dma1 platform'))).toEqual([0x3f]);
});

test('a PASID is no wider than its SMMU takes, however wide the device could go: ENOSPC', () => {
  const told = story('machine smmuv3 ssid-bits 1', 'device dma1 platform stall pasid 8', 'process app', 'process tool');

  expect(tell(told, 'bind app dma1')).toBeNull();
  expect(tell(told, 'bind tool dma1')).toBe('ENOSPC');
});

test('a platform device behind an SMMU that is not there is refused: ENODEV', () => {
  expect(attempt(story('machine smmuv3'), 'device dma1 platform smmu 1')).toMatchObject({ errno: 'ENODEV' });
});

test('a group that has bound PASIDs takes no other device that could use them, where each device has its own table: EBUSY', () => {
  const gpu = 'device gpu0 pci 00:01.0 ats pri pasid 8 group 4';
  const nic = 'device nic0 pci 00:02.0 ats pri pasid 8 group 4';
  const mainline = story('machine smmuv3', 'policy mainline', gpu, 'process app', 'bind app gpu0');
  const shared = story('machine smmuv3', gpu, 'process app', 'bind app gpu0');

  expect(attempt(mainline, nic)).toMatchObject({ state: 'refused', errno: 'EBUSY' });
  expect(attempt(mainline, 'device old0 pci 00:03.0 ats group 4')).toMatchObject({ state: 'done' });
  tell(mainline, 'unbind app gpu0', nic);
  expect(attempt(shared, nic)).toMatchObject({ state: 'done' });
});

test('a machine has caches of the geometry that its script gives them', () => {
  const told = story(
    'machine smmuv3 iotlb 2x2 lru',
    'device gpu0 pci 00:01.0 ats pri pasid 16 atc 1x4 random 9',
    'process app',
    'mmap app heap 64K rw-',
    'bind app gpu0',
    'dma gpu0 app write heap 40000',
    'run',
  );
  const { world } = told.machine;

  expect([iotlb(world, 0), atcOf(world, 0)]).toMatchObject([
    { sets: 2, ways: 2, replacement: 'lru' },
    { sets: 1, ways: 4, replacement: 'random', seed: 9 },
  ]);
  expect([entriesOf(world, iotlb(world, 0)).length, entriesOf(world, atcOf(world, 0)).length]).toEqual([4, 4]);
});
