import { expect, test } from 'vitest';
import { at } from '../machine/machine.ts';
import { actorNamed, attempt, goTo, settle, stepsSince, story, tell } from '../play/testing/story.ts';
import { frames } from '../process/frame.ts';
import { actors } from '../sim/actor.ts';
import { unmapped } from './map.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16';
const OLD = 'device old0 pci 00:02.0 domain plain';

const dmaFrames = (told: ReturnType<typeof story>): number =>
  frames.all(told.world).filter(({ use }) => use === 'dma').length;

test('a device reaches memory by a DMA address beside the address spaces that it is bound to', () => {
  const told = story('machine smmuv3', GPU, 'process app', 'mmap app heap 64K rw-', 'bind app gpu0');

  tell(told, 'iommu-map A 0x10000 8K rw-', 'dma gpu0 iova write 0x10ff8 16', 'run', 'expect dma gpu0 done');
  tell(told, 'dma gpu0 app write heap 4', 'run', 'expect dma gpu0 done');

  tell(told, 'expect iova A 0x10ffc holds 0xda7a0001', 'expect iova A 0x11000 holds 0xda7a0002', 'expect fault 1');
  tell(told, 'expect iova A 0x10000 cached atc', 'expect iova A 0x11000 cached iotlb');
  tell(told, 'expect iova A 0x12000 uncached atc', 'expect memory app heap 0xda7a0000');
});

test('an unmap clears the descriptors first, then the IOTLB, then the ATC, and frees the memory last', () => {
  const told = story('machine smmuv3', GPU, 'iommu-map A 0x10000 8K rw-', 'dma gpu0 iova write 0x10000 8192', 'run');
  const before = at(told.machine);

  tell(told, 'iommu-unmap A 0x10000 2 &', 'run until command.synced');
  tell(
    told,
    'expect iova A 0x10000 unmapped',
    'expect iova A 0x10000 uncached iotlb',
    'expect iova A 0x10000 cached atc',
  );
  expect([unmapped.all(told.world).length, dmaFrames(told)]).toEqual([2, 2]);
  tell(told, 'run', 'expect iova A 0x10000 uncached atc', 'expect iova A 0x11000 uncached atc');

  expect([unmapped.all(told.world).length, dmaFrames(told)]).toEqual([0, 0]);
  const steps = stepsSince(told, before);
  const order = ['arm_lpae_unmap.unmap', 'arm_smmu_iotlb_sync.sync', 'arm_smmu_iotlb_sync.atc', 'accel_unmap_dma.free'];
  expect(order.map((step) => steps.indexOf(step))).toEqual(
    [...order.map((step) => steps.indexOf(step))].sort((a, b) => a - b),
  );
  expect(order.every((step) => steps.includes(step))).toBe(true);
});

test('what is mapped already is not mapped again, and what was mapped before the clash is given back', () => {
  const told = story('machine smmuv3', GPU, 'iommu-map A 0x12000 4K r--');

  expect(tell(told, 'iommu-map A 0x10000 16K rw-')).toBe('EEXIST');

  tell(told, 'expect iova A 0x10000 unmapped', 'expect iova A 0x11000 unmapped', 'expect iova A 0x12000 mapped');
  expect([dmaFrames(told), unmapped.all(told.world).length]).toEqual([1, 0]);
});

test('memory that runs out takes the whole mapping back', () => {
  const told = story('machine smmuv3 frames 128', GPU);

  expect(tell(told, 'iommu-map A 0x10000 1M rw-')).toBe('ENOMEM');

  expect(dmaFrames(told)).toBe(0);
});

test('an address of more than 48 bits is out of range, one inside a page is refused', () => {
  const told = story('machine smmuv3', GPU);

  expect(tell(told, 'iommu-map A 0x1000000000000 4K rw-')).toBe('ERANGE');
  expect(attempt(told, 'iommu-map A 0x10800 4K rw-')).toMatchObject({ state: 'refused', errno: 'EINVAL' });
  expect(attempt(told, 'iommu-map A 0x10000 4K --x')).toMatchObject({ state: 'refused', errno: 'EINVAL' });
  expect(attempt(told, 'iommu-map elsewhere 0x10000 4K rw-')).toMatchObject({ state: 'refused', errno: 'ENOENT' });
});

test('unmapping stops at the first hole and says how much was mapped', () => {
  const told = story('machine smmuv3', GPU, 'iommu-map A 0x10000 8K rw-', 'iommu-map A 0x13000 4K rw-');

  expect(attempt(told, 'iommu-unmap A 0x10000 4').output).toEqual(['2 pages unmapped']);

  tell(told, 'expect iova A 0x13000 mapped');
  expect(attempt(told, 'iommu-unmap A 0x10000 1').output).toEqual(['0 pages unmapped']);
});

test('a mapping for reading only lets a device read, and its writes fault', () => {
  const told = story('machine smmuv3', GPU, 'iommu-map A 0x10000 4K r--');

  tell(told, 'dma gpu0 iova read 0x10000 4', 'run', 'expect dma gpu0 done');
  tell(told, 'dma gpu0 iova write 0x10000 4', 'run', 'expect dma gpu0 failed', 'expect iova A 0x10000 holds 0');
});

test('a device without ATS goes through the IOMMU untranslated; beside a mapping its write is an event', () => {
  const told = story('machine smmuv3', OLD, 'iommu-map plain 0x10000 4K rw-');
  const before = at(told.machine);

  tell(told, 'dma old0 iova write 0x10000 4', 'run', 'expect iova plain 0x10000 holds 0xda7a0000');
  expect(stepsSince(told, before)).not.toContain('smmuv3_translation.record');
  tell(told, 'dma old0 iova write 0x11000 4', 'run');

  expect(stepsSince(told, before)).toContain('smmuv3_translation.record');
});

test('a device keeps no translation of a domain that it has left', () => {
  const told = story('machine smmuv3', GPU, 'iommu-map A 0x10000 4K rw-', 'dma gpu0 iova read 0x10000 4', 'run');
  tell(told, 'expect iova A 0x10000 cached atc');

  tell(told, 'detach gpu0');

  expect(told.machine.broken).toBeNull();
  tell(told, 'dma gpu0 iova read 0x10000 4', 'run', 'expect dma gpu0 failed');
});

test('a driver maps and unmaps from several threads; each frees what it has unmapped itself', () => {
  const told = story('machine smmuv3', GPU, 'iommu-map A 0x10000 8K rw-');
  tell(told, 'iommu-unmap A 0x10000 1 &', 'iommu-unmap A 0x11000 1 &');
  const threads = actors.all(told.world).filter(({ name }) => name.startsWith('driver'));
  expect(threads.map(({ name }) => name)).toEqual(['driver', 'driver.1']);
  const [first = 0, second = 0] = threads.map(({ id }) => id);
  goTo(told, first, 'iommu_unmap.flush', [second]);

  goTo(told, second, null, [first]);

  expect(unmapped.all(told.world)).toMatchObject([{ actor: first, page: 0x10 }]);
  settle(told);
  expect(dmaFrames(told)).toBe(0);
});

test('a device that leaves while its translations are being flushed leaves none behind', () => {
  const told = story('machine smmuv3', GPU, 'iommu-map A 0x10000 4K rw-', 'dma gpu0 iova read 0x10000 4', 'run');
  tell(told, 'iommu-unmap A 0x10000 1 &');
  const driver = actorNamed(told, 'driver');
  goTo(told, driver, 'arm_smmu_iotlb_sync.atc');

  tell(told, 'detach gpu0 &');
  settle(told, [driver]);
  settle(told);

  expect(told.machine.broken).toBeNull();
  expect(dmaFrames(told)).toBe(0);
});
