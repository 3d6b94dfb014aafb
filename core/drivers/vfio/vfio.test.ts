import { expect, test } from 'vitest';
import { pasidUses } from '../../devices/pasid-use.ts';
import { bonds } from '../../iommu/context.ts';
import { ERRNO } from '../../lib/errno.ts';
import { leftOver, underWay } from '../../machine/quiet.ts';
import { actorNamed, attempt, goTo, resultOf, settle, story, tell } from '../../play/testing/story.ts';
import { vfioGroups } from './container.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16';
const NIC = 'device nic0 pci 00:02.0 ats pri pasid 16';
/** It cannot fault, so a bind of it is refused. */
const DMA = 'device dma0 pci 00:03.0 ats pasid 16';
const VMM = ['process vmm', 'mmap vmm heap 64K rw- at 0x7f0000000000', 'vfio open vmm box'] as const;

test('a bind reaches every device of every group, once, and an unbind takes all of it back', () => {
  const told = story('machine smmuv3', GPU, NIC, ...VMM, 'vfio add box gpu0', 'vfio add box nic0', 'vfio bind box');

  tell(told, 'expect pasid vmm 1', 'expect bound vmm gpu0 1', 'expect bound vmm nic0 1');
  expect(attempt(told, 'vfio bind box').output).toEqual(['PASID 1']);
  tell(told, 'expect bound vmm gpu0 1', 'vfio unbind box', 'run');

  tell(told, 'expect pasid vmm none', 'expect bound vmm gpu0 0', 'expect bound vmm nic0 0');
  expect(tell(told, 'vfio unbind box')).toBe('ESRCH');
  expect(underWay(told.world)).toEqual([]);
});

test('where one device refuses a bind, those bound before it are unbound: ENODEV', () => {
  const told = story('machine smmuv3', GPU, DMA, ...VMM, 'vfio add box gpu0', 'vfio add box dma0');

  expect(tell(told, 'vfio bind box')).toBe('ENODEV');

  tell(told, 'run', 'expect pasid vmm none', 'expect bound vmm gpu0 0');
  expect(bonds.all(told.world)).toEqual([]);
});

test('a container binds nothing without a group, nor with a group of several devices: EINVAL', () => {
  const group = ['device a0 pci 00:04.0 ats pri pasid 16 group 7', 'device b0 pci 00:04.1 ats pri pasid 16 group 7'];
  const told = story('machine smmuv3', ...group, ...VMM);

  expect(tell(told, 'vfio bind box')).toBe('EINVAL');
  tell(told, 'vfio add box a0');

  expect(tell(told, 'vfio bind box')).toBe('EINVAL');
});

test('memory of another user is bound by root alone: EACCES', () => {
  const told = story('machine smmuv3', GPU, ...VMM, 'process secret user other', 'process broker user root');
  tell(told, 'vfio add box gpu0');
  expect(tell(told, 'vfio bind box secret')).toBe('EACCES');
  tell(told, 'vfio remove box gpu0', 'vfio open broker chest', 'vfio add chest gpu0');

  expect(tell(told, 'vfio bind chest secret')).toBeNull();

  tell(told, 'expect bound secret gpu0 1');
});

test('a group is in one container, and in none while its driver has something bound: EBUSY', () => {
  const told = story('machine smmuv3', GPU, NIC, ...VMM, 'vfio open vmm chest', 'vfio add box gpu0', 'bind vmm nic0');

  expect(tell(told, 'vfio add chest gpu0')).toBe('EBUSY');
  expect(tell(told, 'vfio add box nic0')).toBe('EBUSY');
});

test('a driver of the kernel has no say in a device that belongs to a container: EBUSY', () => {
  const told = story('machine smmuv3', GPU, ...VMM, 'vfio add box gpu0');

  for (const line of ['bind vmm gpu0', 'unbind vmm gpu0', 'detach gpu0', 'attach gpu0 other']) {
    expect(attempt(told, line), line).toMatchObject({ state: 'refused', errno: 'EBUSY' });
  }
});

test('a group that comes later has what is bound replayed; one that cannot have it goes back', () => {
  const told = story('machine smmuv3', GPU, NIC, DMA, ...VMM, 'process app', 'vfio add box gpu0');
  tell(told, 'vfio bind box', 'vfio bind box app', 'vfio add box nic0', 'run');
  tell(told, 'expect bound vmm nic0 1', 'expect bound app nic0 1');

  expect(tell(told, 'vfio add box dma0')).toBe('ENODEV');

  tell(told, 'run', 'expect domain dma0 C', 'expect bound vmm dma0 0', 'expect bound vmm gpu0 1');
  expect(vfioGroups.all(told.world)).toHaveLength(2);
  expect(underWay(told.world)).toEqual([]);
});

test.each(['rfcv2', 'v2-2018'])(
  'under %s the end of who has it open closes a container, and all goes home',
  (policy) => {
    const told = story(`policy ${policy}`, 'machine smmuv3', GPU, NIC, ...VMM, 'process app', 'mmap app heap 4K rw-');
    tell(
      told,
      'vfio add box gpu0',
      'vfio add box nic0',
      'vfio bind box',
      'vfio bind box app',
      'dma gpu0 app write heap 4',
    );

    tell(told, 'exit vmm', 'run', 'expect domain gpu0 A', 'expect domain nic0 B', 'expect bound app gpu0 0');

    expect(attempt(told, 'vfio bind box')).toMatchObject({ state: 'refused', errno: 'ENOENT' });
    tell(told, 'exit app', 'run');
    expect([...underWay(told.world), ...leftOver(told.world)]).toEqual([]);
  },
);

test('a process that is bound by pid may die first: its bonds end, and the container stays', () => {
  const told = story('machine smmuv3', GPU, ...VMM, 'process app', 'vfio add box gpu0', 'vfio bind box app');

  tell(told, 'exit app', 'run', 'vfio bind box', 'expect pasid vmm 2', 'expect bound vmm gpu0 1');
});

test('VFIO binds nothing where the design does not have it: EOPNOTSUPP, with what to see instead', () => {
  const told = story('policy mainline', 'machine smmuv3', GPU, 'process vmm');

  expect(attempt(told, 'vfio open vmm box').output.join(' ')).toMatch(/^EOPNOTSUPP: .*see private-pasid/);
});

test('a domain for which no page is to be had is not made, and the group goes back to its own: ENOMEM', () => {
  const told = story('machine smmuv3', GPU, ...VMM, 'fail-alloc 2');

  expect(tell(told, 'vfio add box gpu0')).toBe('ENOMEM');

  expect(vfioGroups.all(told.world)).toEqual([]);
  tell(told, 'fail-alloc 0', 'bind vmm gpu0', 'expect pasid vmm 1');
});

test('a container that is closed while an ioctl of another thread is under way goes when that has returned', () => {
  const told = story('machine smmuv3', GPU, ...VMM, 'vfio add box gpu0 &', 'exec vmm &', 'run');

  tell(told, 'expect domain gpu0 A');
  expect(attempt(told, 'vfio bind box')).toMatchObject({ state: 'refused', errno: 'ENOENT' });
  expect(underWay(told.world)).toEqual([]);
});

test('a device with a private PASID and a container do not go together: EBUSY', () => {
  const told = story(
    'policy v2-2018',
    'machine smmuv3',
    GPU,
    NIC,
    ...VMM,
    'alloc-pasid gpu0 ring',
    'vfio add box nic0',
  );

  expect(tell(told, 'vfio add box gpu0')).toBe('EBUSY');
  expect(attempt(told, 'alloc-pasid nic0 other')).toMatchObject({ state: 'refused', errno: 'EBUSY' });
});

for (const policy of ['rfcv2', 'v2-2018']) {
  test(`under ${policy} the PASID of a process that exits during its bind is programmed into nothing: ESRCH`, () => {
    const told = story('machine smmuv3', `policy ${policy}`, GPU, ...VMM, 'process guest', 'vfio add box gpu0');
    const vmm = actorNamed(told, 'vmm');
    tell(told, 'vfio bind box guest &');
    goTo(told, vmm, 'vfio_iommu_bind_device.program');
    tell(told, 'exit guest &');
    settle(told, [vmm]);

    goTo(told, vmm, null);

    expect(resultOf(told, vmm)).toBe(-ERRNO.ESRCH);
    expect(told.machine.broken).toBeNull();
    expect([pasidUses.all(told.world), bonds.all(told.world), underWay(told.world)]).toEqual([[], [], []]);
  });
}
