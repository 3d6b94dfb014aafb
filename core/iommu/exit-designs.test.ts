import { expect, test } from 'vitest';
import { pasidUses } from '../devices/pasid-use.ts';
import { cdTables, contextPlace } from '../drivers/arm-smmu-v3/domain.ts';
import { isQuiet } from '../drivers/arm-smmu-v3/quiet-context.ts';
import { at } from '../machine/machine.ts';
import { leftOver, underWay } from '../machine/quiet.ts';
import {
  actorNamed,
  goTo,
  kernelThread,
  processNamed,
  resultOf,
  type Story,
  settle,
  stepsSince,
  story,
  tell,
} from '../play/testing/story.ts';
import { mms } from '../process/mm.ts';
import { actors, nextStep } from '../sim/actor.ts';
import { locks } from '../sim/lock.ts';
import { readWords } from '../world/memory.ts';
import { bonds } from './context.ts';
import { processes } from './process.ts';
import { unbindDevice } from './unbind.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16';
const APP = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000'] as const;

const under = (policy: string, ...lines: readonly string[]): Story =>
  story('machine smmuv3', `policy ${policy}`, GPU, ...APP, 'bind app gpu0', ...lines);

const entryIsQuiet = ({ world }: Story): boolean => {
  const place = contextPlace(world, cdTables.get(world, 0), 1);
  return place !== null && isQuiet(readWords(world, place.page, place.offset, 16, new Uint32Array(16)));
};

test('as posted the PASID is given back while a device still stops', () => {
  const told = under('rfcv2-as-posted', 'dma gpu0 app write heap 64', 'run until fault.queued');
  const app = actorNamed(told, 'app');
  tell(told, 'exit app &');

  goTo(told, app, 'exit_mmap.unlink');

  expect(processes.all(told.world)).toMatchObject([{ state: 'dead' }]);
  expect(pasidUses.all(told.world)).toMatchObject([{ state: 'stopping' }]);
  expect(told.machine.broken?.claims.map(({ id }) => id)).toContain('pasid-in-flight');
});

test('mm_exit() of v2 sleeps until the device has stopped, while no lock is held and the entry is still there', () => {
  const told = under('v2-2018', 'dma gpu0 app write heap 64', 'run until fault.queued', 'exit app &');

  settle(told, [actorNamed(told, 'gpu0')]);

  expect(bonds.all(told.world)).toMatchObject([{ exiting: 1 }]);
  expect(locks.all(told.world).filter(({ owner }) => owner >= 0)).toEqual([]);
  expect(told.machine.broken).toBeNull();

  tell(told, 'run');
  expect([...underWay(told.world), ...leftOver(told.world)]).toEqual([]);
});

test('an unbind waits for mm_exit() of v2, and one side alone ends the bond', () => {
  const told = under('v2-2018', 'dma gpu0 app write heap 64', 'run until fault.queued', 'exit app &');
  const { mm } = processNamed(told, 'app');
  const gpu = actorNamed(told, 'gpu0');
  goTo(told, actorNamed(told, 'app'), 'accel_mm_exit.stopped');

  const unbind = kernelThread(told, unbindDevice.at.flush({ device: 0, mm, pasid: 1 }));
  settle(told, [gpu]);
  expect(nextStep(actors.get(told.world, unbind))?.name).toBe('iommu_process_unbind_device.exiting');
  expect(bonds.all(told.world)).toHaveLength(1);

  settle(told);
  expect(resultOf(told, unbind)).toBe(0);
  expect([...underWay(told.world), ...leftOver(told.world)]).toEqual([]);
});

test('mainline makes the entry quiet at exit_mm(), and ends the bond when the file is closed', () => {
  const told = under('mainline', 'dma gpu0 app write heap 64', 'run');
  const before = at(told.machine);
  tell(told, 'exit app &');

  goTo(told, actorNamed(told, 'app'), 'exit_mmap.unlink');
  expect(entryIsQuiet(told)).toBe(true);
  expect(bonds.all(told.world)).toHaveLength(1);

  tell(told, 'run');
  const steps = stepsSince(told, before);
  const order = [
    'arm_smmu_make_sva_cd.quiet',
    'exit_mmap.tables',
    'accel_release.release',
    'arm_smmu_clear_ctx_desc.clear',
  ];
  expect(steps.filter((step) => order.includes(step))).toEqual(order);
  expect([...underWay(told.world), ...leftOver(told.world)]).toEqual([]);
});

test('a device that goes on after exit_mm() gets no translation from a quiet entry, and INVALID for its request', () => {
  const told = under('mainline', 'run', 'dma gpu0 app write heap 64 &', 'step app', 'exit app &');
  const app = actorNamed(told, 'app');
  goTo(told, app, 'accel_release.release', [actorNamed(told, 'gpu0')]);
  const before = at(told.machine);

  settle(told, [app]);

  const texts = told.machine.trace.slice(before).map(({ text }) => text);
  expect(texts.find((text) => text.includes('IOTLB'))).toMatch(/miss, and no table is for this address$/);
  expect(texts.find((text) => text.startsWith('holds on to'))).toMatch(/it has none$/);
  expect(texts).toContain('takes a page response: group 0: invalid');
  expect(texts.join()).not.toContain('records');
});

test('a PASID that lives with its mm comes back at the next bind, and goes with the mm', () => {
  const told = under('mainline', 'unbind app gpu0', 'run', 'process tool', 'bind tool gpu0');
  tell(told, 'expect pasid app 1', 'expect pasid tool 2');

  tell(told, 'bind app gpu0', 'expect pasid app 1', 'exit app', 'run');
  expect(mms.all(told.world).map(({ pasid }) => pasid)).toEqual([2]);
});

test('a forked child has no PASID of its own before it binds', () => {
  const told = under('mainline', 'fork app child', 'expect pasid child none', 'bind child gpu0');

  tell(told, 'expect pasid child 2', 'expect pasid app 1');
});

const CLEARED = ['iommu_notifier_release.clear', 'iommu_notifier_release.cleared'];

for (const callback of ['per-domain', 'per-device', 'sleepable', 'none']) {
  for (const entry of ['cleared', 'quiet']) {
    for (const lifetime of ['completed', 'mm']) {
      test(`an exit with exit-callback=${callback}, exited-entry=${entry}, pasid-lifetime=${lifetime} leaves nothing behind`, () => {
        const policy = `rfcv2,exit-callback=${callback},exited-entry=${entry},pasid-lifetime=${lifetime}`;
        const told = under(policy, 'dma gpu0 app write heap 64', 'run until fault.queued', 'exit app &', 'run');
        const steps = stepsSince(told, 0).filter((step) => CLEARED.includes(step));

        // Whoever may not sleep until the device has stopped leaves the entry quiet, and clears it after that.
        expect(steps).toEqual(entry === 'quiet' && callback.startsWith('per-') ? CLEARED : []);
        expect([...underWay(told.world), ...leftOver(told.world)]).toEqual([]);
        expect(told.machine.broken).toBeNull();
      });
    }
  }
}

for (const callback of ['per-domain', 'per-device', 'sleepable', 'none']) {
  test(`a detach with exit-callback=${callback} stops the device before it ends the bond`, () => {
    const told = under(`rfcv2,exit-callback=${callback}`, 'dma gpu0 app write heap 64', 'run until fault.queued');
    const before = at(told.machine);

    tell(told, 'detach gpu0', 'run');

    const order = ['device_port.stopped', 'iommu_detach_device.lock', 'arm_smmu_clear_ctx_desc.clear'];
    expect(stepsSince(told, before).filter((step) => order.includes(step))).toEqual(order);
    expect([underWay(told.world), bonds.all(told.world), processes.all(told.world)]).toEqual([[], [], []]);
  });
}

test('as posted a detach does not wait for its device to stop', () => {
  const told = under('rfcv2-as-posted', 'dma gpu0 app write heap 64', 'run until fault.queued', 'detach gpu0 &');

  settle(told, [actorNamed(told, 'gpu0')]);

  expect(pasidUses.all(told.world)).toMatchObject([{ state: 'stopping' }]);
  expect(told.machine.broken?.claims.map(({ id }) => id)).toContain('pasid-in-flight');
});
