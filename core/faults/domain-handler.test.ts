import { expect, test } from 'vitest';
import { at } from '../machine/machine.ts';
import { actorNamed, attempt, goTo, settle, stepsSince, story, tell } from '../play/testing/story.ts';
import { frames } from '../process/frame.ts';
import { responseFor, STATUS } from './domain-handler.ts';
import { iopfGroups, RESPONSE } from './fault.ts';

const DISK = 'device disk0 pci 00:01.0 ats pri domain io';
const GPU = 'device gpu0 pci 00:02.0 ats pri pasid 16 domain io';

test('a fault without PASID and without a handler is answered INVALID', () => {
  const told = story('machine smmuv3', DISK, 'dma disk0 iova write 0x10000 4');

  tell(told, 'run', 'expect dma disk0 failed', 'expect answer disk0 group 0 invalid');
});

test('a handler in the interrupt thread answers each group there: nothing reaches the workqueue', () => {
  const told = story('machine smmuv3', DISK, 'on-fault io map');
  const before = at(told.machine);

  tell(told, 'dma disk0 iova write 0x10000 8192', 'run', 'expect dma disk0 done', 'expect fault 1');

  const steps = stepsSince(told, before);
  expect(steps.filter((step) => step === 'accel_fault_handler.handle')).toHaveLength(2);
  expect(steps).not.toContain('handle_iommu_fault.group');
  tell(told, 'expect iova io 0x10000 mapped', 'expect iova io 0x11000 mapped');
});

test('a handler that may sleep is called by the fault worker', () => {
  const told = story('machine smmuv3', DISK, 'on-fault io map blocking');
  const before = at(told.machine);

  tell(told, 'dma disk0 iova write 0x10000 8192', 'run', 'expect dma disk0 done', 'expect fault 1');

  expect(stepsSince(told, before)).toContain('iommu_fault_handle_group.handler');
});

test('faults with a PASID go past the handler of the domain to the process', () => {
  for (const handler of ['on-fault io invalid', 'on-fault io invalid blocking']) {
    const told = story('machine smmuv3', GPU, handler, 'process app', 'mmap app heap 64K rw-', 'bind app gpu0');

    tell(told, 'dma gpu0 app write heap 4', 'run', 'expect dma gpu0 done');
    tell(told, 'dma gpu0 iova write 0x10000 4', 'run', 'expect dma gpu0 failed', 'expect answer gpu0 group 0 invalid');
  }
});

test('a deferred fault waits for its driver, and is answered once', () => {
  const told = story('machine smmuv3', DISK, 'on-fault io defer');
  const worker = actorNamed(told, 'driver worker');
  tell(told, 'dma disk0 iova write 0x10000 12288 &');
  settle(told, [worker]);
  tell(told, 'expect dma disk0 waiting', 'expect fault 0', 'expect iova io 0x10000 unmapped');
  expect(iopfGroups.all(told.world)).toMatchObject([{ state: 'taken', pending: 1 }]);

  settle(told);

  tell(told, 'expect dma disk0 done', 'expect fault 1', 'expect answer disk0 group 0 success');
});

test('a handler without memory says INVALID, as do status codes that say nothing', () => {
  expect([STATUS.none, STATUS.ignore, STATUS.invalid].map(responseFor)).toEqual(Array(3).fill(RESPONSE.invalid));
  expect([STATUS.handled, STATUS.failure].map(responseFor)).toEqual([RESPONSE.success, RESPONSE.failure]);
  const told = story('machine smmuv3 frames 128', DISK, 'on-fault io map', 'process hog', 'mmap hog heap 1M rw-');
  for (let page = 0; page < 128; page++)
    if (attempt(told, `store hog heap+0x${(page * 4096).toString(16)} 1`).errno !== null) break;

  tell(told, 'dma disk0 iova write 0x10000 4', 'run', 'expect dma disk0 failed', 'expect answer disk0 group 0 invalid');
});

test('a page that somebody else maps first is enough where it may be accessed, and INVALID where not', () => {
  for (const [perms, state] of [
    ['rw-', 'done'],
    ['r--', 'failed'],
  ] as const) {
    const told = story('machine smmuv3', DISK, 'on-fault io map', 'dma disk0 iova write 0x10000 4 &');
    const thread = actorNamed(told, 'PRI interrupt thread');
    goTo(told, thread, 'accel_map_missing.take');
    tell(told, `iommu-map io 0x10000 4K ${perms} &`);
    settle(told, [thread]);

    settle(told);

    tell(told, `expect dma disk0 ${state}`);
    expect(frames.all(told.world).filter(({ use }) => use === 'dma')).toHaveLength(1);
  }
});

test('FAILURE keeps a device from asking again', () => {
  const told = story('machine smmuv3', DISK, 'on-fault io failure', 'dma disk0 iova write 0x10000 4');
  tell(told, 'run', 'expect answer disk0 group 0 failure', 'on-fault io map');
  const before = at(told.machine);

  tell(told, 'dma disk0 iova write 0x10000 4', 'run', 'expect dma disk0 failed');

  expect(stepsSince(told, before)).not.toContain('dma_engine.request');
});

test('a handler that answers later is not called in the workqueue', () => {
  const told = story('machine smmuv3', DISK);

  expect(attempt(told, 'on-fault io defer blocking')).toMatchObject({ state: 'refused', errno: 'EINVAL' });
  expect(attempt(told, 'on-fault nowhere map')).toMatchObject({ state: 'refused', errno: 'ENOENT' });
});

test('transactions of a platform device that stall are handled alike', () => {
  const told = story('machine smmuv3', 'device dma1 platform stall pasid 8 domain io');
  for (const [handler, place] of [
    ['map', '0x10000'],
    ['map blocking', '0x20000'],
    ['defer', '0x30000'],
  ] as const) {
    tell(told, `on-fault io ${handler}`, `dma dma1 iova write ${place} 4`, 'run', 'expect dma dma1 done');
    tell(told, `expect iova io ${place} holds 0xda7a0000`);
  }

  tell(told, 'on-fault io none', 'dma dma1 iova write 0x40000 4', 'run', 'expect dma dma1 failed', 'expect fault 4');
});

test('a group whose first request came before the handler is finished by the fault worker', () => {
  const told = story('machine smmuv3', GPU, 'process app', 'mmap app heap 64K rw-');
  tell(told, 'request gpu0 app read heap group 3 no-pasid', 'run', 'on-fault io map');

  tell(told, 'request gpu0 app read heap+0x1000 group 3 last no-pasid', 'run');

  expect(told.machine.broken).toBeNull();
  tell(told, 'expect answer gpu0 group 3 invalid', 'expect partials gpu0 0');
});
