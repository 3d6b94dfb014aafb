import { expect, test } from 'vitest';
import { jobs } from '../devices/job.ts';
import { pasidUses } from '../devices/pasid-use.ts';
import { ERRNO } from '../lib/errno.ts';
import { at, eventsOf } from '../machine/machine.ts';
import { leftOver, underWay } from '../machine/quiet.ts';
import {
  actorNamed,
  goTo,
  kernelThread,
  processNamed,
  resultOf,
  settle,
  stepsSince,
  story,
  tell,
} from '../play/testing/story.ts';
import { bonds } from './context.ts';
import { processes } from './process.ts';
import { unbindDevice } from './unbind.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16';
const APP = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000'] as const;

/** When unbind is called, and what becomes of the work where the device gives up: an answer on its way is still taken. */
const MOMENTS = [
  ['fault.queued', 'failed'],
  ['fault.reported', 'failed'],
  ['fault.handled', 'done'],
  ['fault.answered', 'done'],
] as const;

for (const stop of ['wait', 'marker']) {
  for (const [moment, given] of MOMENTS) {
    const end = stop === 'wait' ? 'done' : given;
    test(`unbind at ${moment}: a device that ends by ${stop} has its work ${end}, and nothing of the PASID is left`, () => {
      const told = story('machine smmuv3', `${GPU} stop ${stop}`, ...APP, 'bind app gpu0');
      tell(told, 'dma gpu0 app write heap 64', `run until ${moment}`);

      expect(tell(told, 'unbind app gpu0')).toBeNull();

      expect(processes.all(told.world).filter(({ state }) => state !== 'dead')).toEqual([]);
      expect(pasidUses.all(told.world)).toEqual([]);
      tell(told, 'run');
      expect(jobs.all(told.world)).toMatchObject([{ state: end }]);
      expect(underWay(told.world)).toEqual([]);
      tell(told, 'exit app', 'run');
      expect(leftOver(told.world)).toEqual([]);
    });
  }
}

test('a device that ends by a stop marker sends it last, and the kernel passes over it', () => {
  const told = story(
    'machine smmuv3',
    `${GPU} stop marker`,
    ...APP,
    'bind app gpu0',
    'dma gpu0 app write heap 64',
    'run',
  );
  const before = eventsOf(told.machine);

  tell(told, 'unbind app gpu0', 'run');

  const texts = told.machine.trace.slice(before).flatMap(({ messages }) => messages.map(({ text }) => text));
  expect(texts.filter((text) => /stop marker/.test(text))).toHaveLength(2);
  expect(stepsSince(told, before)).not.toContain('handle_iommu_fault.report');
});

test('unbind flushes before it takes the entry away, and invalidates before it gives the PASID back', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'dma gpu0 app write heap 64', 'run');
  const before = at(told.machine);

  tell(told, 'unbind app gpu0');

  const order = [
    'accel_unbind.stop',
    'device_port.stopped',
    'iommu_fault_queue_flush.wait',
    'arm_smmu_clear_ctx_desc.clear',
    'arm_smmu_sync_cd.sync',
    'arm_smmu_process_invalidate.sync',
    'device_port.invalidate',
    'iommu_process_unbind_device.drop',
  ];
  const done = stepsSince(told, before);
  expect(done.filter((step) => order.includes(step))).toEqual(order);
});

test('unbinding a device that is not bound touches nobody: ESRCH', () => {
  const told = story('machine smmuv3', `${GPU} domain a`, 'device nic0 pci 00:02.0 ats pri pasid 16 domain a', ...APP);
  tell(told, 'bind app gpu0');

  expect(tell(told, 'unbind app nic0')).toBe('ESRCH');
  expect(bonds.all(told.world)).toMatchObject([{ device: 0, binds: 1 }]);
});

test('an unbind that comes late does not touch the new owner of the PASID: ESRCH', () => {
  const told = story('machine smmuv3', 'device gpu0 pci 00:01.0 ats pri pasid 1', ...APP, 'process other');
  tell(told, 'bind app gpu0');
  const late = { device: 0, mm: processNamed(told, 'app').mm, pasid: 1 };
  const driver = kernelThread(told, unbindDevice.at.flush(late));
  goTo(told, driver, 'iommu_process_unbind_device.find');
  tell(told, 'unbind app gpu0 &');
  settle(told, [driver]);
  tell(told, 'bind other gpu0 &');
  settle(told, [driver]);

  goTo(told, driver, null);

  expect(resultOf(told, driver)).toBe(-ERRNO.ESRCH);
  expect(processes.all(told.world)).toMatchObject([{ mm: processNamed(told, 'other').mm, pasid: 1, kref: 1 }]);
});

test('an unbind that comes late does not touch a later bond of the same process: ESRCH', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'unbind app gpu0', 'run', 'bind app gpu0');
  const late = { device: 0, mm: processNamed(told, 'app').mm, pasid: 1 };
  const driver = kernelThread(told, unbindDevice.at.flush(late));

  goTo(told, driver, null);

  expect(resultOf(told, driver)).toBe(-ERRNO.ESRCH);
  tell(told, 'expect pasid app 2', 'expect bound app gpu0 1');
});

test('unbinding a device that left its domain is answered with EINVAL', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'detach gpu0', 'run');
  const driver = kernelThread(told, unbindDevice.at.flush({ device: 0, mm: processNamed(told, 'app').mm, pasid: 1 }));

  goTo(told, driver, null);

  expect(resultOf(told, driver)).toBe(-ERRNO.EINVAL);
});

test('a bind waits for an unbind of the same device: its use of the PASID does not end with it', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'run');
  tell(told, 'unbind app gpu0 &');
  goTo(told, actorNamed(told, 'app'), 'accel_unbind.unbind');
  tell(told, 'bind app gpu0 &', 'run');

  expect(bonds.all(told.world)).toHaveLength(1);
  expect(pasidUses.all(told.world)).toMatchObject([{ pasid: 2, state: 'running' }]);
  expect(tell(told, 'dma gpu0 app write heap 64', 'run', 'expect dma gpu0 done')).toBeNull();
});
