import { expect, test } from 'vitest';
import { devices } from '../devices/device.ts';
import { jobs } from '../devices/job.ts';
import { creditsUsed, requestGroups } from '../devices/page-request.ts';
import { act, at } from '../machine/machine.ts';
import { underWay } from '../machine/quiet.ts';
import {
  actorNamed,
  attempt,
  goTo,
  kernelThread,
  type Story,
  settle,
  stepsSince,
  story,
  tell,
} from '../play/testing/story.ts';
import { allocateFrame, frames, freePages } from '../process/frame.ts';
import { actors } from '../sim/actor.ts';
import { faults, iopfGroups, RESPONSE } from './fault.ts';
import { flushFaults } from './flush.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16';
const NIC = 'device nic0 pci 00:02.0 ats pri pasid 16';
const APP = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000'] as const;

/** The answers that went to devices since an event, one for each group. */
function answers({ machine }: Story, event: number): string[] {
  const texts = machine.trace.slice(event).flatMap(({ messages }) => messages.map(({ text }) => text));
  return texts.flatMap(
    (text) => /(?:response)[^,]*,? ?(Success|Invalid Request|Response Failure)$/.exec(text)?.[1] ?? [],
  );
}

test('the missing pages of a transfer are asked for as one group, kept as partials, and answered once', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0');
  const before = at(told.machine);
  tell(told, 'dma gpu0 app write heap 16384', 'run until fault.reported');
  expect(iopfGroups.all(told.world)).toMatchObject([{ prgi: 0, state: 'queued' }]);
  expect(faults.all(told.world).map(({ place, iopf }) => [place, iopf])).toEqual(
    [0, 1, 2, 3].map((place) => [place, 0]),
  );

  tell(told, 'run', 'expect dma gpu0 done', 'expect frames app 4', 'expect memory app heap+0x3000 0xda7a0c00');

  expect(answers(told, before)).toEqual(['Success']);
  expect(underWay(told.world)).toEqual([]);
});

test('a partial waits for the last of its own group, whatever other devices ask meanwhile', () => {
  const told = story('machine smmuv3', GPU, NIC, ...APP, 'bind app gpu0', 'bind app nic0');
  tell(told, 'dma gpu0 app write heap 12288');
  const engine = actorNamed(told, 'gpu0');
  goTo(told, engine, 'dma_engine.request');
  tell(told, 'step gpu0', 'dma nic0 app read heap+0x8000 4 &');

  settle(told, [engine]);

  expect(faults.all(told.world)).toMatchObject([{ device: 0, prgi: 0, iopf: -1 }]);
  tell(told, 'expect dma nic0 done', 'run', 'expect dma gpu0 done', 'expect fault 2');
});

test('an error sticks to its group: later pages are not brought in, and the whole group is answered INVALID', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'mprotect app heap+0x1000 1 r--', 'bind app gpu0');
  const before = at(told.machine);

  tell(told, 'dma gpu0 app write heap 12288', 'run', 'expect dma gpu0 failed');

  expect(answers(told, before)).toEqual(['Invalid Request']);
  tell(told, 'expect mapped app heap', 'expect unmapped app heap+0x2000');
});

const INVALID: readonly (readonly [string, string, string])[] = [
  ['a place where nothing is mapped', 'run', 'dma gpu0 app read 0x500000000000 4'],
  ['a write to what may only be read', 'run', 'dma gpu0 app write text 4'],
  ['a page that nobody may touch', 'mprotect app heap 1 ---', 'dma gpu0 app read heap 4'],
];

for (const [what, line, dma] of INVALID) {
  test(`${what} is answered INVALID, and the device does not ask again`, () => {
    const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', line);
    const before = at(told.machine);

    tell(told, dma, 'run', 'expect dma gpu0 failed');

    expect(answers(told, before)).toEqual(['Invalid Request']);
  });
}

test('a device may make a stack grow, as a store of the CPU does', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0');

  tell(told, 'dma gpu0 app write 0x7fffffff9000 4', 'run', 'expect dma gpu0 done', 'expect frames app 1');
});

test('a fault of a process that has begun to exit is answered INVALID', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'dma gpu0 app write heap 4');
  const before = at(told.machine);
  const worker = actorNamed(told, 'fault worker');
  goTo(told, worker, 'iommu_fault_handle_group.mm');
  tell(told, 'exit app &');
  settle(told, [worker]);

  settle(told);

  expect(answers(told, before)).toEqual(['Invalid Request']);
  expect(frames.all(told.world).filter(({ use }) => use === 'anon')).toEqual([]);
});

test('no memory is answered INVALID: the device is told, nothing leaks, and later it works again', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'store app heap 1');
  const giveBack = hoardMemory(told);

  tell(told, 'dma gpu0 app write heap+0x1000 4', 'run', 'expect dma gpu0 failed', 'expect fault 1');
  expect([freePages(told.world), underWay(told.world)]).toEqual([0, []]);

  giveBack();
  tell(told, 'dma gpu0 app write heap+0x1000 4', 'run', 'expect dma gpu0 done');
});

for (const priq of [1, 2]) {
  test(`a PRI queue of ${priq} loses requests of larger groups, and the device gets its pages all the same`, () => {
    const told = story(
      `machine smmuv3 priq ${priq}`,
      GPU,
      `${NIC} stop marker`,
      ...APP,
      'bind app gpu0',
      'bind app nic0',
    );
    const before = at(told.machine);

    tell(told, 'dma gpu0 app write heap 8192', 'dma nic0 app write heap+0x8000 12288', 'run');

    expect(stepsSince(told, before)).toContain('arm_smmu_priq_thread.overflow');
    expect(jobs.all(told.world).map(({ state }) => state)).toEqual(['done', 'done']);
    expect(answers(told, before).every((answer) => answer === 'Success')).toBe(true);
    expect([underWay(told.world), creditsUsed(told.world, 0)]).toEqual([[], 0]);
  });
}

test('partials whose last was lost are dropped when the overflow is acknowledged, and merge into no later group', () => {
  const told = story('machine smmuv3 priq 2', GPU, ...APP, 'bind app gpu0', 'dma gpu0 app write heap 12288');
  const thread = actorNamed(told, 'PRI interrupt thread');
  goTo(told, actorNamed(told, 'gpu0'), 'dma_engine.retry', [thread]);
  goTo(told, thread, 'arm_smmu_priq_thread.discard');
  expect(faults.all(told.world).map(({ iopf }) => iopf)).toEqual([-1, -1]);

  goTo(told, thread, 'arm_smmu_priq_thread.overflow');

  expect(faults.all(told.world)).toEqual([]);
  const before = at(told.machine);
  tell(told, 'run', 'expect dma gpu0 done');
  const groups = told.machine.trace.slice(before).filter(({ step }) => step === 'handle_iommu_fault.group');
  const counts = groups.map(({ facts }) => String(facts['count']));
  expect(['the one request', '2 requests', '3 requests']).toEqual(expect.arrayContaining(counts));
});

test('as posted, partials whose last was lost stay and join the next group of their index, which is found out', () => {
  const told = story('policy rfcv2,partials=kept', 'machine smmuv3 priq 2', GPU, ...APP, 'bind app gpu0');
  tell(told, 'dma gpu0 app write heap 12288', 'run until priq.acknowledged', 'expect partials gpu0 2', 'run');

  expect(told.machine.broken?.claims.map(({ id }) => id)).toEqual(['group-members']);
  expect(told.machine.broken?.claims[0]?.detail).toMatch(/^group 0 of gpu0 holds a request for .* with PASID 1 /);
});

test('an overflow drops the partials of all devices behind the SMMU, whichever of them lost a last', () => {
  const told = story('machine smmuv3 priq 1', GPU, NIC, ...APP, 'bind app gpu0', 'bind app nic0');
  tell(told, 'request gpu0 app write heap group 0', 'run', 'request nic0 app write heap+0x1000 group 0', 'run');
  tell(told, 'expect partials gpu0 1', 'expect partials nic0 1');

  tell(told, 'request gpu0 app write heap+0x2000 group 1 last', 'request gpu0 app write heap+0x3000 group 2 last');
  tell(told, 'run', 'expect partials gpu0 0', 'expect partials nic0 0', 'expect answer gpu0 group 2 success');
  expect(faults.all(told.world)).toEqual([]);
});

/** Takes every free page; gives back what it took when told to. */
function hoardMemory({ machine }: Story): () => void {
  const hoard: number[] = [];
  act(machine, 'takes all memory', (world) => {
    for (let frame = allocateFrame(world, 'kernel'); frame.ok; frame = allocateFrame(world, 'kernel')) {
      hoard.push(frame.value - world.slots.ramFirst);
    }
  });
  return () =>
    act(machine, 'gives it back', (world) => {
      for (const id of hoard) frames.remove(world, id);
    });
}

test('a last request for which the kernel has no memory fails its group: INVALID, its partials are dropped', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'request gpu0 app write heap group 0');
  tell(told, 'run', 'expect partials gpu0 1', 'request gpu0 app write heap+0x1000 group 0 last');
  hoardMemory(told);
  const before = at(told.machine);
  goTo(told, actorNamed(told, 'PRI interrupt thread'), 'handle_iommu_fault.report');

  tell(told, 'step pri-interrupt-thread/1', 'run', 'expect answer gpu0 group 0 invalid', 'expect partials gpu0 0');

  expect(answers(told, before)).toEqual(['Invalid Request']);
  expect(underWay(told.world)).toEqual([]);
});

test('a partial for which the kernel has no memory is lost without an answer, and its group goes on', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'request gpu0 app write heap group 0');
  const giveBack = hoardMemory(told);
  goTo(told, actorNamed(told, 'PRI interrupt thread'), 'handle_iommu_fault.report');

  tell(told, 'step pri-interrupt-thread/1', 'run', 'expect partials gpu0 0', 'expect answer gpu0 group 0 none');
  giveBack();
  tell(told, 'request gpu0 app write heap+0x1000 group 0 last', 'run', 'expect answer gpu0 group 0 success');

  tell(told, 'expect unmapped app heap', 'expect mapped app heap+0x1000');
});

test('where a page is free, memory for a fault is to be had: there is no choice', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'request gpu0 app write heap group 0 last');
  goTo(told, actorNamed(told, 'PRI interrupt thread'), 'handle_iommu_fault.report');

  expect(attempt(told, 'step pri-interrupt-thread/1')).toMatchObject({ state: 'refused', errno: 'EBUSY' });
});

test('a request from a device in no domain is answered FAILURE, and the device asks for nothing more: EIO', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'detach gpu0');
  tell(told, 'request gpu0 app read heap group 4 last no-pasid', 'run', 'expect answer gpu0 group 4 failure');

  expect(devices.get(told.world, 0)).toMatchObject({ failed: 1 });
  expect(tell(told, 'request gpu0 app read heap group 4 last no-pasid')).toBe('EIO');
  expect(underWay(told.world)).toEqual([]);
});

test('FAILURE ends what its device had begun: partials are dropped, and one that comes late is not taken', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'on-fault A failure');
  const thread = actorNamed(told, 'PRI interrupt thread');
  tell(told, 'request gpu0 app read heap group 1', 'run', 'request gpu0 app read heap group 2 last no-pasid');
  goTo(told, thread, 'arm_smmu_fault_response.respond');
  tell(told, 'expect partials gpu0 1', 'request gpu0 app read heap group 3');

  tell(told, 'run', 'expect answer gpu0 group 2 failure', 'expect partials gpu0 0');

  expect([requestGroups.all(told.world), underWay(told.world)]).toEqual([[], []]);
  tell(told, 'unbind app gpu0', 'run', 'expect pasid app none');
});

test('a partial from a device in no domain is dropped and not answered', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'detach gpu0');

  tell(told, 'request gpu0 app read heap group 4 no-pasid', 'run', 'expect answer gpu0 group 4 none');

  expect([faults.all(told.world), devices.get(told.world, 0).failed]).toEqual([[], 0]);
});

test('a group whose last comes after the detach of its device is refused, and what came before is dropped', () => {
  const told = story(
    'machine smmuv3',
    GPU,
    ...APP,
    'request gpu0 app read heap group 4 no-pasid',
    'run',
    'detach gpu0',
  );

  tell(told, 'request gpu0 app read heap group 4 last no-pasid', 'run', 'expect answer gpu0 group 4 failure');

  expect(told.machine.broken).toBeNull();
  expect(underWay(told.world)).toEqual([]);
});

for (const policy of ['rfcv2', 'rfcv2,fault-queue=per-iommu']) {
  test(`under ${policy} a flush of all devices waits for every queue, one of a device for its own`, () => {
    const told = story(`policy ${policy}`, 'machine smmuv3', GPU, ...APP, 'bind app gpu0', 'dma gpu0 app write heap 4');
    const worker = actorNamed(told, 'fault worker');
    tell(told, 'run until fault.reported');
    const flushes = [-1, 0].map((device) => kernelThread(told, flushFaults.at.begin({ device })));

    settle(told, [worker]);

    expect(flushes.map((thread) => actors.get(told.world, thread).frame === null)).toEqual([false, false]);
    settle(told);
    expect(flushes.map((thread) => actors.get(told.world, thread).frame === null)).toEqual([true, true]);
  });
}

test('a flush waits for work that was queued before an older flush, too', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'dma gpu0 app write heap 4');
  const worker = actorNamed(told, 'fault worker');
  tell(told, 'run until fault.reported');
  const flushes = [0, 1].map(() => {
    const thread = kernelThread(told, flushFaults.at.begin({ device: -1 }));
    goTo(told, thread, 'iommu_fault_queue_flush.wait', [worker]);
    return thread;
  });
  expect(iopfGroups.all(told.world)).toHaveLength(1);

  settle(told, [worker]);
  expect(flushes.map((thread) => actors.get(told.world, thread).frame === null)).toEqual([false, false]);
  settle(told);
  expect(flushes.map((thread) => actors.get(told.world, thread).frame === null)).toEqual([true, true]);
});

test('a flush does not wait for work that comes after it', () => {
  const told = story('machine smmuv3', GPU, NIC, ...APP, 'bind app gpu0', 'bind app nic0');
  const worker = actorNamed(told, 'fault worker');
  const thread = kernelThread(told, flushFaults.at.begin({ device: 0 }));
  goTo(told, thread, 'iommu_fault_queue_flush.wait', [worker]);
  tell(told, 'dma nic0 app write heap 4 &');
  settle(told, [worker, thread]);
  expect(iopfGroups.all(told.world)).toMatchObject([{ state: 'queued', response: RESPONSE.success }]);

  goTo(told, thread, null, [worker]);

  expect(iopfGroups.all(told.world)).toHaveLength(1);
});

test('after fork the write of a device goes to the copy of the parent alone', () => {
  const told = story(
    'machine smmuv3',
    GPU,
    ...APP,
    'store app heap 7',
    'bind app gpu0',
    'dma gpu0 app write heap+4 4',
    'run',
  );
  tell(told, 'fork app child');

  tell(told, 'dma gpu0 app write heap 4', 'run', 'expect dma gpu0 done', 'expect fault 1');

  tell(
    told,
    'expect memory app heap 0xda7a0000',
    'expect memory child heap 7',
    'expect memory child heap+4 0xda7a0000',
  );
});

test('what may no longer be written is refused to the device as well, and what may be again is not', () => {
  const told = story(
    'machine smmuv3',
    GPU,
    ...APP,
    'bind app gpu0',
    'dma gpu0 app write heap 4',
    'run',
    'expect dma gpu0 done',
  );

  tell(told, 'mprotect app heap 1 r--', 'dma gpu0 app write heap 4', 'run', 'expect dma gpu0 failed');
  tell(told, 'dma gpu0 app read heap 4', 'run', 'expect dma gpu0 done');
  tell(told, 'mprotect app heap 1 rw-', 'dma gpu0 app write heap 4', 'run', 'expect dma gpu0 done');
});
