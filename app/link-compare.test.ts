import { expect, test } from 'vitest';
import type { Beside, RunInfo } from './engine/contract.ts';
import { addCompared, comparedIn } from './link-compare.ts';
import type { Comparing } from './store/state.ts';

const run = { scenario: 'first-touch', script: 'machine smmuv3\n', policy: null, bug: null } as unknown as RunInfo;
const own = { scenario: 'first-touch', at: 27, policy: 'rfcv2' };
const beside = { policy: 'mainline', bug: null } as unknown as Beside;

function thereAndBack(comparing: Comparing) {
  const url = new URL('https://example.org/svm/?scenario=first-touch');
  addCompared(url, { comparing, run });
  return comparedIn(url, own, []);
}

test('a link carries two moments, the same script under another design, and another scenario', () => {
  expect(thereAndBack({ kind: 'moments', from: 12 })).toEqual({ from: 12 });
  const same = { scenario: 'first-touch', policy: 'mainline' };
  expect(thereAndBack({ kind: 'runs', source: same, beside, row: 3 })).toEqual({ beside: same });
  const other = { scenario: 'fault-pri' };
  expect(thereAndBack({ kind: 'runs', source: other, beside, row: 3 })).toEqual({ beside: other });
});

test('a moment that is no number is named', () => {
  const problems: string[] = [];
  expect(comparedIn(new URL('https://example.org/?from=soon'), own, problems)).toBeNull();
  expect(problems).toEqual([expect.stringContaining('"soon"')]);
});
