import { expect, test } from 'vitest';
import { at, seek } from '../machine/machine.ts';
import { machineOf } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { actors, enabled } from '../sim/actor.ts';
import { allSteps } from '../sim/procedure.ts';
import { counterexample } from './counterexample.ts';
import { advance, createSearch, type Search } from './search.ts';
import { startAt } from './start.ts';

/** A page that the device has in its ATC, and one that it has not. */
const HELD = 'heap';
const UNKNOWN = 'heap+0x1000';

const scriptOf = (machine: string, manner: string, page: string): string => `machine ${machine}
device gpu0 pci 00:01.0 ats pri pasid 16
process app
mmap app heap 64K rw-
store app heap 1
store app heap+0x1000 2
bind app gpu0
dma gpu0 app write heap 64
run
on-invalidate gpu0 ${manner}
chapter "Unmap"
munmap app ${page} 1`;

/** Tries every order of an unmap, with a device that answers in some manner. */
function unmapping(machine: string, manner: string, page: string): Search {
  const start = startAt(scriptOf(machine, manner, page), { at: 'Unmap' });
  if (!start.ok) throw new Error(JSON.stringify(start.error));
  const search = createSearch(start.value, { states: 5_000, bytes: 2 ** 28 });
  while (search.state === 'searching') advance(search, 1_000);
  return search;
}

/** The time-outs that came in some order. */
const struckIn = ({ taken }: Search): string[] =>
  allSteps().flatMap(({ id, name, notes }) => (notes.timeOut === true && taken[id] === 1 ? [name] : []));

const TIMERS = {
  smmuv3: { ofDevices: 'smmuv3_ats_timer.wait', ofDriver: 'arm_smmu_sync_timeout.wait' },
  riscv: { ofDevices: 'riscv_iommu_ats_timer.wait', ofDriver: 'riscv_iommu_sync_timeout.wait' },
} as const;

test.each(['smmuv3', 'riscv'] as const)('%s: no time-out comes as long as a device can still answer', (machine) => {
  const search = unmapping(machine, 'answer', HELD);

  expect([search.state, search.flaws, struckIn(search)]).toEqual(['exhausted', [], []]);
});

test.each(['smmuv3', 'riscv'] as const)(
  '%s: of a late device they come early, and the page is freed before it answers',
  (machine) => {
    const search = unmapping(machine, 'late', HELD);
    const { ofDevices, ofDriver } = TIMERS[machine];

    expect(counterexample(search)?.flaw).toMatchObject({ kind: 'invariant', id: 'frames-cached' });
    expect(struckIn(search).sort()).toEqual([ofDevices, ofDriver].sort());
  },
);

test('a silent device holds nobody up for ever: the time-outs come, the shortest first', () => {
  const [arm, riscv] = [unmapping('smmuv3', 'silent', UNKNOWN), unmapping('riscv', 'silent', UNKNOWN)];

  expect([arm.state, arm.flaws, riscv.state, riscv.flaws]).toEqual(['exhausted', [], 'exhausted', []]);
  expect(struckIn(arm).sort()).toEqual([TIMERS.smmuv3.ofDevices, TIMERS.smmuv3.ofDriver].sort());
  expect(struckIn(riscv)).toEqual([TIMERS.riscv.ofDevices]);
  expect(counterexample(unmapping('smmuv3', 'silent', HELD))?.flaw).toMatchObject({ id: 'frames-cached' });
});

test.each([
  ['smmuv3', 'smmu0 CMD_SYNC timer'],
  ['riscv', 'iommu0 ATS timer'],
])('%s: where nobody else moves any more, only the shortest time-out can come', (machine, first) => {
  const { play } = playScript(`${scriptOf(machine, 'silent', HELD)} &\nrun until time-out`);
  const run = machineOf(play);

  seek(run, at(run) - 1);

  expect(enabled(run.world).map(({ actor }) => actors.get(run.world, actor).name)).toEqual([first]);
});
