import { expect, test } from 'vitest';
import { present } from '../lib/assert.ts';
import { readKernel } from '../policy/policy.ts';
import { FILES, SCENARIOS } from '../scenarios/catalogue.ts';
import { lookAhead } from './ahead.ts';
import { slotOfGroup } from './columns.ts';
import { exploreFrom, type Outcome, outcomeOf } from './exploration.ts';
import { endOfLevel, merged, reportOf, standingOf } from './merge.ts';
import {
  answersTo,
  beginLevel,
  createShard,
  endLevel,
  goesOnAlone,
  leftOf,
  lookOn,
  partFromOthers,
  questionsFor,
  type Shard,
  takeAnswers,
} from './shard.ts';
import { type Acquaintance, handOver, shareOut, strangers, type Transfer, takeOver } from './sharing.ts';
import { type Start, startAt } from './start.ts';

interface Space {
  readonly id: string;
  readonly policy: string;
  readonly at?: string | number;
}

/** All share the states out as soon as there are a few. */
const WORTH = { found: 2, states: 4 };
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

/** A worker asks all others, and hears their answers later. */
function asking(shard: Shard, shards: readonly Shard[], least: number): () => void {
  const asked = shards.flatMap((owner) => {
    const questions = shard === owner ? null : questionsFor(shard, owner.index, least);
    return questions === null ? [] : [{ owner, answers: answersTo(owner, questions) }];
  });
  return () => {
    for (const { owner, answers } of asked) takeAnswers(shard, owner.index, answers);
  };
}

function begin(shard: Shard): void {
  const alone = goesOnAlone(shard);
  beginLevel(shard);
  if (shard.alone && !alone) partFromOthers(shard);
}

/** Each worker looks at all of its level, a few states at a time; then every other one looks ahead, while others have not begun. */
function goThrough(shards: readonly Shard[], ahead: 0 | 1): void {
  for (const shard of shards) {
    while (lookOn(shard, 7)) asking(shard, shards, 5)();
    const hear = asking(shard, shards, 0);
    lookAhead(shard, ahead * (shard.index % 2));
    hear();
    lookAhead(shard, ahead * (shard.index % 2));
  }
  for (const shard of shards) endLevel(shard);
  for (const shard of shards) lookAhead(shard, ahead * (shard.index % 2));
}

/** Acquaintances by worker, then by the other one. */
const acquaint = (shards: readonly Shard[]): Acquaintance[][] => shards.map(() => shards.map(strangers));

function share(shards: readonly Shard[], known: readonly Acquaintance[][], transfers: readonly Transfer[]): void {
  for (const { from, to, count } of transfers) {
    const shipment = handOver(shards[from] as Shard, known[from]?.[to] as Acquaintance, count);
    takeOver(shards[to] as Shard, known[to]?.[from] as Acquaintance, structuredClone(shipment));
  }
}

interface Sharded extends Outcome {
  /** States that were handed over. */
  readonly moved: number;
}

/** A search by so many shards, each on a machine of its own. */
function sharded(space: Space, of: number, limits = LIMITS): Sharded {
  const shards = Array.from({ length: of }, (_none, index) => createShard(startOf(space), limits, index, of, WORTH));
  const known = acquaint(shards);
  let moved = 0;
  for (;;) {
    goThrough(shards, 1);
    const standings = shards.map((shard) => standingOf(shard, false));
    const end = endOfLevel(standings);
    if (typeof end === 'string') {
      const search = merged(startOf(space), limits, structuredClone(shards.map(reportOf)), end);
      return { ...outcomeOf(search, standings.find(({ stop }) => stop !== null)?.stop ?? null), moved };
    }
    for (const shard of shards) begin(shard);
    const transfers = evenOut(shards);
    share(shards, known, transfers);
    moved += transfers.reduce((sum, { count }) => sum + count, 0);
  }
}

/** Shares out each level, however small it is: whoever has most of it hands states over to whoever has least. */
function evenOut(shards: readonly Shard[]): Transfer[] {
  const byCount = shards.toSorted((one, other) => leftOf(other) - leftOf(one));
  const [most, least] = [byCount[0] as Shard, byCount.at(-1) as Shard];
  const count = Math.ceil((leftOf(most) - leftOf(least)) / 2);
  return count === 0 ? [] : [{ from: most.index, to: least.index, count }];
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
    expect(many.moved).toBeGreaterThan(0);
  }
});

test('what an invariant has looked at in one worker, those that it hands states over to know', () => {
  const shards = [0, 1].map((index) => createShard(startOf(SPACES[1] as Space), LIMITS, index, 2, WORTH));
  const known = acquaint(shards);
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
    goThrough(shards, 0);
    for (const shard of shards) begin(shard);
    const [from = 0, to = 1] = leftOf(shards[0] as Shard) === 0 ? [1, 0] : [0, 1];
    told.push(looksOf(shards[from] as Shard));
    share(shards, known, [{ from, to, count: 1 }]);
    expect(looksOf(shards[to] as Shard)).toEqual(expect.arrayContaining(told.at(-1) ?? []));
  }
  expect(told.at(-1)?.length).toBeGreaterThan(told[0]?.length ?? 0);
});

test('a level is shared out where it is lopsided and worth it, so that all have as many', () => {
  expect(shareOut([40, 0])).toEqual([]);
  expect(shareOut([1_000, 1_090])).toEqual([]);
  expect(shareOut([1_000, 0])).toEqual([{ from: 0, to: 1, count: 500 }]);
  expect(shareOut([100, 1_000, 100])).toEqual([
    { from: 1, to: 0, count: 300 },
    { from: 1, to: 2, count: 300 },
  ]);
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
