import { expect, test } from 'vitest';
import { present } from '../lib/assert.ts';
import { readKernel } from '../policy/policy.ts';
import { FILES, SCENARIOS } from '../scenarios/catalogue.ts';
import { slotOfGroup } from './columns.ts';
import { exploreFrom, type Outcome, outcomeOf } from './exploration.ts';
import { endOfLevel, merged, reportOf, standingOf } from './merge.ts';
import { batchFor, beginLevel, createShard, lookOn, type Shard, takeBatch } from './shard.ts';
import { type Start, startAt } from './start.ts';

interface Space {
  readonly id: string;
  readonly policy: string;
  readonly at?: string | number;
}

const LIMITS = { states: 100_000, bytes: 2 ** 29 };

function startOf({ id, policy, at = 0 }: Space): Start {
  const kernel = readKernel({ policy });
  if (!kernel.ok) throw new Error(kernel.error);
  const { text } = present(
    SCENARIOS.find((scenario) => scenario.id === id),
    `${id} exists`,
  );
  const start = startAt(text, { files: FILES, at, ...kernel.value });
  if (!start.ok) throw new Error(JSON.stringify(start.error));
  return start.value;
}

/** What is sent is cloned, as it is between workers: nothing is shared. */
function deliver(shards: readonly Shard[], least: number): void {
  for (const shard of shards) {
    for (const other of shards) {
      const batch = shard === other ? null : batchFor(shard, other.index, least);
      if (batch !== null) takeBatch(other, structuredClone(batch));
    }
  }
}

/** A search by so many shards, each on a machine of its own. */
function sharded(space: Space, of: number, limits = LIMITS): Outcome {
  const shards = Array.from({ length: of }, (_none, index) => createShard(startOf(space), limits, index, of));
  for (;;) {
    for (const shard of shards) while (lookOn(shard, 7)) deliver(shards, 5);
    deliver(shards, 0);
    const standings = shards.map((shard) => standingOf(shard, false));
    const end = endOfLevel(standings);
    if (end !== 'next') {
      const search = merged(startOf(space), limits, structuredClone(shards.map(reportOf)), end);
      return outcomeOf(search, standings.find(({ stop }) => stop !== null)?.stop ?? null);
    }
    for (const shard of shards) beginLevel(shard);
  }
}

function alone(space: Space, limits = LIMITS): Outcome {
  const exploration = exploreFrom(startOf(space), limits, {});
  while (exploration.state() === 'searching') exploration.goOn(1_000);
  return exploration.outcome(null);
}

const SPACES: readonly Space[] = [
  { id: 'bind-first', policy: 'rfcv2' },
  { id: 'two-binders', policy: 'rfcv2-as-posted' },
  { id: 'museum-range-wraps', policy: 'rfcv2', at: 'All of it is unmapped' },
];

test.each(SPACES)('as many workers as you like find in $id what one does', (space) => {
  const one = alone(space);
  const { bytes: _, ...coverage } = one.coverage;

  for (const of of [2, 3]) {
    const many = sharded(space, of);

    expect(many.coverage).toMatchObject(coverage);
    expect(many).toMatchObject({ verdict: one.verdict, stop: null });
    expect(many.example?.flaw.id).toBe(one.example?.flaw.id);
    expect([many.example?.moves, many.example?.changes]).toEqual([one.example?.moves, one.example?.changes]);
  }
});

test('what an invariant has looked at in one worker, those that it sends states to know', () => {
  const shards = [0, 1].map((index) => createShard(startOf(SPACES[1] as Space), LIMITS, index, 2));
  const [one, other] = shards as [Shard, Shard];
  const nameOf = ({ columns }: Shard, group: number): string => {
    const slot = slotOfGroup(columns, group);
    return slot < 0 ? `table ${group}` : `page ${columns.world.slots.pageOf(slot)}`;
  };
  const looksOf = (shard: Shard): string[] =>
    shard.claims.byGroup.flatMap((concerned, group) =>
      concerned.map(({ place }) => `${place} at ${nameOf(shard, group)}`),
    );
  const told: string[][] = [];
  for (let level = 0; level < 12; level++) {
    for (const shard of shards) lookOn(shard, 1_000);
    const batch = batchFor(one, 1, 0);
    if (batch !== null) {
      told.push(looksOf(one));
      takeBatch(other, structuredClone(batch));
      expect(looksOf(other)).toEqual(expect.arrayContaining(told.at(-1) ?? []));
    }
    deliver(shards, 0);
    for (const shard of shards) beginLevel(shard);
  }
  expect(told.length).toBeGreaterThan(3);
  expect(told.at(-1)?.length).toBeGreaterThan(told[0]?.length ?? 0);
});

test('workers that end at a limit say at which, and how many states are left', () => {
  const space = { id: 'exit-mm', policy: 'rfcv2' };
  const few = sharded(space, 2, { ...LIMITS, states: 600 });

  expect(few).toMatchObject({ stop: 'states', example: null, coverage: { complete: false } });
  expect(few.coverage.left).toBeGreaterThan(0);
  expect(few.verdict).toMatch(
    /ended at its limit of states: it found \d+ states, and from \d+ of them nobody has moved/,
  );
  expect(sharded(space, 2, { ...LIMITS, bytes: 1_000 }).stop).toBe('memory');
});
