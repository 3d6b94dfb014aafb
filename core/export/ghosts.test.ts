import { expect, test } from 'vitest';
import { at, eventsOf, fingerprintAt, seek } from '../machine/machine.ts';
import { machineOf } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { SCENARIOS } from '../scenarios/catalogue.ts';
import { ghostsOf } from './ghosts.ts';
import { viewOf } from './state.ts';

function ghostsByEvent(id: string) {
  const text = SCENARIOS.find((each) => each.id === id)?.text ?? '';
  const machine = machineOf(playScript(text).play);
  const ghosts = new Map<number, string[]>();
  for (let event = 0; event <= eventsOf(machine); event++) {
    seek(machine, event);
    const before = fingerprintAt(machine);
    const found = ghostsOf(machine, viewOf(machine));
    expect([at(machine), fingerprintAt(machine)]).toEqual([event, before]);
    if (found.length > 0)
      ghosts.set(
        event,
        found.map(({ key }) => key.replace(/\/.*/, '')),
      );
  }
  return ghosts;
}

test('what an unmap takes away is a ghost in the one event that takes it away', () => {
  const kinds = [...ghostsByEvent('unmap-during-dma').values()].flat();

  expect(kinds).toContain('pte');
  expect(kinds).toContain('atc');
  expect(kinds).toContain('iotlb');
});
