import { expect, test } from 'vitest';
import { firstTouch } from '../testing/first-touch.data.ts';
import { nameOf } from './names.ts';

const view = firstTouch().moments[0]?.view ?? null;

test('a process, its areas and a device have the names that a script gives them', () => {
  const process = view?.processes[0];
  const device = view?.groups[0]?.devices[0];

  expect(nameOf(view, process?.key ?? '')).toBe(process?.name);
  expect(nameOf(view, process?.vmas[0]?.key ?? '')).toBe(process?.vmas[0]?.name);
  expect(nameOf(view, device?.key ?? '')).toBe(device?.name);
});

test('what a script cannot name has none', () => {
  expect([nameOf(view, 'pte/80c/0'), nameOf(view, null), nameOf(null, 'task/0')]).toEqual([null, null, null]);
});
