import { expect, test } from 'vitest';
import { jobs } from '../devices/job.ts';
import { standings } from '../machine/invariants/audit.ts';
import { eventsOf } from '../machine/machine.ts';
import { underWay } from '../machine/quiet.ts';
import { actorNamed, goTo, type Story, settle, stepsSince, story, tell } from '../play/testing/story.ts';
import { faults } from './fault.ts';

/** Cases that random sequences found, each as small as it can be told. */

const APP = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000'] as const;
const DMA = 'device dma0 platform stall pasid 8';

const stateOf = ({ world, machine }: Story, id: string): string | undefined =>
  standings(world, machine.audit, eventsOf(machine)).find((standing) => standing.id === id)?.state;

test('a stalled transaction that is being reported is no partial: an overflow of the PRI queue leaves it alone', () => {
  const told = story('machine smmuv3 priq 1', 'device gpu0 pci 00:01.0 ats pri pasid 16', DMA, ...APP, 'bind app gpu0');
  const events = actorNamed(told, 'event interrupt thread');
  const requests = actorNamed(told, 'PRI interrupt thread');
  tell(told, 'bind app dma0', 'dma dma0 app write heap 4 &');
  goTo(told, events, 'handle_iommu_fault.group');
  tell(told, 'dma gpu0 app write heap+0x1000 8192 &');

  goTo(told, actorNamed(told, 'gpu0'), 'dma_engine.retry', [events, requests]);
  goTo(told, requests, 'arm_smmu_priq_thread.overflow', [events]);
  expect(faults.all(told.world)).toEqual([]);
  settle(told);

  expect(told.machine.broken).toBeNull();
  expect(jobs.all(told.world).map(({ state }) => state)).toEqual(['done', 'done']);
  expect(underWay(told.world)).toEqual([]);
});

test('a write of a device that a read of the CPU overtakes is told Success all the same, and faults once more', () => {
  const told = story('machine smmuv3', DMA, ...APP, 'bind app dma0', 'dma dma0 app write heap 4 &');
  const worker = actorNamed(told, 'fault worker');
  goTo(told, worker, 'handle_mm_fault.install');

  tell(told, 'load app heap &');
  settle(told, [worker]);
  goTo(told, worker, 'iommu_fault_handle_group.unlock');
  expect(told.machine.broken).toBeNull();
  tell(told, 'run', 'expect dma dma0 done', 'expect fault 2');

  expect(stepsSince(told, 0)).toContain('do_wp_page.copy');
  expect(stateOf(told, 'success-mapped')).toBe('holds');
});

test('a page that reclaim takes between fault and answer is no lie: it was there when the fault ended', () => {
  const told = story('machine smmuv3', DMA, ...APP, 'store app heap 1', 'swap-out app heap 1', 'run', 'bind app dma0');
  const worker = actorNamed(told, 'fault worker');
  tell(told, 'dma dma0 app write heap 4 &');
  goTo(told, worker, 'iommu_fault_handle_group.unlock');

  tell(told, 'swap-out app heap 1 &');
  settle(told, [worker]);
  tell(told, 'expect unmapped app heap');

  expect(told.machine.broken).toBeNull();
  tell(told, 'run', 'expect dma dma0 done', 'expect fault 2');
});

for (const responses of ['matched', 'unmatched']) {
  test(`a handler that has its fault answered before it returns is heard, with responses=${responses}`, () => {
    const told = story('machine smmuv3', `policy rfcv2,responses=${responses}`, DMA, ...APP, 'on-fault A defer');
    const events = actorNamed(told, 'event interrupt thread');
    tell(told, 'dma dma0 iova write 0x10000 4 &');
    goTo(told, events, 'handle_iommu_fault.status');
    settle(told, [events]);
    settle(told);

    expect(told.machine.broken).toBeNull();
    expect(jobs.all(told.world).map(({ state }) => state)).toEqual(['done']);
    expect(underWay(told.world)).toEqual([]);
  });
}
