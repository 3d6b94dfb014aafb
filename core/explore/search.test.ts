import { expect, test } from 'vitest';
import { present } from '../lib/assert.ts';
import { at } from '../machine/machine.ts';
import { machineOf } from '../play/play.ts';
import { playScript } from '../play/script.ts';
import { readPolicy } from '../policy/policy.ts';
import { FILES, SCENARIOS } from '../scenarios/catalogue.ts';
import { counterexample } from './counterexample.ts';
import { coverageOf, verdictOf } from './report.ts';
import { advance, createSearch, type Manner, type Search } from './search.ts';
import { startAt } from './start.ts';

const textOf = (id: string): string => present(SCENARIOS.find((scenario) => scenario.id === id)?.text, `${id} exists`);

/** Searches on from a moment of a script, to its end or to a limit of states. */
function searched(text: string, name: string, event = 0, states = 5_000, manner: Manner = {}): Search {
  const policy = readPolicy(name);
  if (!policy.ok) throw new Error(policy.error);
  const start = startAt(text, { policy: policy.value, files: FILES, at: event });
  if (!start.ok) throw new Error(JSON.stringify(start.error));
  const search = createSearch(start.value, { states, bytes: 2 ** 28 }, manner);
  while (search.state === 'searching') advance(search, 1_000);
  return search;
}

test('two binders of one process give it two PASIDs as posted', () => {
  const search = searched(textOf('two-binders'), 'rfcv2-as-posted');
  const found = present(counterexample(search), 'it is found');

  expect(found.flaw).toMatchObject({ kind: 'invariant', id: 'one-pasid', detail: 'app has two PASIDs, 1 and 2' });
  expect([found.moves, found.changes]).toEqual([18, 1]);
});

test('a bind that overtakes an exit leaves a dead page table as posted', () => {
  const found = counterexample(searched(textOf('bind-vs-exit'), 'rfcv2-as-posted', 26));

  expect(found?.flaw).toMatchObject({ kind: 'invariant', id: 'released-tables' });
});

test('a counterexample is a script that breaks the same invariant on the machine, at its last event', () => {
  const found = present(counterexample(searched(textOf('two-binders'), 'rfcv2-as-posted')), 'it is found');
  const { play } = playScript(found.script, { files: FILES });
  const machine = machineOf(play);

  expect(machine.broken).toMatchObject({ event: at(machine), claims: [{ id: 'one-pasid' }] });
  expect(at(machine)).toBe(found.moves);
  expect(play.outcomes.filter(({ state }) => state !== 'done')).toEqual([]);
});

test('repaired, neither is found among as many states', () => {
  for (const id of ['two-binders', 'bind-vs-exit']) {
    const search = searched(textOf(id), 'rfcv2', 10, 400);

    expect([id, search.state, counterexample(search)]).toEqual([id, 'stopped', null]);
    expect(coverageOf(search)).toMatchObject({ complete: false });
    expect(verdictOf(search, null, 'states')).toMatch(/^Nothing is wrong in any order of up to \d+ moves/);
  }
});

test('a space that is small enough is searched to its end, which all of its states can reach', () => {
  const search = searched(textOf('bind-first'), 'rfcv2');

  expect(search.state).toBe('exhausted');
  expect(coverageOf(search)).toMatchObject({ complete: true, states: 303, transitions: 434, left: 0, ends: 2 });
});

test('fingerprints, whole states and a machine that is asked every time count the same and find the same', () => {
  for (const [id, policy, event] of [
    ['bind-first', 'rfcv2', 0],
    ['two-binders', 'rfcv2-as-posted', 0],
    ['fault-pri', 'rfcv2', 0],
  ] as const) {
    const manners: Manner[] = [{}, { exact: true }, { asking: 'always' }, { asking: 'doubting' }];
    const [usual, ...others] = manners.map((manner) => {
      const search = searched(textOf(id), policy, event, 80, manner);
      const { state, states, transitions, levels, ends, flaws } = search;
      return { state, states, transitions, levels, ends, flaws, example: counterexample(search)?.script };
    });

    for (const other of others) expect(other).toEqual(usual);
  }
});

test('what the search remembers is what the machine says: the world is asked for few of the answers', () => {
  const { turns } = searched(textOf('two-binders'), 'rfcv2', 0, 400);

  expect(turns.memo.questions).toBeGreaterThan(4 * turns.memo.asked);
});

test('an unbind that names a process which is gone by then goes on with nothing of it', () => {
  const search = searched(textOf('bug-unbind-after-reuse'), 'rfcv2', 0, 16_000);

  expect([search.state, search.flaws]).toEqual(['stopped', []]);
});

test('a line that builds the machine cannot be put off: the search begins after it', () => {
  const late = 'machine smmuv3\nprocess app\nmmap app heap 4K rw-\nrun\ndevice gpu0 pci 00:01.0\n';

  expect(startAt(late, { at: 0 })).toMatchObject({ ok: false, error: { kind: 'line' } });
  expect(startAt(late, { at: 1_000 })).toMatchObject({ ok: false, error: { kind: 'moment' } });
});
