import { expect, test } from 'vitest';
import { createEngine } from './engine.ts';
import type { Budget, Engine, MovesView, Spoken } from './protocol.ts';

const BUDGET: Budget = { states: 50_000, megabytes: 256, seconds: 60 };

async function opened(scenario: string, at = 0): Promise<Engine> {
  const engine = createEngine();
  expect((await engine.open({ scenario, at })).ok).toBe(true);
  return engine;
}

/** Picks the offers of these names, orders before turns, and says what came of the last. */
async function pickAll(engine: Engine, ...names: readonly string[]): Promise<Spoken> {
  let spoken: Spoken | null = null;
  for (const name of names) {
    const { orders, turns } = await engine.moves();
    const line =
      orders.find(({ who }) => who === name)?.line ?? turns.find((turn) => turn.name === name)?.ways[0]?.line;
    if (line === undefined) throw new Error(`${name} has nothing to choose from`);
    spoken = await engine.pick(line);
  }
  if (spoken === null) throw new Error('nothing was picked');
  return spoken;
}

const namesOf = ({ orders, turns }: MovesView) => [orders.map(({ text }) => text), turns.map(({ name }) => name)];

test('turns and what the script has still to say are picked until one process has two PASIDs, and the picks are its script', async () => {
  const engine = await opened('two-binders');
  expect(namesOf(await engine.moves())).toEqual([['bind app gpu0', 'bind app nic0 by tool'], []]);

  await pickAll(engine, 'app', 'tool');
  expect(namesOf(await engine.moves())).toEqual([[], ['app', 'tool']]);
  const { moment, run } = await pickAll(engine, ...Array.from({ length: 8 }, () => ['app', 'tool']).flat());

  expect(run.report).toMatchObject({ kind: 'invariant', event: 18 });
  expect(await engine.moves()).toMatchObject({ turns: [], orders: [], halted: true });
  expect(run.script.split('\n').slice(-4)).toEqual([
    'bind app gpu0 &',
    'bind app nic0 by tool &',
    'schedule app tool app tool app tool app tool',
    'schedule app tool app tool app tool app tool',
  ]);
  const again = await createEngine().open({ script: run.script, at: moment.at });
  expect(again.ok && again.value.moment.view.fingerprint).toBe(moment.view.fingerprint);
});

test('what is foretold of a turn is what comes of it; one that is taken back can be picked otherwise', async () => {
  const engine = await opened('two-binders');
  await pickAll(engine, 'app', 'tool', 'app', 'tool');
  const before = await engine.seek(4);
  const { turns, at } = await engine.moves();
  expect(await engine.seek(4)).toEqual(before);

  const spoken = await pickAll(engine, 'app');
  expect([at, spoken.moment.now.sentence]).toEqual([4, turns[0]?.ways[0]?.sentence]);
  await engine.seek(4);
  const other = await pickAll(engine, 'tool', 'tool');

  expect(other.moment.now.sentence).not.toBe(spoken.moment.now.sentence);
  expect(other.run.events).toBe(6);
  expect(other.run.script).toMatch(/\nstep app\nstep tool 3$/);
});

test('an order that the kernel refuses stays in the script with its errno, and the next one is offered', async () => {
  const engine = createEngine();
  const stage = 'device gpu0 pci 00:01.0 ats pri pasid 16\nprocess app\nprocess tool\n';
  await engine.open({ script: `${stage}exit app\nbind app gpu0 by tool\nexit tool\n` });
  await engine.command('exit app');

  const { refused, output, run } = await pickAll(engine, 'tool');

  expect([refused, output]).toEqual([true, ['ESRCH: there is no process app, or it has exited']]);
  expect(run.script).toMatch(/\nexit app\nbind app gpu0 by tool &\nexpect errno ESRCH$/);
  expect(namesOf(await engine.moves())[0]).toEqual(['exit tool']);
});

test('a line of the script that builds the machine is offered before all that comes after it', async () => {
  const engine = createEngine();
  await engine.open({
    script: 'process app\nchapter "One more"\ndevice gpu0 pci 00:01.0 ats pri pasid 16\nbind app gpu0\n',
  });

  expect(namesOf(await engine.moves())).toEqual([['device gpu0 pci 00:01.0 ats pri pasid 16'], []]);
});

test('a search from a run that was cut tries what its script still says, as the offers do', async () => {
  const engine = await opened('two-binders');
  const { run } = await pickAll(engine, 'app', 'app');
  expect(run.unsaid.split('\n')).toContain('bind app nic0 by tool &');
  expect(run.script).not.toContain('bind app nic0');

  const begun = await engine.explore({ script: `${run.script}\n${run.unsaid}`, at: 2 }, BUDGET);
  while ((await engine.exploreOn(50)).state === 'searching');

  expect(begun.ok && begun.value.programs.map(({ name }) => name)).toEqual(['tool', 'app']);
  expect((await engine.explored()).violation).toMatchObject({ id: 'one-pasid', moves: 16 });
  expect((await opened('two-binders').then((other) => other.command('help'))).run.unsaid).toBe('');
});
