import { expect, test } from 'vitest';
import { eventsOf, fingerprintAt } from '../machine/machine.ts';
import { attempt, story, tell } from './testing/story.ts';

const STAGE = [
  'machine smmuv3 stream-table linear frames 256',
  'device gpu0 pci 00:01.0 ats pri pasid 16 group 4',
  'device nic0 pci 00:02.0 ats pri pasid 16 domain shared',
  'device old0 pci 00:03.0',
  'process app',
  'mmap app heap 64K rw- at 0x7f0000000000',
  'bind app gpu0',
  'run',
] as const;

/** Lines that are refused in this stage, with the errno and a part of the rule. */
const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ['machine smmuv3', 'EBUSY', /must come first/],
  ['policy rfcv2', 'EBUSY', /must come first/],
  ['device gpu0 pci 00:09.0 ats pri pasid 16', 'EEXIST', /device gpu0 exists/],
  ['device new0 pci 00:01.0 ats pri pasid 16', 'EBUSY', /has this address/],
  ['device new0 pci 00:09.0 pri', 'EINVAL', /PRI needs ATS/],
  ['device new0 pci 01:00.0 ats pri pasid 16', 'ERANGE', /beyond the stream table/],
  ['device new0 pci 00:09.0 group 4 domain shared', 'EINVAL', /attached to domain/],
  ['device new0 pci 00:09.0 ats atc 64x32 lru', 'ERANGE', /at most 1024/],
  ['device new0 pci 00:09.0 ats stall', 'EINVAL', /platform devices/],
  ['device new0 platform stall pasid 8 group 4', 'EINVAL', /CD\.S/],
  ['device new0 platform pasid 8 group 4 domain other', 'EINVAL', /attached to domain/],
  ['on-invalidate gone0 silent', 'ENODEV', /no device gone0/],
  ['on-invalidate old0 silent', 'EINVAL', /no ATS/],
  ['process app', 'EEXIST', /process app exists/],
  ['process other maps nowhere.maps', 'ENOENT', /no maps file/],
  ['mmap app more 4K rw- at 0x7f0000000004', 'EINVAL', /begins at a page/],
  ['mmap app more 4K rw- at 0xffff000000000000', 'EFAULT', /48 bits/],
  ['munmap app heap+4 1', 'EINVAL', /begins at a page/],
  ['munmap app nothing 1', 'EFAULT', /no region nothing/],
  ['load app heap+2', 'EFAULT', /aligned/],
  ['store app heap+0xffc -> heap', 'EFAULT', /cross a page/],
  ['store app heap -> nothing', 'EFAULT', /no region nothing/],
  ['fork app app', 'EEXIST', /process app exists/],
  ['exit nobody', 'ESRCH', /no process nobody/],
  ['bind app nothing', 'ENODEV', /no device nothing/],
  ['bind nobody gpu0', 'ESRCH', /no process nobody/],
  ['unbind app nothing', 'ENODEV', /no device nothing/],
  ['detach nothing', 'ENODEV', /no device nothing/],
  ['attach nothing shared', 'ENODEV', /no device nothing/],
  ['attach gpu0 brand-new', 'EBUSY', /detach it first/],
  ['request gpu0 app read heap+4 group 0', 'EINVAL', /begins one/],
  ['request nothing app read heap group 0', 'ENODEV', /no device nothing/],
  ['dma nic0 app write heap 4', 'EINVAL', /bind first/],
  ['dma gpu0 app write heap 6', 'EINVAL', /words of 4 bytes/],
  ['dma gpu0 app write heap+2 4', 'EINVAL', /aligned/],
  ['dma gpu0 app chase heap+4 8', 'EINVAL', /aligned to 8/],
  ['dma gpu0 app write heap 65540', 'ERANGE', /at most 16 pages/],
  ['run until tea.time', 'EINVAL', /no moment tea.time/],
  ['step nobody', 'ESRCH', /nobody is called nobody/],
  ['step gpu0', 'EBUSY', /gpu0 waits for work/],
  ['step app', 'EBUSY', /app has nothing to do/],
  ['expect broken nonsense', 'EINVAL', /no invariant nonsense/],
  ['expect dma nothing done', 'ENODEV', /no device nothing/],
];

for (const [line, errno, rule] of REFUSED) {
  test(`'${line}' is refused with ${errno}, and changes nothing`, () => {
    const told = story(...STAGE);
    const before = [fingerprintAt(told.machine), eventsOf(told.machine), told.play.regions.get('app')?.size];

    const outcome = attempt(told, line);

    expect(outcome).toMatchObject({ state: 'refused', errno });
    expect(outcome.output.join('\n')).toMatch(rule);
    expect([fingerprintAt(told.machine), eventsOf(told.machine), told.play.regions.get('app')?.size]).toEqual(before);
  });
}

const UNBUILDABLE: readonly (readonly [string, string])[] = [
  ['machine vtd', 'ENODEV'],
  ['machine smmuv3 frames 4', 'ERANGE'],
  ['machine smmuv3 frames 1000000', 'ERANGE'],
  ['machine smmuv3 cmdq 512', 'ERANGE'],
  ['machine smmuv3 evtq 256', 'ERANGE'],
  ['machine smmuv3 priq 256', 'ERANGE'],
  ['machine smmuv3 iotlb 1024x8', 'ERANGE'],
  ['policy nonsense', 'EINVAL'],
];

for (const [line, errno] of UNBUILDABLE) {
  test(`'${line}' is refused with ${errno}, and the machine is built without it`, () => {
    const told = story();
    told.play.machine = null;

    expect(attempt(told, line)).toMatchObject({ state: 'refused', errno });
    expect(attempt(told, 'device gpu0 pci 00:01.0 ats pri pasid 16')).toMatchObject({ state: 'done' });
  });
}

test('a device for whose tables no memory is left is refused: ENOMEM', () => {
  const told = story('machine smmuv3 frames 128');
  const outcomes = [1, 2, 3, 4, 5].map((n) => attempt(told, `device dev${n} pci 00:0${n}.0 ats pri pasid 16`));

  expect(outcomes.map(({ errno }) => errno)).toContain('ENOMEM');
  expect(outcomes.findLast(({ state }) => state === 'refused')?.output.join()).toMatch(/no memory/);
  expect(attempt(told, 'device last0 pci 00:0a.0 ats pri pasid 5')).toMatchObject({ state: 'done' });
});

test('a group that was detached takes no new device: EINVAL', () => {
  const told = story('machine smmuv3', 'device nic0 pci 00:02.0 group 7', 'detach nic0');

  expect(attempt(told, 'device nic1 pci 00:02.1 group 7')).toMatchObject({ state: 'refused', errno: 'EINVAL' });
});

test('no device is plugged in while a detach is under way: EBUSY', () => {
  const told = story('machine smmuv3', 'device nic0 pci 00:02.0', 'detach nic0 &');

  expect(attempt(told, 'device nic1 pci 00:03.0')).toMatchObject({ state: 'refused', errno: 'EBUSY' });
  expect(attempt(told, 'detach nic0')).toMatchObject({ state: 'refused', errno: 'EBUSY' });
  tell(told, 'run', 'device nic1 pci 00:03.0');
});

test('a process that is in the middle of a call does not exit: EBUSY', () => {
  const told = story(...STAGE);
  tell(told, 'unbind app gpu0 &');

  expect(attempt(told, 'exit app')).toMatchObject({ state: 'refused', errno: 'EBUSY' });
  tell(told, 'run', 'exit app');
});

test('a process that was told to exit takes no more commands, and no thread of it stays behind: ESRCH', () => {
  const told = story(...STAGE);
  tell(told, 'exit app &');

  expect(attempt(told, 'bind app nic0 &')).toMatchObject({ state: 'refused', errno: 'ESRCH' });
  tell(told, 'run');
  expect(attempt(told, 'load app heap').output.join()).toMatch(/no process app/);
  tell(told, 'process app');
});

test('a schedule that goes wrong in its middle says where, and keeps what was done', () => {
  const told = story(...STAGE);
  tell(told, 'unbind app gpu0 &');
  const before = eventsOf(told.machine);

  const outcome = attempt(told, 'schedule app gpu0 app');

  expect(outcome).toMatchObject({ state: 'failed', output: ['move 2: gpu0 waits for work'] });
  expect(eventsOf(told.machine)).toBe(before + 1);
  expect(attempt(told, 'step app/3')).toMatchObject({ state: 'refused', output: ['EBUSY: app has 1 ways to move'] });
});
