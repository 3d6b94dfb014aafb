import { present } from '../../lib/assert.ts';
import { FILES, SCENARIOS } from '../../scenarios/catalogue.ts';
import { advance, createSearch, type Manner } from '../search.ts';
import { startAt } from '../start.ts';

/** Scenarios whose spaces are large enough to meet everything: `npm run prove` plays them. */
export const SEARCHED = [
  'munmap',
  'exit-mm',
  'unbind-in-flight',
  'fault-while-exiting',
  'vfio-bind',
  'fault-stall',
  'bind-vs-detach',
];

/** What a search of a scenario has counted, at its end or at its limit of states. */
export function counted(id: string, manner: Manner, most: number) {
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
