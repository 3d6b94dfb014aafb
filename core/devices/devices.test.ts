import { expect, test } from 'vitest';
import { bindIoctl } from '../drivers/accel/accel.ts';
import { submitWork } from '../drivers/accel/submit.ts';
import { links, messages } from '../hardware/pcie/link.ts';
import { entriesOf } from '../hardware/tlb.ts';
import { ERRNO } from '../lib/errno.ts';
import { act, at, begin } from '../machine/machine.ts';
import { underWay } from '../machine/quiet.ts';
import {
  actorNamed,
  attempt,
  goTo,
  processNamed,
  resultOf,
  settle,
  stepsSince,
  story,
  tell,
} from '../play/testing/story.ts';
import { atcOf, devices } from './device.ts';
import { pendingInvalidations } from './invalidation.ts';
import { jobs, WORK_QUEUE } from './job.ts';
import { creditsUsed, requestGroups, sentRequests } from './page-request.ts';
import { pasidUses } from './pasid-use.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16';
const APP = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000'] as const;

test('an invalidation is completed only when no read uses the old translation, and the device goes on meanwhile', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'store app heap 7', 'bind app gpu0');
  const unit = actorNamed(told, 'smmu0 translation unit');
  tell(told, 'dma gpu0 app read heap 4');
  goTo(told, actorNamed(told, 'gpu0'), 'dma_engine.data');
  expect(jobs.all(told.world)[0]?.reading).toBeGreaterThan(0);
  tell(told, 'munmap app heap 1 &');

  // The read waits on the link; the invalidation comes down and overtakes its completion.
  settle(told, [unit]);

  expect(pendingInvalidations.all(told.world)).toMatchObject([{ device: 0, span: 0 }]);
  expect(entriesOf(told.world, atcOf(told.world, 0))).toEqual([]);
  expect(links.all(told.world)[0]?.itags).not.toBe(0);
  tell(told, 'run', 'expect dma gpu0 done', 'expect unmapped app heap', 'expect frames app 0');
  expect(underWay(told.world)).toEqual([]);
});

test('an invalidation of another page does not wait for a read', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'store app heap 7', 'store app heap+0x1000 7', 'bind app gpu0');
  tell(told, 'dma gpu0 app read heap 4');
  goTo(told, actorNamed(told, 'gpu0'), 'dma_engine.data');
  const before = at(told.machine);
  tell(told, 'munmap app heap+0x1000 1 &');

  settle(told, [actorNamed(told, 'gpu0')]);

  expect(stepsSince(told, before)).toContain('do_munmap.free');
});

test('the pages of a group cost a credit each, and a device with few asks in smaller groups', () => {
  const told = story('machine smmuv3', `${GPU} credits 2`, ...APP, 'bind app gpu0');
  tell(told, 'dma gpu0 app write heap 20480', 'run until fault.queued');
  expect([creditsUsed(told.world, 0), requestGroups.all(told.world).map(({ requests }) => requests)]).toEqual([2, [2]]);

  tell(told, 'run', 'expect dma gpu0 done', 'expect frames app 5');

  expect(creditsUsed(told.world, 0)).toBe(0);
});

test('a device that was told Success and finds pages missing still asks for half as many at once', () => {
  const told = story('machine smmuv3 priq 2', GPU, ...APP, 'bind app gpu0');
  tell(told, 'dma gpu0 app write heap 12288', 'run', 'expect dma gpu0 done');

  const groups = told.machine.trace.flatMap(({ step, facts }) =>
    step === 'dma_engine.group' ? [String(facts['count'])] : [],
  );
  expect(groups).toEqual(['3 pages', '2 pages', 'the page']);
});

test('a device that gives up keeps the credits of its group until the answer comes', () => {
  const told = story('machine smmuv3', `${GPU} stop marker`, ...APP, 'bind app gpu0', 'dma gpu0 app write heap 4');
  tell(told, 'run until fault.queued', 'unbind app gpu0 &');
  goTo(told, actorNamed(told, 'gpu0'), 'dma_engine.idle', [actorNamed(told, 'PRI interrupt thread')]);

  expect(requestGroups.all(told.world)).toMatchObject([{ prgi: 0, stale: 1 }]);
  expect(creditsUsed(told.world, 0)).toBe(1);
  tell(told, 'run', 'expect dma gpu0 failed');
  expect([creditsUsed(told.world, 0), devices.get(told.world, 0).unexpected]).toEqual([0, 0]);
});

test('work is done when its data is in memory, and its PASID ends when nothing of it is on the link', () => {
  const told = story('machine smmuv3', `${GPU} stop marker`, ...APP, 'store app heap 1', 'bind app gpu0');
  const unit = actorNamed(told, 'smmu0 translation unit');
  tell(told, 'dma gpu0 app write heap 4');
  goTo(told, actorNamed(told, 'gpu0'), 'dma_engine.finish');
  settle(told, [unit]);
  expect(jobs.all(told.world)).toMatchObject([{ state: 'running' }]);
  tell(told, 'run', 'expect dma gpu0 done', 'dma gpu0 app write heap+0x1000 4');

  goTo(told, actorNamed(told, 'gpu0'), 'dma_engine.response');
  tell(told, 'unbind app gpu0 &');
  settle(told, [unit]);

  expect(jobs.all(told.world).at(-1)?.state).toBe('failed');
  expect(pasidUses.all(told.world)).toMatchObject([{ state: 'stopping' }]);
  tell(told, 'run');
  expect(pasidUses.all(told.world)).toEqual([]);
});

test('no work is started with a PASID that is being stopped, and what waits in the queue is given up', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'dma gpu0 app write heap 4');
  tell(told, 'dma gpu0 app write heap+0x1000 4', 'run until fault.queued', 'unbind app gpu0 &');
  goTo(told, actorNamed(told, 'app'), 'accel_unbind.unbind');

  expect(pasidUses.all(told.world)).toMatchObject([{ state: 'stopping' }]);
  expect(jobs.all(told.world).map(({ state }) => state)).toEqual(['waiting', 'failed']);
  expect(attempt(told, 'dma gpu0 app read heap 4')).toMatchObject({ state: 'refused', errno: 'EINVAL' });
});

test('work that is submitted late carries no PASID that the process no longer has: EINVAL', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'run');
  const { id: task, actor } = processNamed(told, 'app');
  const work = { device: 0, operation: 1, task, page: 0x7f0000000, offset: 0, bytes: 4, data: 1, hops: 0, unbound: 0 };
  begin(told.machine, actor, 'submits', () => submitWork.at.submit(work));
  tell(told, 'unbind app gpu0 &');
  settle(told, [actor]);

  goTo(told, actor, null);

  expect(resultOf(told, actor)).toBe(-ERRNO.EINVAL);
  expect(jobs.all(told.world)).toEqual([]);
});

test('a full work queue makes who submits wait, and finished work makes room', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0');
  for (let job = 0; job < WORK_QUEUE; job++) tell(told, 'dma gpu0 app write heap 4 &');
  goTo(told, actorNamed(told, 'app'), null, [actorNamed(told, 'gpu0')]);
  settle(told, [actorNamed(told, 'gpu0')]);
  expect(jobs.all(told.world)).toHaveLength(WORK_QUEUE);
  expect(attempt(told, 'dma gpu0 app write heap 4')).toMatchObject({ state: 'refused', errno: 'EBUSY' });

  tell(told, 'run', 'dma gpu0 app write heap 4', 'run', 'expect dma gpu0 done');

  expect(
    jobs
      .all(told.world)
      .map(({ place }) => place)
      .sort(),
  ).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('a chase follows pointers that the CPU has stored, and fails at one that is not aligned', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0');
  tell(told, 'store app heap -> heap+0x1008', 'store app heap+0x1008 -> heap+0x2ffc', 'store app heap+0x2ffc 5');

  tell(told, 'dma gpu0 app chase heap 8 count 2', 'run', 'expect dma gpu0 done');
  tell(told, 'dma gpu0 app chase heap 8 count 3', 'run', 'expect dma gpu0 failed');

  expect(underWay(told.world)).toEqual([]);
});

test('a Response Failure keeps the device from asking again until it is reset', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0');
  act(told.machine, 'a Response Failure has come', (world) => {
    devices.edit(world, 0, (row) => {
      row.failed = 1;
    });
  });
  const before = at(told.machine);

  tell(told, 'dma gpu0 app write heap 4', 'run', 'expect dma gpu0 failed');

  expect(stepsSince(told, before)).not.toContain('dma_engine.request');
});

test('a device without ATS sends untranslated requests; one that is not translated leaves an event', () => {
  const told = story('machine smmuv3', 'device nic0 pci 00:02.0', ...APP);
  const before = at(told.machine);

  tell(told, 'dma nic0 app read heap 4 no-pasid', 'run', 'expect dma nic0 failed');

  expect(stepsSince(told, before)).toContain('arm_smmu_evtq_thread.read');
  expect(messages.all(told.world)).toEqual([]);
});

test('two processes that bind one device at once come one after the other', () => {
  const told = story('machine smmuv3', GPU, 'process app', 'process tool');
  const [app, tool] = ['app', 'tool'].map((name) => processNamed(told, name));
  for (const task of [app, tool]) {
    begin(told.machine, task?.actor ?? -1, 'binds', () => bindIoctl.at.enter({ device: 0, task: task?.id ?? -1 }));
  }
  goTo(told, app?.actor ?? -1, 'accel_bind.program');

  settle(told, [app?.actor ?? -1]);
  expect(pasidUses.all(told.world)).toEqual([]);
  settle(told);
  expect(pasidUses.all(told.world).map(({ pasid }) => pasid)).toEqual([1, 2]);
});

const PRI_ALONE = 'device pri0 pci 00:03.0 ats';

/** Requests by hand that a device does not send, and why. */
const NOT_SENT: readonly (readonly [string, string, string])[] = [
  ['dev', 'without PRI', 'request pri0 app read heap group 0 last no-pasid'],
  ['pasid', 'with a PASID that it was not told to use', 'request gpu0 tool read heap group 0 last'],
  ['other', 'in a group of another PASID', 'request gpu0 app read heap group 1 last no-pasid'],
  ['closed', 'in a group whose last was sent', 'request gpu0 app read heap group 2'],
  ['credits', 'without a credit for it and for the last of its group', 'request gpu0 app read heap group 3'],
];
const ANSWERS: Readonly<Record<string, string>> = {
  ...{ dev: 'EOPNOTSUPP', pasid: 'EINVAL', other: 'EINVAL', closed: 'EBUSY', credits: 'EAGAIN' },
};

for (const [key, why, line] of NOT_SENT) {
  test(`a device sends no request by hand ${why}: ${ANSWERS[key]}`, () => {
    const told = story('machine smmuv3', `${GPU} credits 4`, PRI_ALONE, ...APP, 'process tool', 'bind app gpu0');
    tell(told, 'mmap tool heap 4K rw-', 'request gpu0 app read heap group 1');
    tell(told, 'request gpu0 app read heap group 2 last');
    const before = creditsUsed(told.world, 0);

    expect(tell(told, line)).toBe(ANSWERS[key]);

    expect([before, creditsUsed(told.world, 0)]).toEqual([3, 3]);
  });
}

for (const [style, stale] of [
  ['wait', 0],
  ['marker', 1],
] as const) {
  test(`a device that stops a PASID sends the last request of a group begun by hand (stop ${style})`, () => {
    const told = story('machine smmuv3', `${GPU} stop ${style}`, ...APP, 'bind app gpu0');
    tell(told, 'request gpu0 app write heap group 9', 'run', 'expect partials gpu0 1', 'unbind app gpu0 &');
    const port = actorNamed(told, 'gpu0 port');

    goTo(told, port, 'device_port.close');
    settle(told, [actorNamed(told, 'PRI interrupt thread')]);

    expect(requestGroups.all(told.world)).toMatchObject([{ prgi: 9, open: 0, stale }]);
    expect(pasidUses.all(told.world)).toHaveLength(1 - stale);
    tell(told, 'run', 'expect answer gpu0 group 9 success');
    expect([underWay(told.world), pasidUses.all(told.world), sentRequests.all(told.world)]).toEqual([[], [], []]);
  });
}

test('a fetch is a read that needs the right to execute, which only a request with a PASID can ask for', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'store app heap 1', 'bind app gpu0');

  tell(told, 'dma gpu0 app execute text 4', 'run', 'expect dma gpu0 done');
  tell(told, 'dma gpu0 app read heap 4', 'run', 'expect dma gpu0 done', 'dma gpu0 app execute heap 4', 'run');

  tell(told, 'expect dma gpu0 failed', 'expect fault 2', 'dma gpu0 app execute heap 4 no-pasid', 'run');
  expect(messages.all(told.world)).toEqual([]);
});
