import { expect, test } from 'vitest';
import { eventsOf, type Machine, seek } from '../machine/machine.ts';
import { machineOf } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { FILES, SCENARIOS } from '../scenarios/catalogue.ts';
import { look } from './inspect.ts';
import type { WhyView } from './view.ts';
import { whyOf } from './why.ts';

function machine(scenario: string, event?: number): Machine {
  const text = SCENARIOS.find(({ id }) => id === scenario)?.text ?? '';
  const made = machineOf(playScript(text, { files: FILES }).play);
  seek(made, event ?? eventsOf(made));
  return made;
}

const stepsOf = (why: WhyView | null): string[] => (why?.chain ?? []).map(({ step }) => step);

test('a field of a row leads to the step that gave it this value, not to the last write of the row', () => {
  const first = machine('first-touch');

  const why = whyOf(first, 'process/0', 'pasid');

  expect(why).toMatchObject({ thing: 'app', field: 'pasid', value: '1', kept: true });
  expect(stepsOf(why)[0]).toBe('iommu_process_bind_device.insert');
  expect(stepsOf(whyOf(first, 'process/0', null))[0]).not.toBe('iommu_process_bind_device.insert');
});

test('bits of a page request record lead to the SMMU, and on to the device and the program that asked', () => {
  const why = whyOf(machine('first-touch'), 'priq/0/0', 'PRGIndex');

  expect(stepsOf(why)[0]).toBe('smmuv3_translation.request');
  expect(why?.chain.map(({ lane }) => lane)).toEqual(expect.arrayContaining(['smmu0', 'gpu0', 'app']));
  expect(stepsOf(why).at(-1)).toBe('script.command');
});

test('a descriptor of a page table leads to the fault that installed it, and each cause is earlier', () => {
  const first = machine('first-touch');

  const why = whyOf(first, 'page/0/7f0000001', 'Valid');

  expect(stepsOf(why)[0]).toBe('handle_mm_fault.install');
  const events = why?.chain.map(({ event }) => event) ?? [];
  expect(events).toEqual([...events].sort((one, other) => other - one));
  expect(new Set(events).size).toBe(events.length);
});

test('it asks about the past of the moment shown only, and leaves the machine there', () => {
  const first = machine('first-touch');
  const end = whyOf(first, 'job/0', 'state')?.chain[0]?.event ?? 0;
  seek(first, end - 1);

  const before = whyOf(first, 'job/0', 'state');

  expect(before?.chain[0]?.event).toBeLessThan(end);
  expect(first.world.journal?.at).toBe(end - 1);
});

test('what has been so from the start has no chain, and what is not there has no answer', () => {
  const start = machine('first-touch', 0);

  expect(whyOf(start, 'device/0', 'name')).toMatchObject({ value: 'gpu0', chain: [], kept: true });
  expect(whyOf(start, 'process/0', 'pasid')).toBeNull();
  expect(whyOf(start, 'device/0', 'no such field')).toBeNull();
});

test('the event that it names is the one in which the inspector begins to show the value', () => {
  const unmap = machine('unmap-during-dma');
  const last = eventsOf(unmap);
  let asked = 0;
  for (const key of ['job/0', 'process/0', 'atc/0/0', 'priq/0/0', 'cmdq/0/3', 'cd/0/1', 'page/0/7f0000001']) {
    const found = look(unmap, key);
    const names = [
      ...(found?.fields ?? []).map(({ name }) => name),
      ...(found?.records[0]?.bits ?? []).map(({ name }) => name),
    ];
    for (const name of names) {
      const why = whyOf(unmap, key, name);
      const event = why?.chain[0]?.event ?? 0;
      // What a number refers to can go without that anybody writes the number.
      if (event === 0 || why?.value.endsWith('gone')) continue;
      seek(unmap, event - 1);
      const before = whyOf(unmap, key, name)?.value ?? null;
      seek(unmap, event);
      expect(whyOf(unmap, key, name)?.value, `${key} ${name}`).toBe(why?.value);
      // A record comes whole: some of its bits may be those of the record before.
      if (!/^(atc|priq|cmdq)/.test(key)) expect(before, `${key} ${name}`).not.toBe(why?.value);
      seek(unmap, last);
      asked += 1;
    }
  }
  expect(asked).toBeGreaterThan(30);
});
