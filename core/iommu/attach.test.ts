import { expect, test } from 'vitest';
import { atcOf } from '../devices/device.ts';
import { entriesOf } from '../hardware/tlb.ts';
import { underWay } from '../machine/quiet.ts';
import { actorNamed, attempt, goTo, story, tell } from '../play/testing/story.ts';
import { domains } from './domain.ts';
import { members } from './group.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16 group 4';
const NIC = 'device nic0 pci 00:01.1 ats pri pasid 16 group 4';
const APP = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000'] as const;

test('a part of a group neither leaves its domain nor joins another: EINVAL', () => {
  const told = story('machine smmuv3', GPU, NIC);

  expect(tell(told, 'detach gpu0')).toBe('EINVAL');
  tell(told, 'detach gpu0 whole-group', 'expect domain gpu0 none', 'expect domain nic0 none');
  expect(tell(told, 'attach nic0 other')).toBe('EINVAL');

  tell(told, 'expect domain nic0 none', 'attach nic0 other whole-group', 'expect domain gpu0 other');
});

test('what is attached is attached to nothing else: EBUSY, and no domain is allocated for it', () => {
  const told = story('machine smmuv3', GPU, 'device dsp0 pci 00:02.0 domain shared');
  const before = domains.all(told.world).length;

  expect(tell(told, 'attach gpu0 shared')).toBe('EBUSY');
  expect(attempt(told, 'attach gpu0 fresh')).toMatchObject({ state: 'refused', errno: 'EBUSY' });

  expect(domains.all(told.world)).toHaveLength(before);
});

test('all bonds of all devices of a group end before the group is out of its domain', () => {
  const told = story('machine smmuv3', GPU, NIC, ...APP, 'bind app gpu0', 'bind app nic0');
  tell(told, 'dma nic0 app write heap 4', 'detach gpu0 whole-group');

  tell(told, 'run', 'expect bound app gpu0 0', 'expect bound app nic0 0', 'expect domain gpu0 none');

  expect(underWay(told.world)).toEqual([]);
  expect(members.all(told.world).map(({ leaving }) => leaving)).toEqual([0, 0]);
});

test('while its group leaves, a device whose driver does not wait is not bound: ENODEV', () => {
  const told = story('machine smmuv3', GPU, `${NIC} unserialised`, ...APP, 'detach gpu0 whole-group &');
  const script = actorNamed(told, 'script');
  goTo(told, script, 'iommu_detach_device.detached');
  tell(told, 'step script');

  expect(tell(told, 'bind app nic0')).toBe('ENODEV');

  tell(told, 'run', 'expect domain gpu0 none');
});

test('a device that used the PASID of another one leaves nothing of it in its ATC', () => {
  const told = story('machine smmuv3', GPU, NIC, 'device dsp0 pci 00:02.0 ats pri pasid 16', ...APP);
  tell(told, 'bind app dsp0', 'bind app gpu0', 'dma nic0 app write heap 4 unbound', 'run', 'expect dma nic0 done');
  expect(entriesOf(told.world, atcOf(told.world, 1))).toHaveLength(1);

  tell(told, 'detach gpu0 whole-group', 'run', 'expect pasid app 1');

  expect(entriesOf(told.world, atcOf(told.world, 1))).toEqual([]);
});

for (const policy of ['rfcv2', 'mainline']) {
  test(`under ${policy} a device that joins another domain finds none of the bonds of the old one there`, () => {
    const told = story(`policy ${policy}`, 'machine smmuv3', 'device gpu0 pci 00:01.0 ats pri pasid 16', ...APP);
    tell(told, 'device dsp0 pci 00:02.0 ats pri pasid 16', 'bind app dsp0', 'bind app gpu0', 'run');

    tell(told, 'detach gpu0', 'attach gpu0 other', 'run', 'expect domain gpu0 other');
    tell(told, 'dma gpu0 app read heap 4 unbound', 'run', 'expect dma gpu0 failed');

    tell(told, 'bind app gpu0', 'dma gpu0 app write heap 4', 'run', 'expect dma gpu0 done');
  });
}

test('a device of a group in no domain asks for no translation: it is refused, and the group can come back', () => {
  const told = story('machine smmuv3', GPU, NIC, ...APP, 'detach nic0 whole-group');

  tell(told, 'attach gpu0 A whole-group', 'bind app nic0', 'dma nic0 app write heap 4', 'run', 'expect dma nic0 done');
});
