import { expect, test } from 'vitest';
import { present } from '../lib/assert.ts';
import { at } from '../machine/machine.ts';
import { machineOf } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { readKernel } from '../policy/policy.ts';
import { FILES, SCENARIOS } from '../scenarios/catalogue.ts';
import { exploreFrom, type Outcome, outcomeOfWalks } from './exploration.ts';
import { type Start, startAt } from './start.ts';
import { beginWalk, createWalker, type Walked, type WalkPlan, walkOn } from './walker.ts';
import { countWalk, createWalks } from './walks.ts';

const PLAN: WalkPlan = { walks: 60, depth: 500, seed: 1 };

const LIMITS = { states: 1_000, bytes: 2 ** 28 };

function startOf(id: string, policy: string, at: number | string): Start {
  const kernel = readKernel({ policy });
  if (!kernel.ok) throw new Error(kernel.error);
  const { text } = present(
    SCENARIOS.find((scenario) => scenario.id === id),
    `${id} exists`,
  );
  const start = startAt(text, { files: FILES, at, ...kernel.value });
  if (!start.ok) throw new Error(JSON.stringify(start.error));
  return start.value;
}

/** Walks from a moment of a scenario on, through at most a thousand states. */
function walked(
  id: string,
  policy: string,
  plan: Partial<WalkPlan> = {},
  at: number | string = 0,
  limits = LIMITS,
): Outcome {
  const exploration = exploreFrom(startOf(id, policy, at), limits, { walks: { ...PLAN, ...plan } });
  while (exploration.state() === 'searching') exploration.goOn(1_000);
  return exploration.outcome(null);
}

test('random walks find the double PASID of two binders, and leave out of the way what it does not need', () => {
  const { example, verdict, coverage } = walked('two-binders', 'rfcv2-as-posted', { seed: 3 });
  const { flaw, moves, changes, script } = present(example, 'it is found');

  expect(flaw).toMatchObject({ kind: 'invariant', id: 'one-pasid' });
  expect([moves, changes]).toEqual([18, 1]);
  expect(verdict).toMatch(
    /^Walk \d+ of seed 3 broke it after \d+ moves; 18 of them are enough\. There may be a shorter/,
  );
  expect(coverage).toMatchObject({ complete: false, left: null, walks: { ...PLAN, seed: 3 } });
  const { play } = playScript(script, { files: FILES });
  expect(machineOf(play).broken).toMatchObject({ event: at(machineOf(play)), claims: [{ id: 'one-pasid' }] });
});

test('walks of the same seed go the same ways, and those of another seed do not', () => {
  const [one, again, other] = [1, 1, 2].map((seed) => walked('bind-vs-exit', 'rfcv2', { walks: 6, seed }));

  expect(again?.coverage).toEqual(one?.coverage);
  expect(other?.coverage.states).not.toBe(one?.coverage.states);
  expect(one).toMatchObject({ example: null, stop: null, coverage: { walks: { begun: 6 } } });
});

test('walks that find nothing say what they came through, and never that there is nothing more', () => {
  const { coverage, verdict } = walked('bind-first', 'rfcv2', { walks: 60 });

  expect(coverage).toMatchObject({ complete: false, ends: 60, storage: 'fingerprint', omissions: 0 });
  expect(coverage.states).toBeLessThanOrEqual(303);
  expect(verdict).toMatch(
    /^Nothing is wrong in any of the \d+ states that 60 random walks of up to \d+ moves came through\. 60 walks came to where all is done\. What lies off these walks is not known/,
  );
  expect(walked('bind-first', 'rfcv2', { walks: 2, depth: 10 }).coverage).toMatchObject({ depth: 10, ends: 0 });
  expect(walked('exit-mm', 'rfcv2').stop).toBe('states');
});

test('a standstill is found as well', () => {
  const { example } = walked('bug-lost-last', 'rfcv2-as-posted', {}, 'The overflow is read');

  expect(example?.flaw).toMatchObject({ kind: 'deadlock', id: 'standstill', detail: '1 fault' });
});

test('what a way does not need is left out of it, where bringing together alone leaves it as long as it was', () => {
  const { example, verdict } = walked('bug-lost-last', 'rfcv2-as-posted', { seed: 5 }, 'The overflow is read');
  const { flaw, moves, script } = present(example, 'it is found');

  expect([flaw.id, moves]).toEqual(['group-members', 20]);
  expect(verdict).toMatch(/broke it after 38 moves; 20 of them are enough\./);
  expect(playScript(script, { files: FILES }).play.outcomes.filter(({ state }) => state !== 'done')).toEqual([]);
});

const SHARED = { ...LIMITS, states: 4_000 };

/** The same by three walkers, each of which walks every third one: the first walk of all, then all of the last walker, and so on. */
function walkedByThree(id: string, policy: string, seed: number): Outcome {
  const [plan, start] = [{ ...PLAN, seed }, startOf(id, policy, 0)];
  const walks = createWalks(start, plan, SHARED);
  const walkers = [0, 1, 2].map(() => createWalker(startOf(id, policy, 0), plan, SHARED));
  const all: Walked[] = [];
  const numbers = Array.from({ length: plan.walks - 1 }, (_none, at) => at + 1);
  for (const walk of [0, ...numbers.toSorted((one, other) => (other % 3) - (one % 3))]) {
    const walker = present(walkers[walk % 3], 'there are three');
    beginWalk(walker, walk, all[0]?.moves ?? 0);
    let one = walkOn(walker, 50);
    while (one === null) one = walkOn(walker, 50);
    all[walk] = structuredClone(one);
  }
  for (const one of all) if (walks.state === 'searching') countWalk(walks, one);
  const stop = walks.state === 'stopped' ? 'states' : null;
  return outcomeOfWalks(walks, createWalker(start, plan, SHARED), stop);
}

test.each([
  ['two-binders', 'rfcv2-as-posted', 3, 'found'],
  ['bind-first', 'rfcv2', 1, 'walked'],
  ['exit-mm', 'rfcv2', 2, 'stopped'],
])('walks of %s under %s are counted by their numbers, whoever walks which', (id, policy, seed) => {
  const [one, three] = [walked(id, policy, { seed }, 0, SHARED), walkedByThree(id, policy, seed)];
  const told = ({ coverage: { bytes: _, ...coverage }, verdict, stop, example }: Outcome) => {
    return { coverage, verdict, stop, script: example?.script };
  };

  expect(told(three)).toEqual(told(one));
});
