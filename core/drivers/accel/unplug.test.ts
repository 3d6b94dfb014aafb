import { expect, test } from 'vitest';
import { devices } from '../../devices/device.ts';
import { jobs } from '../../devices/job.ts';
import { links } from '../../hardware/pcie/link.ts';
import { tardinesses } from '../../hardware/pcie/tardiness.ts';
import { groups, members } from '../../iommu/group.ts';
import { at } from '../../machine/machine.ts';
import { leftOver, underWay } from '../../machine/quiet.ts';
import { stepsSince, story, tell } from '../../play/testing/story.ts';
import { frames } from '../../process/frame.ts';
import { openFiles } from '../../process/open-file.ts';
import { actors } from '../../sim/actor.ts';
import { locks } from '../../sim/lock.ts';
import { cdTables } from '../arm-smmu-v3/domain.ts';
import { accels } from './accel.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16 domain io';
const APP = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000'] as const;

/** gpu0 has asked for three pages without PASID, which its driver has taken over and not answered. */
const OWED = ['on-fault io defer', 'dma gpu0 iova write 0x10000 12288', 'run until fault.queued'] as const;

test('a device that is unplugged in the middle of its work leaves nothing behind', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'bind app gpu0', 'dma gpu0 app write heap 64');
  tell(told, 'run until fault.queued', 'on-invalidate gpu0 late');

  expect(tell(told, 'unplug gpu0')).toBeNull();

  tell(told, 'run');
  const { world } = told;
  for (const table of [devices, links, tardinesses, jobs, groups, members, accels, openFiles])
    expect(table.all(world)).toEqual([]);
  expect(locks.all(world).filter(({ name }) => name.includes('gpu0'))).toEqual([]);
  tell(told, 'exit app', 'run');
  expect([...underWay(world), ...leftOver(world)]).toEqual([]);
});

test('another device of that name works in its slot, moved by the same actors', () => {
  const told = story(
    'machine smmuv3',
    GPU,
    ...APP,
    'bind app gpu0',
    'dma gpu0 app write heap 64',
    'run',
    'unplug gpu0',
  );
  const before = actors.all(told.world).length;

  tell(told, GPU, 'bind app gpu0', 'dma gpu0 app write heap+0x1000 64', 'run', 'expect dma gpu0 done');

  expect(actors.all(told.world)).toHaveLength(before);
});

test('a part of a group is taken out alone: the other keeps its domain and its bond', () => {
  const told = story('machine smmuv3', `${GPU} group 7`, 'device nic0 pci 00:02.0 ats pri pasid 16 group 7', ...APP);
  tell(told, 'bind app gpu0', 'bind app nic0');

  expect(tell(told, 'unplug gpu0')).toBeNull();

  tell(told, 'expect domain nic0 io', 'expect bound app nic0 1', 'dma nic0 app write heap 64', 'run');
  tell(told, 'expect dma nic0 done');
});

test('a device that is detached already can be taken out, one with private PASIDs cannot', () => {
  const told = story('machine smmuv3', 'policy mainline', GPU, 'alloc-pasid gpu0 ring');
  expect(tell(told, 'unplug gpu0')).toBe('EBUSY');

  tell(told, 'free-pasid ring', 'run', 'detach gpu0');

  expect(tell(told, 'unplug gpu0')).toBeNull();
});

test('a PASID table of its own is given back, leaves and all', () => {
  const told = story('machine smmuv3 cd-table 2level', 'policy rfcv2,pasid-table=device', GPU, ...APP, 'unplug gpu0');
  const [tables, used] = [cdTables.all(told.world), frames.all(told.world).length];

  tell(told, GPU, 'unplug gpu0');

  expect([tables, cdTables.all(told.world)]).toEqual([[], []]);
  expect(frames.all(told.world)).toHaveLength(used);
});

test('a group that the driver owes an answer is answered INVALID, and the late answer is refused', () => {
  const told = story('machine smmuv3', GPU, ...OWED);
  const before = at(told.machine);

  tell(told, 'unplug gpu0');

  tell(told, 'run', 'expect ok', 'expect fault 1');
  const steps = stepsSince(told, before);
  expect(steps.filter((name) => name === 'arm_smmu_fault_response.respond')).toHaveLength(1);
  expect(steps.indexOf('iopf_queue_remove_device.next')).toBeLessThan(steps.indexOf('iommu_fault_response.respond'));
  expect(underWay(told.world)).toEqual([]);
});

test('as posted nothing that is pending is answered when its device goes', () => {
  const told = story('machine smmuv3', 'policy rfcv2,responses=unmatched', GPU, ...OWED);
  const before = at(told.machine);

  tell(told, 'unplug gpu0', 'run', 'expect fault 0');

  expect(stepsSince(told, before)).not.toContain('arm_smmu_fault_response.respond');
});

test('a device that was told FAILURE asks again after its PRI was enabled, and not before', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0');
  expect(tell(told, 'enable-pri gpu0')).toBe('EBUSY');
  tell(told, 'on-fault io failure', 'dma gpu0 iova write 0x10000 64', 'run', 'on-fault io map');
  tell(told, 'dma gpu0 app write heap 64', 'run', 'expect dma gpu0 failed');

  expect(tell(told, 'enable-pri gpu0')).toBeNull();

  tell(told, 'dma gpu0 app write heap 64', 'run', 'expect dma gpu0 done');
});

test('PRI is not enabled where there is none', () => {
  expect(tell(story('machine smmuv3', 'device dev0 pci 00:01.0 ats'), 'enable-pri dev0')).toBe('EOPNOTSUPP');
});
