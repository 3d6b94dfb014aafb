import { expect, test } from 'vitest';
import { runUntil, startPlay } from '../play/play.ts';
import { stepsSince, story, tell } from '../play/testing/story.ts';
import { actors } from '../sim/actor.ts';
import { dueOf, now } from '../sim/clock.ts';
import { boot, DEFAULT_HARDWARE } from './boot.ts';
import { at, createMachine, eventsOf, fingerprintAt, seek, startRecording, tick } from './machine.ts';

const STAGE = ['machine smmuv3', 'device gpu0 pci 00:01.0 ats pri pasid 16', 'process app'] as const;

test('a machine that was switched on has nothing to do, and says so for each of its actors', () => {
  const machine = createMachine(boot(DEFAULT_HARDWARE), true);
  expect(runUntil(machine, () => false)).toBe('idle');
  startRecording(machine);

  expect([at(machine), tick(machine), machine.broken]).toEqual([0, false, null]);
  expect(
    actors
      .all(machine.world)
      .map(({ id }) => dueOf(machine.world, id))
      .every((due) => due === 0),
  ).toBe(true);
});

test('the same script leads to the same fingerprint, watched or not', () => {
  const script = [...STAGE, 'mmap app heap 64K rw-', 'bind app gpu0', 'dma gpu0 app write heap 64', 'run'];
  const [first, second] = [story(...script), story(...script)];

  expect(fingerprintAt(first.machine)).toBe(fingerprintAt(second.machine));
  expect(now(first.world)).toBe(now(second.world));
  expect(startPlay({ watched: false }).options.watched).toBe(false);
});

test('event n is the nth entry of the trace, and causes come before what they cause', () => {
  const { machine } = story(...STAGE, 'bind app gpu0', 'run');

  expect(machine.trace.map(({ event }) => event)).toEqual(machine.trace.map((_entry, index) => index + 1));
  expect(machine.trace.every(({ event, cause }) => cause < event)).toBe(true);
  expect(machine.trace.every(({ time }, index) => time >= (machine.trace[index - 1]?.time ?? 0))).toBe(true);
});

test('what comes after going back takes the place of what had come', () => {
  const told = story(...STAGE, 'bind app gpu0', 'run');
  const end = fingerprintAt(told.machine);
  const last = eventsOf(told.machine);
  seek(told.machine, 10);

  expect([at(told.machine), eventsOf(told.machine)]).toEqual([10, last]);
  tell(told, 'run');
  expect([eventsOf(told.machine), fingerprintAt(told.machine)]).toEqual([last, end]);
  seek(told.machine, 10);
  tell(told, 'process tool');
  expect([eventsOf(told.machine), told.machine.trace.length]).toEqual([11, 11]);
  seek(told.machine, -5);
  expect(at(told.machine)).toBe(0);
  seek(told.machine, 10_000);
  expect(at(told.machine)).toBe(eventsOf(told.machine));
  expect(stepsSince(told, 0)[0]).toBe('script.command');
});
