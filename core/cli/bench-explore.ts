import { once } from 'node:events';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { bringFirst } from '../explore/columns.ts';
import { advance, bytesOf, createSearch, type Search } from '../explore/search.ts';
import { startAt } from '../explore/start.ts';
import { assert, present } from '../lib/assert.ts';
import { FILES, SCENARIOS } from '../scenarios/catalogue.ts';
import type { Section } from './bench-sections.ts';
import { exploreTogether } from './crew.ts';

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

function startOf({ scenario }: Space) {
  const { text } = present(
    SCENARIOS.find(({ id }) => id === scenario),
    `${scenario} is a scenario`,
  );
  const options = { files: FILES, bug: null };
  const start = startAt(text, options);
  assert(start.ok, `${scenario} can be explored`);
  return { text, options, start: start.value };
}

/** Searches a space, all invariants asked in each state. */
function searcher(space: Space): () => Search {
  const { start } = startOf(space);
  const { scenario, states } = space;
  return () => {
    const search = createSearch(start, { states, bytes: 2 ** 31 });
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

/**
 * Time on the wall of one worker, as a share of that of two: both take the same space, one after the other, and both in threads that have
 * just begun, as who calls `svm explore` has it. Of the two all is counted that they need besides: their threads, and putting together what they found.
 */
function twoAgainstOne(space: Space): Section {
  return {
    name: `explore ${space.name}, two workers`,
    unit: '% of the speed of one',
    prepare: () => {
      const { start, text, options } = startOf(space);
      const limits = { states: space.states, bytes: 2 ** 31 };
      const job = { text, options, limits, walks: null, until: Number.POSITIVE_INFINITY };
      return async () => {
        const alone = await timeAlone(space);
        const begin = performance.now();
        await exploreTogether(job, start, 2);
        return (100 * alone) / (performance.now() - begin);
      };
    },
  };
}

/** How long a search takes in a thread of its own, in ms. */
async function timeAlone(space: Space): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { alone: space } });
  const [milliseconds] = await once(worker, 'message');
  return milliseconds as number;
}

/** Searches a space in this thread, if that is what it is for. */
export function serveAlone(): boolean {
  const { alone = null } = (workerData ?? {}) as { readonly alone?: Space };
  if (alone === null) return false;
  const search = searcher(alone);
  const begin = performance.now();
  search();
  parentPort?.postMessage(performance.now() - begin);
  return true;
}

const LARGE: Space = { name: 'exit-mm', scenario: 'exit-mm', states: 1_000_000 };

export const EXPLORE_SECTIONS: readonly Section[] = [
  ...SPACES.flatMap((space) => [perSecond(space, 'states'), perSecond(space, 'transitions'), bytesPerState(space)]),
  twoAgainstOne(LARGE),
];
