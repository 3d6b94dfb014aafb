import { expect, test } from 'vitest';
import { at, eventsOf } from '../machine/machine.ts';
import type { TraceEntry } from '../machine/trace.ts';
import { actorNamed, goTo, processNamed, type Story, settle, stepsSince, story, tell } from '../play/testing/story.ts';
import { frames } from '../process/frame.ts';
import { locks } from '../sim/lock.ts';
import { processLock } from './process.ts';

const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16';
const APP = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000'] as const;

/** The commands that the driver gave since an event, and the other steps that are named. */
function order(told: Story, event: number, steps: readonly string[]): string[] {
  return told.machine.trace
    .slice(event)
    .flatMap((entry) => (steps.includes(entry.step) ? [entry.step] : commandOf(entry)));
}

function commandOf({ step, facts }: TraceEntry): string[] {
  const command = String(facts['command']).split(' ')[0] ?? '';
  return /^arm_smmu_cmdq_issue_\w+\.insert$/.test(step) ? [command] : [];
}

test('unmapping goes through descriptor, TLB of the CPU, IOTLB and ATC in this order, and only then frees the frame', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'dma gpu0 app write heap 64', 'run');
  const before = at(told.machine);

  tell(told, 'munmap app heap 1');

  expect(order(told, before, ['do_munmap.zap', 'do_munmap.flush', 'device_port.invalidate', 'do_munmap.free'])).toEqual(
    [
      'do_munmap.zap',
      'do_munmap.flush',
      'CMD_TLBI_NH_VA',
      'CMD_SYNC',
      'CMD_ATC_INV',
      'CMD_SYNC',
      'device_port.invalidate',
      'do_munmap.free',
    ],
  );
});

test('the frame is there as long as a device may still write to it', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'dma gpu0 app write heap 64', 'run');
  const own = (): number => frames.all(told.world).filter(({ use }) => use === 'anon').length;
  tell(told, 'munmap app heap 1 &');

  settle(told, [actorNamed(told, 'gpu0 port')]);

  expect(own()).toBe(1);
  tell(told, 'run');
  expect(own()).toBe(0);
});

for (const step of ['grant', 'access']) {
  test(`an unmap waits for a translation that the SMMU has found and not yet used (${step})`, () => {
    const told = story('machine smmuv3', GPU, ...APP, 'store app heap 1', 'bind app gpu0');
    const unit = actorNamed(told, 'smmu0 translation unit');
    tell(told, 'dma gpu0 app write heap 64');
    goTo(told, unit, `smmuv3_translation.${step}`);
    const before = at(told.machine);
    tell(told, 'munmap app heap 1 &');

    settle(told, [unit]);
    expect(stepsSince(told, before)).not.toContain('do_munmap.free');
    settle(told);

    expect(stepsSince(told, before)).toContain('do_munmap.free');
    expect(told.machine.broken).toBeNull();
  });
}

test('each domain is told, and in it each device, also one that is plugged in meanwhile', () => {
  const told = story('machine smmuv3', `${GPU} domain a`, 'device nic0 pci 00:02.0 ats pri pasid 16 domain a', ...APP);
  tell(told, 'device usb0 pci 00:03.0 ats pri pasid 16', 'bind app gpu0', 'bind app usb0', 'store app heap 1', 'run');
  const before = at(told.machine);
  tell(told, 'munmap app heap 1 &');
  goTo(told, actorNamed(told, 'app'), 'arm_smmu_process_invalidate.atc');
  settle(told, [actorNamed(told, 'app')]);

  tell(told, 'device new0 pci 00:04.0 ats pri pasid 16 domain a', 'run');

  const asked = told.machine.trace.slice(before).filter(({ step }) => step === 'device_port.invalidate');
  expect([...new Set(asked.map(({ who }) => who))].sort()).toEqual([
    'gpu0 port',
    'new0 port',
    'nic0 port',
    'usb0 port',
  ]);
});

test('the lock is held while caches are invalidated: no bond ends under the hands of the notifier', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'bind app gpu0', 'dma gpu0 app write heap 64', 'run');
  const app = actorNamed(told, 'app');
  tell(told, 'munmap app heap 1 &');
  goTo(told, app, 'arm_smmu_process_invalidate.tlb');
  expect(locks.get(told.world, processLock.id).owner).toBe(app);
  tell(told, 'unbind app gpu0 &');
  const before = eventsOf(told.machine);

  settle(told, [app]);
  expect(stepsSince(told, before)).not.toContain('iommu_process_unbind_device.find');
  tell(told, 'run');
  expect(stepsSince(told, before)).toContain('iommu_process_unbind_device.find');
  expect(locks.get(told.world, processLock.id).owner).toBe(-1);
});

test('a range of 512 pages is invalidated by ASID, one of 511 page by page', () => {
  const told = story('machine smmuv3', GPU, 'process app', 'mmap app big 8M rw- at 0x7f0000000000', 'bind app gpu0');
  const commands = (pages: number): string[] => {
    tell(told, 'store app big 1');
    const before = at(told.machine);
    tell(told, `mprotect app big ${pages} r--`, `mprotect app big ${pages} rw-`);
    return [...new Set(order(told, before, []))];
  };

  expect(commands(511)).toEqual(['CMD_TLBI_NH_VA', 'CMD_SYNC', 'CMD_ATC_INV']);
  expect(commands(512)).toEqual(['CMD_TLBI_NH_ASID', 'CMD_SYNC', 'CMD_ATC_INV']);
});

test('an mm that nobody has bound costs no command', () => {
  const told = story('machine smmuv3', GPU, ...APP, 'process tool', 'bind tool gpu0', 'store app heap 1');
  const before = at(told.machine);

  tell(told, 'munmap app heap 1');

  expect(order(told, before, [])).toEqual([]);
  expect(processNamed(told, 'app').mm).toBeGreaterThanOrEqual(0);
});
