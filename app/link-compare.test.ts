import { expect, test } from 'vitest';
import type { Beside, RunInfo } from './engine/contract.ts';
import { addCompared, comparedIn } from './link-compare.ts';
import type { Comparing } from './store/state.ts';

const run = { scenario: 'first-touch', script: 'machine smmuv3\n', policy: null, bug: null } as unknown as RunInfo;
const own = { scenario: 'first-touch', at: 27, policy: 'rfcv2' };
const rows = { left: [1, 2, 3, 0, 4], right: [1, 0, 0, 2, 3], shared: 2 };
const beside = { policy: 'mainline', bug: null, rows } as unknown as Beside;

async function thereAndBack(comparing: Comparing) {
  const url = new URL('https://example.org/svm/?scenario=first-touch');
  await addCompared(url, { comparing, run });
  return comparedIn(url, own, []);
}

test('a link carries two moments, the same script under another design, and another scenario', async () => {
  expect(await thereAndBack({ kind: 'moments', from: 12 })).toEqual({ from: 12 });
  const same = { scenario: 'first-touch', policy: 'mainline' };
  expect(await thereAndBack({ kind: 'runs', source: same, beside, row: 3, look: 'events' })).toEqual({ beside: same });
  const other = { scenario: 'fault-pri' };
  expect(await thereAndBack({ kind: 'runs', source: other, beside, row: 3, look: 'events' })).toEqual({
    beside: other,
  });
});

test('a script of its own at the right travels too, and one that is damaged is told', async () => {
  const script = { script: 'machine smmuv3\nprocess app\n', policy: 'mainline' };
  expect(await thereAndBack({ kind: 'runs', source: script, beside, row: 3, look: 'events' })).toEqual({
    beside: script,
  });
  const problems: string[] = [];
  expect(await comparedIn(new URL('https://example.org/#beside=AAAA'), own, problems)).toBeNull();
  expect(problems).toEqual([expect.stringContaining('damaged')]);
});

test('it says which of the two looks there was, and the row where the left run does not name it', async () => {
  const source = { scenario: 'fault-pri' };
  const there = { kind: 'runs', source, beside, row: 4, look: 'machines' } as const;
  expect(await thereAndBack(there)).toEqual({ beside: source, look: 'machines', row: 4 });
  const problems: string[] = [];
  const strange = new URL('https://example.org/?beside=fault-pri&beside-look=<b>&beside-row=-1');
  expect(await comparedIn(strange, own, problems)).toEqual({ beside: source });
  expect(problems).toEqual([expect.stringContaining('"<b>"'), expect.stringContaining('"-1"')]);
});

test('a moment that is no number is named', async () => {
  const problems: string[] = [];
  expect(await comparedIn(new URL('https://example.org/?from=soon'), own, problems)).toBeNull();
  expect(problems).toEqual([expect.stringContaining('"soon"')]);
});
