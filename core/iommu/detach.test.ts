import { expect, test } from 'vitest';
import { atcOf } from '../devices/device.ts';
import { pasidUses } from '../devices/pasid-use.ts';
import { entriesOf } from '../hardware/tlb.ts';
import { at } from '../machine/machine.ts';
import { leftOver, underWay } from '../machine/quiet.ts';
import { actorNamed, settle, stepsSince, story, tell } from '../play/testing/story.ts';
import { bonds, contexts } from './context.ts';
import { domainOf, memberOf } from './group.ts';
import { processes } from './process.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16 domain a';
const NIC = 'device nic0 pci 00:02.0 ats pri pasid 16 domain a';
const TWO = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000', 'process tool'] as const;

test('a device that is detached loses its bonds with every process, and its caches are clean', () => {
  const told = story('machine smmuv3', GPU, ...TWO, 'bind app gpu0', 'bind tool gpu0', 'bind app gpu0');
  tell(told, 'dma gpu0 app write heap 64', 'run');
  expect(entriesOf(told.world, atcOf(told.world, 0))).toHaveLength(1);

  expect(tell(told, 'detach gpu0')).toBeNull();

  tell(told, 'run');
  expect([bonds.all(told.world), contexts.all(told.world), processes.all(told.world)]).toEqual([[], [], []]);
  expect(entriesOf(told.world, atcOf(told.world, 0))).toEqual([]);
  expect([domainOf(told.world, 0), memberOf(told.world, 0)?.leaving]).toEqual([-1, 0]);
  expect(tell(told, 'bind app gpu0')).toBe('EINVAL');
});

test('others of the domain keep their bonds, and the device that leaves gets an ATC_INV of its own', () => {
  const told = story('machine smmuv3', GPU, NIC, ...TWO, 'bind app gpu0', 'bind app nic0');
  tell(told, 'dma gpu0 app write heap 64', 'dma nic0 app write heap+0x1000 64', 'run');

  tell(told, 'detach gpu0', 'run');

  expect(bonds.all(told.world)).toMatchObject([{ device: 1 }]);
  expect(processes.all(told.world)).toMatchObject([{ pasid: 1, kref: 1 }]);
  expect([0, 1].map((device) => entriesOf(told.world, atcOf(told.world, device)).length)).toEqual([0, 1]);
  tell(told, 'dma nic0 app write heap+0x2000 64', 'run', 'expect dma nic0 done');
});

test('the PASID is not given back before the device has stopped, which the exit handler only begins', () => {
  const told = story('machine smmuv3', GPU, ...TWO, 'bind app gpu0', 'dma gpu0 app write heap 64');
  tell(told, 'run until fault.queued', 'detach gpu0 &');

  settle(told, [actorNamed(told, 'gpu0'), actorNamed(told, 'gpu0 port')]);

  expect(pasidUses.all(told.world)).toMatchObject([{ state: 'stopping' }]);
  expect(processes.all(told.world)).toMatchObject([{ pasid: 1, state: 'live' }]);
  tell(told, 'run', 'expect dma gpu0 done');
  expect([processes.all(told.world), underWay(told.world)]).toEqual([[], []]);
});

test('the traffic of a device without domain is aborted', () => {
  const told = story('machine smmuv3', GPU, ...TWO, 'detach gpu0');
  const before = at(told.machine);

  tell(told, 'dma gpu0 app write heap 64 no-pasid', 'run', 'expect dma gpu0 failed');

  expect(stepsSince(told, before)).toContain('smmuv3_translation.refuse');
});

test('a device is detached once, and a group of several as a whole or not at all', () => {
  const told = story('machine smmuv3', GPU, 'device nic0 pci 00:02.0 group 7', 'device nic1 pci 00:02.1 group 7');

  expect(tell(told, 'detach gpu0')).toBeNull();
  expect(tell(told, 'detach gpu0')).toBe('ENODEV');
  expect(tell(told, 'detach nic0')).toBe('EINVAL');
});

test('a process that exits while its device is detached leaves nothing behind', () => {
  const told = story('machine smmuv3', GPU, NIC, 'process app', 'mmap app heap 64K rw- at 0x7f0000000000');
  tell(told, 'bind app gpu0', 'bind app nic0', 'dma gpu0 app write heap 64', 'run until fault.reported');

  tell(told, 'detach gpu0 &', 'exit app &', 'run');

  expect([...underWay(told.world), ...leftOver(told.world)]).toEqual([]);
});
