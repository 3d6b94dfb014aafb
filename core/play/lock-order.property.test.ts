import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventsOf, type Machine, seek } from '../machine/machine.ts';
import { locks } from '../sim/lock.ts';
import type { World } from '../world/world.ts';
import { machineOf } from './play.ts';
import { comeToRest, endAll, type Plan, playPlan } from './testing/sequence.ts';

/** Fewer sequences than this leave out a nesting of the kernel. */
const FEWEST = 40;
const RUNS = Math.max(FEWEST, Math.ceil(Number(process.env['SVM_RUNS'] ?? 400) / 10));
const SEED = Number(process.env['SVM_SEED'] ?? 20171006);

const number = fc.noShrink(fc.nat());
const plans: fc.Arbitrary<Plan> = fc.record({
  backend: fc.constant('smmuv3' as const),
  scheduler: fc.constant('chance' as const),
  stage: number,
  lines: fc.array(number, { minLength: 8, maxLength: 24, size: 'max' }),
});

/** Locks of one class have one place in the order: all mmap_locks, all mutexes of drivers. */
const classOf = (name: string): string => name.split(' ')[0] as string;

/** For each class the classes that were taken by somebody who held it. */
type Order = Map<string, Set<string>>;

/** How often each lock is held, by id. */
const holdings = (world: World): number[] =>
  locks.slots(world).map((lock) => (lock === undefined ? 0 : lock.readers + (lock.owner >= 0 ? 1 : 0)));

/** Goes through a run event by event, and notes what each actor takes while it holds something. */
function noteOrder(machine: Machine, order: Order): void {
  const { world, trace } = machine;
  const last = eventsOf(machine);
  const held = new Map<number, string[]>();
  seek(machine, 0);
  let before = holdings(world);
  for (let event = 1; event <= last; event++) {
    seek(machine, event);
    const after = holdings(world);
    const own = held.get(trace[event - 1]?.actor ?? -1) ?? [];
    for (const [id, count] of after.entries()) {
      const change = count - (before[id] ?? 0);
      if (change === 0) continue;
      const name = classOf(locks.find(world, id)?.name ?? '');
      if (change < 0) own.splice(own.lastIndexOf(name), 1);
      else {
        for (const outer of own) order.set(outer, (order.get(outer) ?? new Set()).add(name));
        own.push(name);
      }
    }
    held.set(trace[event - 1]?.actor ?? -1, own);
    before = after;
  }
}

/** A way from a class back to itself through others, null if there is none. */
function cycleIn(order: Order, from: string, path: readonly string[] = []): readonly string[] | null {
  for (const next of order.get(from) ?? []) {
    if (next === from) continue;
    if (path.includes(next)) return [...path, from, next];
    const found = cycleIn(order, next, [...path, from]);
    if (found !== null) return found;
  }
  return null;
}

const order: Order = new Map();

test('locks are taken in one order, whoever decides who moves', () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const sequence = playPlan(plan);
      comeToRest(sequence);
      endAll(sequence);
      noteOrder(machineOf(sequence.play), order);
    }),
    { numRuns: RUNS, seed: SEED },
  );

  expect([...order.keys()].flatMap((name) => cycleIn(order, name) ?? [])).toEqual([]);
}, 600_000);

test('the order has the nestings of the kernel: page tables change, and then the notifier looks for devices', () => {
  const nestings = [...order].flatMap(([outer, inner]) => [...inner].map((name) => `${outer} > ${name}`));

  expect(nestings).toEqual(
    expect.arrayContaining([
      'mmap_lock > page_table_lock',
      'mmap_lock > iommu_process_lock',
      'mutex > iommu_process_lock',
    ]),
  );
});

test('a cycle is found', () => {
  const crossed: Order = new Map([
    ['a', new Set(['b'])],
    ['b', new Set(['c'])],
    ['c', new Set(['a'])],
  ]);

  expect(cycleIn(crossed, 'a')).toEqual(['a', 'b', 'c', 'a']);
});
