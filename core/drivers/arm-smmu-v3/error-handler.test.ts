import { expect, test } from 'vitest';
import { CMD_RESUME, OPCODE } from '../../hardware/smmuv3/commands.layout.ts';
import { expireInvalidations } from '../../hardware/smmuv3/invalidation.ts';
import { isErrorActive, raiseError } from '../../hardware/smmuv3/registers.ts';
import { act, at } from '../../machine/machine.ts';
import { underWay } from '../../machine/quiet.ts';
import { actorNamed, goTo, kernelThread, type Story, settle, story, tell } from '../../play/testing/story.ts';
import { issue, issueSync } from './command-queue.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16';

function handled({ machine }: Story, since: number): string[] {
  const own = machine.trace.slice(since).filter(({ step }) => step.startsWith('arm_smmu_gerror_handler'));
  return own.map(({ text }) => text);
}

test('an illegal command becomes a CMD_SYNC, and the queue goes on', () => {
  const told = story('machine smmuv3 stall-max 0', GPU, 'run');
  const before = at(told.machine);

  kernelThread(told, issue(0, CMD_RESUME, OPCODE.RESUME, { StreamID: 8 }));
  const waiter = kernelThread(told, issueSync.at.insert({ smmu: 0 }));
  settle(told);

  expect(handled(told, before)).toEqual([
    'is woken by the interrupt of a global error',
    'sees what is wrong: CMDQ_ERR',
    'finds CERROR_ILL at CMD_RESUME sid 0x8 STAG 0 abort: it becomes a CMD_SYNC',
    'acknowledges in GERRORN',
  ]);
  expect(isErrorActive(told.world, 0, 'CMDQ_ERR')).toBe(false);
  goTo(told, waiter, null);
  expect(underWay(told.world)).toEqual([]);
});

test('a CMD_SYNC that fails for a device that did not answer is tried again, and its waiter goes on', () => {
  const told = story(
    'machine smmuv3',
    GPU,
    'process app',
    'mmap app heap 64K rw-',
    'store app heap 1',
    'bind app gpu0',
  );
  tell(told, 'dma gpu0 app read heap 4', 'run', 'munmap app heap 1 &');
  const port = actorNamed(told, 'gpu0 port');
  goTo(told, actorNamed(told, 'app'), 'arm_smmu_process_invalidate.done', [port]);
  settle(told, [port]);
  const before = at(told.machine);

  act(told.machine, 'the minute of ATS passes', (world) => expireInvalidations(world, 0));
  settle(told, [port]);

  expect(handled(told, before)[2]).toBe('finds CERROR_ATC_INV_SYNC at CMD_SYNC: it is tried again');
  expect(told.machine.trace.slice(before).map(({ step }) => step)).toContain('arm_smmu_cmdq_issue_sync.wait');
});

test.each([
  ['EVENTQ_ABT_ERR', 'event queue write aborted, events may have been lost'],
  ['PRIQ_ABT_ERR', 'PRI queue write aborted, page requests may have been lost'],
] as const)('%s is printed and acknowledged', (error, words) => {
  const told = story('machine smmuv3', GPU, 'run');
  const before = at(told.machine);

  act(told.machine, 'the queue lies in a hole', (world) => raiseError(world, 0, error));
  settle(told);

  expect(handled(told, before)).toContain(`sees what is wrong: ${words}`);
  expect(isErrorActive(told.world, 0, error)).toBe(false);
});
