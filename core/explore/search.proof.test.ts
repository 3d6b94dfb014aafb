import { expect, test } from 'vitest';
import { present } from '../lib/assert.ts';
import { FILES, SCENARIOS } from '../scenarios/catalogue.ts';
import { advance, createSearch, type Manner } from './search.ts';
import { startAt } from './start.ts';

/** Searches that take minutes: `npm run prove` plays them. */
const SEARCHED = [
  'munmap',
  'exit-mm',
  'unbind-in-flight',
  'fault-while-exiting',
  'vfio-bind',
  'fault-stall',
  'bind-vs-detach',
];

function counted(id: string, manner: Manner, most = 20_000) {
  const { text } = present(
    SCENARIOS.find((scenario) => scenario.id === id),
    `${id} exists`,
  );
  const start = startAt(text, { files: FILES });
  if (!start.ok) throw new Error(JSON.stringify(start.error));
  const search = createSearch(start.value, { states: most, bytes: 2 ** 31 }, manner);
  while (search.state === 'searching') advance(search, 10_000);
  const { state, states, transitions, levels, ends, flaws } = search;
  return { state, states, transitions, levels, ends, flaws };
}

/** Each recalled answer is compared with what the machine says; one that is not the same ends the search. */
test.each(SEARCHED)('in %s nothing is remembered that the machine would not say again', (id) => {
  expect(counted(id, { asking: 'doubting' })).toEqual(counted(id, {}));
});

test.each(SEARCHED)('in %s fingerprints tell apart what whole states do', (id) => {
  expect(counted(id, { exact: true }, 100_000)).toEqual(counted(id, {}, 100_000));
});
