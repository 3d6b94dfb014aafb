import { expect, test } from 'vitest';
import { machineOf } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { SCENARIOS } from '../scenarios/catalogue.ts';
import { densityOf } from './density.ts';

function firstTouch() {
  const text = SCENARIOS.find(({ id }) => id === 'first-touch')?.text ?? '';
  return machineOf(playScript(text).play);
}

test('it counts every event once, in the part of the run in which it is', () => {
  const machine = firstTouch();

  const { counts, faults } = densityOf(machine, 10);
  const all = counts.flatMap(({ parts }) => parts).reduce((sum, count) => sum + count, 0);

  expect(all).toBe(machine.trace.length);
  expect(counts.every(({ parts }) => parts.some((count) => count > 0))).toBe(true);
  expect(faults.filter(Boolean).length).toBeGreaterThan(0);
  expect(faults[0]).toBe(false);
});

test('of a part of the run it counts the events of that part alone', () => {
  const machine = firstTouch();

  const { counts } = densityOf(machine, 3, { first: 40, last: 52 });
  const sums = [0, 1, 2].map((part) => counts.reduce((sum, { parts }) => sum + (parts[part] ?? 0), 0));

  expect(sums).toEqual([4, 4, 4]);
});

test('it makes no more parts than a screen has pixels, and at least one', () => {
  const machine = firstTouch();

  expect(densityOf(machine, 1e9).faults).toHaveLength(4096);
  expect(densityOf(machine, Number.NaN).faults).toHaveLength(1);
});
