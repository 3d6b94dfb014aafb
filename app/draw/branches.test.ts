import { expect, test } from 'vitest';
import { branchesIn, extended, parted, renamed, rootOf, rowsOf, without } from './branches.ts';

const run = (script: string, events: number) => ({
  scenario: null,
  script,
  policy: null,
  bug: null,
  backend: null,
  events,
});
/** The first run, left at event 30 for a second one, which was left at event 40 for a third one. */
const TREE = parted(parted(rootOf(run('a', 100)), run('b', 60), { left: 30, from: 30 }), run('c', 50), {
  left: 40,
  from: 40,
});
const told = (tree = TREE) => rowsOf(tree).map(({ branch, depth }) => [branch.source.script, depth, branch.from]);

test('what is left stays, and what goes on from there stands below it', () => {
  expect(told()).toEqual([
    ['a', 0, 0],
    ['b', 1, 30],
    ['c', 2, 40],
  ]);
  expect(TREE.all.map(({ left }) => left)).toEqual([30, 40, 40]);
  expect(extended(TREE, run('c and more', 55)).all.at(-1)).toMatchObject({ id: 2, events: 55 });
});

test('a branch that goes leaves what went out from it, and the one that is shown never goes', () => {
  expect(told(without(TREE, 1))).toEqual([
    ['a', 0, 0],
    ['c', 1, 30],
  ]);
  expect(told(without(TREE, 0))).toEqual([
    ['b', 0, 0],
    ['c', 1, 40],
  ]);
  expect(without(TREE, 2)).toBe(TREE);
});

test('branches are kept as text; what is none is not believed', () => {
  const named = renamed(TREE, 1, 'without the unmap');
  expect(branchesIn(JSON.stringify(named))).toEqual(named);
  for (const text of [null, '', '{}', '{"all":[{}],"current":0}', JSON.stringify({ ...TREE, current: 9 })])
    expect(branchesIn(text)).toBeNull();
});
