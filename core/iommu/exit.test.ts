import { expect, test } from 'vitest';
import { jobs } from '../devices/job.ts';
import { pasidUses } from '../devices/pasid-use.ts';
import { at } from '../machine/machine.ts';
import { leftOver, underWay } from '../machine/quiet.ts';
import { actorNamed, attempt, goTo, settle, stepsSince, story, tell } from '../play/testing/story.ts';
import { processes } from './process.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16';
const NIC = 'device nic0 pci 00:02.0 ats pri pasid 16';
const APP = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000'] as const;

for (const stop of ['wait', 'marker']) {
  for (const moment of ['dma.submitted', 'fault.queued', 'fault.reported', 'fault.handled', 'fault.answered']) {
    test(`a process that exits at ${moment}, with a device that ends by ${stop}, leaves nothing behind`, () => {
      const told = story('machine smmuv3', `${GPU} stop ${stop} domain a`, `${NIC} domain b`, ...APP);
      tell(told, 'bind app gpu0', 'bind app nic0', 'dma nic0 app read heap+0x1000 64', 'dma gpu0 app write heap 64 &');
      tell(told, `run until ${moment}`);

      tell(told, 'exit app &', 'run');

      expect([...underWay(told.world), ...leftOver(told.world)]).toEqual([]);
      expect(jobs.all(told.world).every(({ state }) => state === 'done' || state === 'failed')).toBe(true);
      expect(told.machine.broken).toBeNull();
    });
  }
}

test('the PASID is given back only after the device has stopped and the queues were flushed once more', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'dma gpu0 app write heap 64');
  tell(told, 'run until fault.queued', 'exit app &');
  const before = at(told.machine);

  settle(told, [actorNamed(told, 'gpu0')]);

  expect(processes.all(told.world)).toMatchObject([{ pasid: 1, state: 'exiting', kref: 1 }]);
  expect(pasidUses.all(told.world)).toMatchObject([{ state: 'stopping' }]);

  tell(told, 'run');
  const order = ['device_port.stopped', 'iommu_notifier_release.stopped', 'iommu_fault_queue_flush.wait'];
  const last = [...order, 'iommu_notifier_release.put', 'exit_mmap.unlink'];
  expect(
    stepsSince(told, before)
      .filter((step) => last.includes(step))
      .slice(-5),
  ).toEqual(last);
});

test('the entry is gone before the page tables are', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'store app heap 1', 'bind app gpu0', 'run');
  const before = at(told.machine);

  tell(told, 'exit app', 'run');

  const done = stepsSince(told, before);
  expect(done.indexOf('arm_smmu_clear_ctx_desc.clear')).toBeGreaterThan(0);
  expect(done.indexOf('exit_mmap.tables')).toBeGreaterThan(done.lastIndexOf('arm_smmu_cmdq_issue_sync.wait'));
});

test('being bound does not keep a process alive, and a process that has exited cannot be named', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'exit app', 'run');

  expect(processes.all(told.world)).toEqual([]);
  expect(attempt(told, 'unbind app gpu0')).toMatchObject({ state: 'refused', errno: 'ESRCH' });
});

test('the last user may be the fault worker: the mm is taken down by another, for the worker must be flushed', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'dma gpu0 app write heap 64');
  const worker = actorNamed(told, 'fault worker');
  goTo(told, worker, 'iommu_fault_handle_group.lock');
  tell(told, 'exit app &');
  settle(told, [worker]);
  const before = at(told.machine);

  settle(told);

  expect(stepsSince(told, before)).toContain('mmput_async_fn.wait');
  expect(leftOver(told.world)).toEqual([]);
});

test('processes that follow one another get other PASIDs, until the space has been gone through', () => {
  const told = story('machine smmuv3', 'device gpu0 pci 00:01.0 ats pri pasid 2');
  const pasids = ['a', 'b', 'c', 'd', 'e'].map((name) => {
    tell(told, `process ${name}`, `bind ${name} gpu0`);
    const [{ pasid } = { pasid: 0 }] = processes.all(told.world);
    tell(told, `exit ${name}`, 'run');
    return pasid;
  });

  expect(pasids).toEqual([1, 2, 3, 1, 2]);
});
