import { expect, test } from 'vitest';
import type { WalkPlan } from '../explore/walker.ts';
import { createEngine } from './engine.ts';
import type { Budget, Engine, Explored, Source } from './protocol.ts';

const BUDGET: Budget = { states: 50_000, megabytes: 256, seconds: 60 };

/** Searches in slices, as the page does, until the search is over. */
async function explored(engine: Engine, source: Source, budget = BUDGET): Promise<Explored> {
  expect(await engine.explore(source, budget)).toMatchObject({ ok: true });
  while ((await engine.exploreOn(50)).state === 'searching');
  return engine.explored();
}

test('it finds the double PASID of two binders; its script opens at the event that breaks it, with what is concerned', async () => {
  const engine = createEngine();
  const { state, violation, coverage } = await explored(engine, { scenario: 'two-binders' });
  expect([state, violation?.id, coverage.complete]).toEqual(['found', 'one-pasid', false]);

  const { script = '', event = 0 } = violation ?? {};
  const answer = await engine.open({ script, at: event });
  if (!answer.ok) throw new Error('a counterexample can be opened');
  const { run, moment } = answer.value;

  expect(run.report).toMatchObject({ kind: 'invariant', event, expected: true, detail: violation?.sentence });
  expect(moment.at).toBe(event);
  expect(moment.concerned).toEqual(['task/0']);
  expect((await engine.seek(event - 1))?.concerned).toEqual([]);
});

test('of a deadlock the lock is concerned, and everybody who waits', async () => {
  const engine = createEngine();
  const answer = await engine.open({ scenario: 'museum-flush-under-lock', at: 91 });
  if (!answer.ok) throw new Error('an exhibit can be opened');
  const { concerned, view } = answer.value.moment;
  const { locks, actors } = view.kernel;
  const told = [
    ...locks.map(({ key, name }) => ({ key, name })),
    ...[...actors, ...view.processes.flatMap(({ threads }) => threads)].map(({ key, name }) => ({ key, name })),
  ];

  const names = concerned.map((key) => told.find((each) => each.key === key)?.name);
  expect(names).toEqual(['mmap_lock app', 'app', 'fault worker']);
});

test('a search that ends at a limit, or is not asked to go on, says how much is left', async () => {
  const engine = createEngine();
  const source = { scenario: 'two-binders', policy: 'rfcv2' };
  const limited = await explored(engine, source, { ...BUDGET, states: 300 });
  expect([limited.stop, limited.violation]).toEqual(['states', null]);
  expect(limited.verdict).toMatch(/ended at its limit of states: .* from \d+ of them nobody has moved yet/);

  const late = await explored(engine, source, { ...BUDGET, seconds: 0 });
  expect([late.stop, late.states]).toEqual(['seconds', 1]);
  await engine.explore(source, BUDGET);
  const ended = await engine.explored();

  expect([ended.state, ended.stop]).toEqual(['searching', null]);
  expect(ended.verdict).toContain('The search was ended: it found 1 state');
});

test('several workers find what one does, and end where nobody asks them to go on', async () => {
  const engine = createEngine();
  const together = async (source: Source, budget = BUDGET, walks: WalkPlan | null = null): Promise<Explored> => {
    expect(await engine.explore(source, budget, { workers: 2, walks })).toMatchObject({ ok: true });
    while ((await engine.exploreOn(50)).state === 'searching');
    return engine.explored();
  };
  const source = { scenario: 'two-binders' };
  const [one, two] = [await explored(engine, source), await together(source)];
  const told = ({ state, verdict, states, transitions, depth, violation }: Explored) => {
    return { state, verdict, states, transitions, depth, found: [violation?.id, violation?.moves, violation?.changes] };
  };
  expect(told(two)).toEqual(told(one));

  const walks = { walks: 50, depth: 500, seed: 3 };
  await engine.explore(source, BUDGET, { walks });
  while ((await engine.exploreOn(50)).state === 'searching');
  expect(told(await together(source, BUDGET, walks))).toEqual(told(await engine.explored()));

  const repaired = { scenario: 'two-binders', policy: 'rfcv2' };
  expect((await together(repaired, { ...BUDGET, states: 300 })).verdict).toContain('at its limit of states');
  await engine.explore(repaired, BUDGET, { workers: 2 });
  const ended = await engine.explored();
  expect([ended.state, ended.stop]).toEqual(['searching', null]);
  expect(ended.verdict).toMatch(/The search was ended: it found \d+ states/);
});

test('who is told the same is taken for one another where that is asked, and the verdict says so', async () => {
  const engine = createEngine();
  const process = (name: string): string => `process ${name}\nmmap ${name} heap 64K rw-\n`;
  const stage = `machine smmuv3\ndevice gpu0 pci 00:01.0 ats pri pasid 16\n${process('a')}${process('b')}`;
  const script = `${stage}bind a gpu0\nbind b gpu0\n`;
  const plain = await explored(engine, { script });

  await engine.explore({ script }, BUDGET, { symmetry: true, workers: 2 });
  while ((await engine.exploreOn(50)).state === 'searching');
  const { coverage, states, verdict } = await engine.explored();

  expect(coverage.symmetry).toEqual({ names: [['a', 'b']], standFor: plain.states });
  expect(states).toBeLessThan(plain.states);
  expect(verdict).toContain(`All ${plain.states} states of this configuration were looked at, or their counterparts: `);
});

test('what cannot be explored says why, and the run that is shown stays', async () => {
  const engine = createEngine();
  await engine.open({ scenario: 'two-binders' });

  const beyond = await engine.explore({ scenario: 'two-binders', at: 100_000 }, BUDGET);

  expect(beyond).toMatchObject({
    ok: false,
    diagnostics: [{ line: 0, message: expect.stringContaining('not 100000') }],
  });
  expect((await engine.seek(1))?.at).toBe(1);
});
