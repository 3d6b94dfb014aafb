import { expect, test } from 'vitest';
import { bonds } from '../../iommu/context.ts';
import { story } from '../../play/testing/story.ts';
import { act, at, eventsOf, type Machine, seek } from '../machine.ts';
import { type Standing, standings } from './audit.ts';
import { INVARIANTS } from './index.ts';

const STAGE = ['machine smmuv3', 'device gpu0 pci 00:01.0 ats pri pasid 16', 'process app', 'mmap app heap 64K rw-'];

const told = (policy: string): Machine =>
  story(`policy ${policy}`, ...STAGE, 'bind app gpu0', 'dma gpu0 app write heap 4', 'run').machine;

function standing(machine: Machine, id: string): Standing | undefined {
  return standings(machine.world, machine.audit, at(machine)).find((each) => each.id === id);
}

test('premises are counted up to the moment that is looked at, whichever way it was reached', () => {
  const machine = told('rfcv2');
  const last = eventsOf(machine);
  const { events: atEnd = 0 } = standing(machine, 'success-mapped') ?? {};
  expect(atEnd).toBeGreaterThan(0);

  seek(machine, 1);
  expect(standing(machine, 'success-mapped')).toMatchObject({ state: 'untried', events: 0, places: 0 });
  seek(machine, last);
  expect(standing(machine, 'success-mapped')).toMatchObject({ state: 'holds', events: atEnd });
});

test('a run that goes on from an earlier moment counts what happens then, and no longer what would have', () => {
  const machine = told('rfcv2');
  seek(machine, 2);

  act(machine, 'does nothing', () => undefined);

  expect(standing(machine, 'success-mapped')).toMatchObject({ state: 'untried', events: 0 });
});

test('an invariant says why it does not apply under the policy of the machine', () => {
  expect(standing(told('rfcv2'), 'quiet-entries')).toMatchObject({ state: 'excepted', events: 0 });
  expect(standing(told('rfcv2'), 'quiet-entries')?.detail).toMatch(/\.$/);
  expect(standing(told('mainline'), 'quiet-entries')?.state).toBe('untried');
});

test('every invariant has its standing, and one that is broken says what is wrong where', () => {
  const machine = told('rfcv2');
  act(machine, 'takes a bond away', (world) => bonds.remove(world, 0));

  const all = standings(machine.world, machine.audit, at(machine));
  expect(all.map(({ id }) => id)).toEqual(INVARIANTS.map(({ id }) => id));
  expect(standing(machine, 'context-devices')).toMatchObject({
    state: 'broken',
    detail: expect.stringMatching(/app/),
  });
});
