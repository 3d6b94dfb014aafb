import { expect, test } from 'vitest';
import { privateTables } from '../drivers/arm-smmu-v3/io-pgtable.ts';
import { at } from '../machine/machine.ts';
import { actorNamed, attempt, goTo, type Story, settle, stepsSince, story, tell } from '../play/testing/story.ts';
import { frames } from '../process/frame.ts';
import { spaces } from './space.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16';
const V2 = ['machine smmuv3', 'policy v2-2018', GPU] as const;
const MAINLINE = ['machine smmuv3', 'policy mainline', GPU] as const;
const APP = ['process app', 'mmap app heap 64K rw-'] as const;

const framesOf = ({ world }: Story): string[] =>
  frames.all(world).flatMap(({ use, owner }) => (use === 'private' || (use === 'table' && owner < 0) ? [use] : []));

test('a design without private PASIDs refuses them and says where they are', () => {
  const outcome = attempt(story('machine smmuv3', GPU), 'alloc-pasid gpu0 ring0');

  expect(outcome).toMatchObject({ state: 'refused', errno: 'EOPNOTSUPP' });
  expect(outcome.output.join()).toContain('v2-2018 and mainline');
});

for (const design of [V2, MAINLINE]) {
  test(`a private PASID leads to memory that its driver maps, apart from processes and entry 0: ${design[1]}`, () => {
    const told = story(...design, ...APP, 'bind app gpu0', 'alloc-pasid gpu0 ring0', 'iommu-map ring0 0x10000 8K rw-');

    tell(told, 'dma gpu0 iova write 0x10000 4 in ring0', 'run', 'expect dma gpu0 done');

    tell(
      told,
      'expect private ring0 2',
      'expect iova ring0 0x10000 cached atc',
      'expect iova ring0 0x10000 cached iotlb',
    );
    tell(told, 'expect iova A 0x10000 unmapped', 'dma gpu0 iova write 0x10000 4', 'run', 'expect dma gpu0 failed');
    expect(told.machine.broken).toBeNull();
  });

  test(`freeing it takes entry, translations, page tables and memory along: ${design[1]}`, () => {
    const told = story(...design, 'alloc-pasid gpu0 ring0', 'iommu-map ring0 0x10000 8K rw-');
    tell(told, 'dma gpu0 iova write 0x10000 4 in ring0', 'run');
    expect(framesOf(told)).toEqual(['table', 'private', 'table', 'table', 'table', 'private']);

    tell(told, 'free-pasid ring0', 'expect private ring0 none');

    expect([spaces.all(told.world), privateTables.all(told.world), framesOf(told)]).toEqual([[], [], []]);
    expect(attempt(told, 'dma gpu0 iova write 0x10000 4 in ring0')).toMatchObject({ errno: 'ENOENT' });
  });
}

test('nobody handles a fault of a private PASID: INVALID, also where DMA addresses of the domain have a handler', () => {
  const told = story(...V2, 'on-fault A map', 'alloc-pasid gpu0 ring0');

  tell(
    told,
    'dma gpu0 iova write 0x10000 4 in ring0',
    'run',
    'expect dma gpu0 failed',
    'expect answer gpu0 group 0 invalid',
  );
});

test('PASIDs are one space: a process gets none that a device has for itself', () => {
  const told = story(...V2, ...APP, 'alloc-pasid gpu0 ring0', 'bind app gpu0', 'expect private ring0 1');

  tell(told, 'expect pasid app 2');
});

test('the branch of 2018 picks the PASID itself; in mainline the driver names it', () => {
  expect(tell(story(...V2), 'alloc-pasid gpu0 ring0 pasid 7')).toBe('EINVAL');
  const told = story(...MAINLINE, ...APP, 'alloc-pasid gpu0 ring0 pasid 7', 'expect private ring0 7', 'bind app gpu0');
  expect(tell(told, 'alloc-pasid gpu0 ring1 pasid 7')).toBe('EBUSY');
  expect(tell(told, 'alloc-pasid gpu0 ring1 pasid 1')).toBe('EBUSY');
  expect(tell(told, 'alloc-pasid gpu0 ring1 pasid 0')).toBe('EINVAL');
  expect(tell(told, 'alloc-pasid gpu0 ring1 pasid 65536')).toBe('EINVAL');
  expect(spaces.all(told.world).map(({ name }) => name)).toEqual(['ring0']);
});

test('a device without PASIDs has none of its own, nor has one that left its domain, nor more than it can say', () => {
  const old = story('machine smmuv3', 'policy v2-2018', 'device old0 pci 00:01.0 ats pri');
  expect(tell(old, 'alloc-pasid old0 ring0')).toBe('EINVAL');
  const left = story(...V2, 'detach gpu0');
  expect(tell(left, 'alloc-pasid gpu0 ring0')).toBe('ENODEV');
  const small = story(
    'machine smmuv3',
    'policy v2-2018',
    'device gpu0 pci 00:01.0 ats pri pasid 1',
    'alloc-pasid gpu0 a',
  );
  expect(tell(small, 'alloc-pasid gpu0 b')).toBe('ENOSPC');
});

test('a device with private PASIDs does not leave its domain', () => {
  const told = story(...V2, 'alloc-pasid gpu0 ring0');

  expect(tell(told, 'detach gpu0')).toBe('EBUSY');
  expect(tell(told, 'free-pasid ring0', 'detach gpu0')).toBeNull();
});

test('names are taken once, and the memory of a process is no matter of iommu_map', () => {
  const told = story(...V2, ...APP, 'alloc-pasid gpu0 ring0');

  expect(attempt(told, 'alloc-pasid gpu0 ring0')).toMatchObject({ errno: 'EEXIST' });
  expect(attempt(told, 'alloc-pasid gpu0 app')).toMatchObject({ errno: 'EEXIST' });
  expect(attempt(told, 'iommu-map app 0x10000 4K rw-')).toMatchObject({ errno: 'ENODEV' });
  expect(attempt(story(...MAINLINE, ...APP), 'iommu-map app 0x10000 4K rw-')).toMatchObject({ errno: 'EINVAL' });
});

test('what is mapped while the PASID is being freed comes too late', () => {
  const told = story(...V2, 'alloc-pasid gpu0 ring0', 'iommu-map ring0 0x10000 4K rw-');
  tell(told, 'free-pasid ring0 &');
  goTo(told, actorNamed(told, 'driver'), 'accel_free_pasid.stopped');
  tell(told, 'iommu-map ring0 0x20000 4K rw- &', 'iommu-unmap ring0 0x10000 1 &', 'free-pasid ring0 &');

  settle(told);

  expect([spaces.all(told.world), framesOf(told)]).toEqual([[], []]);
});

test('without memory for page tables or for the PASID table there is no PASID', () => {
  const told = story('machine smmuv3 frames 128', 'policy v2-2018', GPU, 'process hog', 'mmap hog heap 1M rw-');
  for (let page = 0; page < 128; page++)
    if (attempt(told, `store hog heap+0x${(page * 4096).toString(16)} 1`).errno !== null) break;

  expect(tell(told, 'alloc-pasid gpu0 ring0')).toBe('ENOMEM');

  expect([spaces.all(told.world), privateTables.all(told.world)]).toEqual([[], []]);
});

test('work under way ends before the PASID is given back', () => {
  const told = story(...V2, 'alloc-pasid gpu0 ring0', 'iommu-map ring0 0x10000 16K rw-');
  tell(told, 'dma gpu0 iova write 0x10000 16384 in ring0 &', 'run 8');
  const before = at(told.machine);

  tell(told, 'free-pasid ring0', 'run', 'expect dma gpu0 done');

  const steps = stepsSince(told, before);
  expect(steps.indexOf('device_port.stopped')).toBeLessThan(steps.indexOf('arm_smmu_detach_pasid.entry'));
});
