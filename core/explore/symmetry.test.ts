import { expect, test } from 'vitest';
import { present } from '../lib/assert.ts';
import { type KernelNames, readKernel } from '../policy/policy.ts';
import { alikeIn } from './alike.ts';
import { changesIn, counterexample, moversOf } from './counterexample.ts';
import { goThrough } from './mirrors.ts';
import { coverageOf, verdictOf } from './report.ts';
import { advance, createSearch, type Manner, type Search } from './search.ts';
import { type Start, startAt } from './start.ts';
import { OWN_DEVICES, THREE_BINDERS, TWO_EXITS, TWO_THREADS } from './testing/alike-scripts.ts';
import { calmestWay } from './ways.ts';

function begun(text: string, names: KernelNames = { policy: 'rfcv2' }, at = 0): Start {
  const kernel = readKernel(names);
  if (!kernel.ok) throw new Error(kernel.error);
  const start = startAt(text, { ...kernel.value, at });
  if (!start.ok) throw new Error(JSON.stringify(start.error));
  return start.value;
}

function searched(text: string, names: KernelNames, manner: Manner): Search {
  const search = createSearch(begun(text, names), { states: 20_000, bytes: 2 ** 28 }, manner);
  while (search.state === 'searching') advance(search, 1_000);
  return search;
}

test.each([
  { what: 'processes', text: THREE_BINDERS, names: [['a', 'b', 'c']], exchanges: 6 },
  {
    what: 'processes with a device and a region of their own',
    text: OWN_DEVICES,
    names: [
      ['gpu0', 'gpu1'],
      ['a', 'b'],
      ['heap', 'stack'],
    ],
    exchanges: 2,
  },
  {
    what: 'threads with a device of their own',
    text: TWO_THREADS,
    names: [
      ['gpu0', 'gpu1'],
      ['t1', 't2'],
    ],
    exchanges: 2,
  },
])('$what are alike where a script says the same of them', ({ text, names, exchanges }) => {
  const alike = alikeIn(begun(text));

  expect([alike?.names, alike?.moves.length]).toEqual([names, exchanges]);
});

test.each([
  [
    'with memory of another size',
    THREE_BINDERS.replace('a heap 64K', 'a heap 32K').replace('c heap 64K', 'c heap 128K'),
  ],
  ['told more', `${TWO_EXITS}munmap a heap 1\n`],
  ['named in a line of somebody else', `${TWO_THREADS}unbind app gpu0\n`],
  ['with a device of another kind', OWN_DEVICES.replace('00:02.0 ats pri', '00:02.0 ats')],
])('nobody is alike who is %s', (_how, text) => {
  expect(alikeIn(begun(text))?.names.flat() ?? []).not.toContain('a');
  expect(alikeIn(begun(text))?.names.flat() ?? []).not.toContain('gpu0');
});

test('after the first event nobody is taken for another: what was done was done in one order', () => {
  const ran = TWO_EXITS.replace('exit a', 'run\nexit a');

  expect(alikeIn(begun(ran, { policy: 'rfcv2' }, 5))).toBeNull();
});

test('one of each set of counterparts is looked at, and they are all the states there are', () => {
  for (const [text, manners] of [
    [THREE_BINDERS, [{}, { exact: true }, { asking: 'doubting' }]],
    [TWO_THREADS.replace(/munmap.*/, ''), [{}]],
  ] as const) {
    const plain = searched(text, {}, {});
    for (const manner of manners) {
      const folded = searched(text, {}, { ...manner, symmetry: true });

      expect([plain.state, folded.state]).toEqual(['exhausted', 'exhausted']);
      expect(coverageOf(folded).symmetry?.standFor).toBe(plain.states);
      expect(folded.states * 1.9).toBeLessThan(plain.states);
      expect(folded.levels.length).toBe(plain.levels.length);
    }
  }
});

test('what is found is found after as many moves and changes, and is a script that breaks the same', () => {
  for (const [text, names] of [
    [TWO_THREADS, { policy: 'rfcv2-as-posted' }],
    [`${THREE_BINDERS}unbind a gpu0\nunbind b gpu0\nunbind c gpu0\n`, { bug: 'entry-torn' }],
  ] as const) {
    const [plain, folded] = [{}, { symmetry: true }].map((manner) => {
      const search = searched(text, names, manner);
      const { flaw, moves, changes } = present(counterexample(search), 'it is found');
      return { story: [flaw.id, flaw.detail.replace(/\d/g, 'N'), moves, changes], states: search.states };
    });

    expect(folded?.story).toEqual(plain?.story);
    expect(folded?.states).toBeLessThan(0.6 * (plain?.states ?? 0));
  }
});

test('the calmest way into each state leads there, also where it goes on as a counterpart would', () => {
  const [plain, folded] = [searched(THREE_BINDERS, {}, {}), searched(THREE_BINDERS, {}, { symmetry: true })];
  const movesOfPlain = movesOf(plain);
  const printsOfPlain = printsOf(plain);
  const printsOfFolded = printsOf(folded);
  const moverOf = moversOf(plain.start);
  const calmest = (search: Search, state: number): readonly number[] => calmestWay(search, [state], moverOf).moves;

  for (let state = 1; state < folded.states; state++) {
    const moves = calmest(folded, state);
    const end = moves.reduce((at, move) => present(movesOfPlain[at]?.get(move), 'the move can be made'), 0);
    const first = present(folded.mirrors, 'they are alike')
      .variants.copy()
      .indexOf(state * 6);

    expect(printsOfPlain[end]).toBe(printsOfFolded[first]);
    expect(changesIn(moves, moverOf)).toBe(changesIn(calmest(plain, end), moverOf));
  }
});

test('a counterpart that can do more, or less, or comes to something else is noticed', () => {
  const search = createSearch(begun(THREE_BINDERS), { states: 10, bytes: 2 ** 28 }, { symmetry: true });
  const mirrors = present(search.mirrors, 'they are alike');
  const toFirst = [-1, -2, -3].map((move) => [move, 0] as const);
  const notices = (successors: readonly (readonly [number, number])[]): boolean => {
    mirrors.unlike = null;
    goThrough(search, mirrors, 0, new Map(successors), () => 0);
    return mirrors.unlike !== null;
  };

  expect(notices(toFirst)).toBe(false);
  expect(notices(toFirst.slice(1))).toBe(true);
  expect(notices([...toFirst, [0, 0]])).toBe(true);
  expect(notices([...toFirst, [500, 0]]), 'of somebody who is not there').toBe(true);
  expect(notices([...toFirst.slice(1), [-1, 1]])).toBe(true);
});

/** By number: the fingerprint. */
function printsOf({ seen: { cells } }: Search): string[] {
  const prints: string[] = [];
  for (let at = 0; at < cells.length; at += 3) {
    const number = cells[at + 2] as number;
    if (number > 0) prints[number - 1] = `${cells[at]} ${cells[at + 1]}`;
  }
  return prints;
}

/** By state: where each move leads. */
function movesOf({ edges, states }: Search): Map<number, number>[] {
  const moves = Array.from({ length: states }, () => new Map<number, number>());
  for (let edge = 0; edge < edges.to.length; edge++)
    moves[edges.from.at(edge)]?.set(edges.move.at(edge), edges.to.at(edge));
  return moves;
}

test('where the machine tells them apart after all, nothing is claimed', () => {
  const search = searched(TWO_THREADS, { policy: 'mainline' }, { symmetry: true });

  expect(search.state).toBe('stopped');
  expect(verdictOf(search, null, 'symmetry')).toBe(
    'Though the script says the same of gpu0 and gpu1, and of t1 and t2, what gpu1 port can do is not the same: nothing is claimed. Search without symmetry.',
  );
});
