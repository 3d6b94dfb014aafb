import { expect, test } from 'vitest';
import type { Configuration } from '../engine/contract.ts';
import { exploringOf, type Searcher } from './exploring.ts';
import { createPageStore } from './state.ts';

const BUDGET = { states: 100, megabytes: 1, seconds: 1 };
const CONFIGURATION: Configuration = { policy: 'rfcv2', bug: null, event: 0, programs: [] };

const never = () => new Promise<never>(() => undefined);

test('a search whose worker has died can be cancelled: it is told as failed, and its worker is stopped', async () => {
  const store = createPageStore();
  let stopped = 0;
  const engine: Searcher['engine'] = {
    explore: async () => ({ ok: true, value: CONFIGURATION }),
    exploreOn: never,
    explored: never,
  };
  const start = async () => ({ engine, stop: () => void stopped++ });
  const { explore, cancelExploring } = exploringOf(store, start, async () => undefined);

  const over = explore({ scenario: 'first-touch' }, BUDGET);
  await new Promise((resolve) => setTimeout(resolve));
  cancelExploring();
  await over;

  expect(store.getState().exploration).toMatchObject({
    title: 'Your own run',
    phase: 'failed',
    problem: 'The worker of the search no longer answers, and what it knew is lost.',
  });
  expect(stopped).toBe(1);
});
