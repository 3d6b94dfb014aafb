import { bringFirst } from '../explore/columns.ts';
import { advance, bytesOf, createSearch, type Search } from '../explore/search.ts';
import { startAt } from '../explore/start.ts';
import { assert, present } from '../lib/assert.ts';
import { FILES, SCENARIOS } from '../scenarios/catalogue.ts';
import type { Section } from './bench-sections.ts';

/** A space of states to search. */
interface Space {
  readonly name: string;
  readonly scenario: string;
  /** Where the search ends; the smaller ones are searched to their end. */
  readonly states: number;
}

const SPACES: readonly Space[] = [
  { name: 'an exhibit, repaired', scenario: 'museum-atc-before-iotlb', states: 200_000 },
  { name: 'munmap', scenario: 'munmap', states: 50_000 },
  { name: 'unbind-in-flight', scenario: 'unbind-in-flight', states: 200_000 },
];

/** Searches a space, all invariants asked in each state. */
function searcher({ scenario, states }: Space): () => Search {
  const { text } = present(
    SCENARIOS.find(({ id }) => id === scenario),
    `${scenario} is a scenario`,
  );
  const start = startAt(text, { files: FILES, bug: null });
  assert(start.ok, `${scenario} can be explored`);
  return () => {
    const search = createSearch(start.value, { states, bytes: 2 ** 31 });
    while (search.state === 'searching') advance(search, 10_000);
    assert(search.flaws.length === 0, `nothing is wrong in ${scenario}`);
    bringFirst(search.columns);
    return search;
  };
}

function perSecond(space: Space, unit: 'states' | 'transitions'): Section {
  return {
    name: `explore ${space.name}`,
    unit: `${unit}/s`,
    prepare: () => {
      const search = searcher(space);
      return () => {
        const begin = process.cpuUsage();
        const done = search()[unit];
        const { user, system } = process.cpuUsage(begin);
        return (done * 1e6) / (user + system);
      };
    },
  };
}

const bytesPerState = (space: Space): Section => ({
  name: `explore ${space.name}`,
  unit: 'bytes/state',
  prepare: () => {
    const search = searcher(space);
    return () => {
      const done = search();
      return bytesOf(done) / done.states;
    };
  },
});

export const EXPLORE_SECTIONS: readonly Section[] = SPACES.flatMap((space) => [
  perSecond(space, 'states'),
  perSecond(space, 'transitions'),
  bytesPerState(space),
]);
