import { expect, test } from 'vitest';
import { present } from '../lib/assert.ts';
import { FILES, SCENARIOS } from '../scenarios/catalogue.ts';
import { variantOf } from './mirrors.ts';
import { advance, createSearch, type Manner, type Search } from './search.ts';
import { startAt } from './start.ts';
import { levelFinder } from './ways.ts';

function searched(id: string, states: number, manner: Manner): Search {
  const { text } = present(
    SCENARIOS.find((scenario) => scenario.id === id),
    `${id} exists`,
  );
  const start = startAt(text, { files: FILES });
  if (!start.ok) throw new Error(JSON.stringify(start.error));
  const search = createSearch(start.value, { states, bytes: 2 ** 31 }, manner);
  while (search.state === 'searching') advance(search, 10_000);
  return search;
}

/** Of each level that is known to its end, how many states it has, counterparts counted too. */
function levelSizes(search: Search): number[] {
  const { levels, mirrors, states } = search;
  const levelOf = levelFinder(levels);
  const sizes = levels.slice(1).map(() => 0);
  const count = mirrors === null ? states : mirrors.variants.length;
  for (let number = 0; number < count; number++) {
    const level = levelOf(mirrors === null ? number : variantOf(mirrors, number).state);
    if (level < sizes.length) sizes[level] = (sizes[level] as number) + 1;
  }
  return sizes;
}

/** The last has four who are alike, and so 24 ways to exchange them. */
const ALIKE = [
  { id: 'fault-while-exiting', states: 50_000 },
  { id: 'pasid-exhaustion', states: 50_000 },
  { id: 'asid-share', states: 6_000 },
];

test.each(ALIKE)('in $id each level has as many states as without, counterparts counted too', ({ id, states }) => {
  const plain = levelSizes(searched(id, 100_000, {}));
  const folded = levelSizes(searched(id, states, { symmetry: true }));
  const both = Math.min(plain.length, folded.length);

  expect(both).toBeGreaterThan(40);
  expect(folded.slice(0, both)).toEqual(plain.slice(0, both));
});

/** Every state is gone on from in all of its counterparts, and nothing is recalled that is not asked again. */
test.each(ALIKE)('in $id the counterparts of every state make the same moves and come to the same', ({ id }) => {
  const { mirrors, states } = searched(id, 3_000, { symmetry: true, asking: 'doubting' });

  expect([mirrors?.unlike, states >= 3_000]).toEqual([null, true]);
});
