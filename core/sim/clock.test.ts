import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { readWord, writeWord } from '../world/memory.ts';
import { recount } from '../world/recount.ts';
import { createWorld, freezeRows, schemaOf } from '../world/table.ts';
import { branch, startJournal, type World } from '../world/world.ts';
import { actors, enabled, perform, post, spawn } from './actor.ts';
import { advanceTo, causeOf, dueOf, earliest, now, refreshClock } from './clock.ts';
import { COSTS, delayOf } from './cost.ts';
import { done, procedure, step } from './procedure.ts';

const SCHEMA = schemaOf([actors]);
const RAM = 0x80000;
let world: World;

beforeEach(() => {
  freezeRows(true);
  world = createWorld(SCHEMA, RAM, 4);
});

/** Steps of several lengths; `gate` waits for word 0, which `open` and `shut` write. */
const toy = procedure(
  'toy',
  'self',
  { code: ['left'], disk: ['left'], gate: ['left'], open: ['left'], shut: ['left'] },
  (go) => {
    const again = (left: number) => (left === 0 ? done() : go.gate({ left: left - 1 }));
    const writing =
      (value: number) =>
      (w: World, { left }: { readonly left: number }) => {
        writeWord(w, RAM, 0, value);
        return left === 0 ? done() : go.code({ left: left - 1 });
      };
    return {
      code: step('runs', {}, (_w, { left }) => again(left)),
      disk: step('reads', { cost: 'disk' }, (_w, { left }) => (left === 0 ? done() : go.open({ left: left - 1 }))),
      gate: step('passes', { when: (w) => readWord(w, RAM, 0) === 1 }, (_w, { left }) =>
        left === 0 ? done() : go.shut({ left: left - 1 }),
      ),
      open: step('opens', { cost: 'link' }, writing(1)),
      shut: step('shuts', { cost: 'sync' }, writing(0)),
    };
  },
);
const LABELS = ['code', 'disk', 'gate', 'open', 'shut'] as const;

function add(label: (typeof LABELS)[number], left = 0): number {
  return spawn(world, label, 'cpu', toy.at[label]({ left })).id;
}

/** One event: the move is performed, time goes on to when it was due, and who can move next is noted. */
function move(event: number, actor: number): void {
  perform(world, actor);
  advanceTo(world, actor);
  refreshClock(world, event, actor);
}

function runToEnd(limit = 1000): number[] {
  const order: number[] = [];
  for (let next = earliest(world); next !== null && order.length < limit; next = earliest(world)) {
    order.push(next.actor);
    move(order.length, next.actor);
  }
  return order;
}

test('the clock moves who is due first, and stands at that moment', () => {
  const [disk, link, code] = [add('disk'), add('open'), add('code')];
  refreshClock(world, 0, -1);

  expect([disk, link, code].map((id) => dueOf(world, id))).toEqual([80_000, 275, 20]);
  expect(earliest(world)).toEqual({ actor: code, choice: 0 });
  expect(runToEnd()).toEqual([code, link, disk]);
  expect(now(world)).toBe(80_000);
  expect(earliest(world)).toBeNull();
});

test('of those due at the same moment, the one that became able first moves first', () => {
  const idle = spawn(world, 'idle', 'cpu', null).id;
  const first = add('code');
  refreshClock(world, 0, -1);
  post(world, idle, toy.at.code({ left: 0 }));
  const last = add('code');
  refreshClock(world, 0, -1);

  expect(runToEnd()).toEqual([first, idle, last]);
});

test('an actor that waits has no due time; the event that lets it go is its cause', () => {
  const gate = add('gate');
  const opener = add('open');
  refreshClock(world, 0, -1);
  expect(dueOf(world, gate)).toBe(0);

  move(1, opener);

  expect([dueOf(world, gate), causeOf(world, gate)]).toEqual([275 + 20, 1]);
  expect(earliest(world)?.actor).toBe(gate);
});

test('an actor whose way is barred before it moved waits anew, and is due later', () => {
  writeWord(world, RAM, 0, 1);
  const [gate, shutter] = [add('gate'), add('shut')];
  refreshClock(world, 0, -1);
  expect(dueOf(world, gate)).toBe(20);

  move(1, shutter);

  expect([dueOf(world, gate), earliest(world)]).toEqual([0, null]);
});

test('an actor whose own step leaves it waiting or idle has no due time', () => {
  const [waiter, finisher] = [add('code', 1), add('code')];
  refreshClock(world, 0, -1);

  move(1, waiter);
  move(2, finisher);

  expect([dueOf(world, waiter), dueOf(world, finisher), earliest(world)]).toEqual([0, 0, null]);
});

test('an actor that goes on is due when its next step takes its time, caused by its own event', () => {
  writeWord(world, RAM, 0, 1);
  const code = add('code', 2);
  refreshClock(world, 0, -1);

  move(5, code);
  expect([now(world), dueOf(world, code), causeOf(world, code)]).toEqual([20, 40, 5]);
  move(6, code);

  expect([now(world), dueOf(world, code), causeOf(world, code)]).toEqual([40, 240, 6]);
});

test('an actor that stays able keeps its due time and its cause', () => {
  const [disk, code] = [add('disk'), add('code')];
  refreshClock(world, 0, -1);

  move(7, code);

  expect([dueOf(world, disk), causeOf(world, disk)]).toEqual([80_000, 0]);
});

test('a removed actor leaves no due time to the next of its id', () => {
  const code = add('code');
  refreshClock(world, 0, -1);
  actors.remove(world, code);
  refreshClock(world, 1, -1);
  expect(earliest(world)).toBeNull();

  expect(add('disk')).toBe(code);
  refreshClock(world, 2, -1);

  expect([dueOf(world, code), causeOf(world, code)]).toEqual([80_000, 2]);
});

test('time stands still when a person chose an actor out of order', () => {
  const [disk, link] = [add('disk'), add('open')];
  refreshClock(world, 0, -1);

  move(1, disk);
  expect(now(world)).toBe(80_000);
  move(2, link);

  expect(now(world)).toBe(80_000);
});

test('hundreds of actors each have their own due time', () => {
  const kinds = Array.from({ length: 600 }, (_, i) => (i % 7 === 0 ? 'disk' : i % 5 === 0 ? 'open' : 'code'));
  const ids = kinds.map((label) => add(label));
  refreshClock(world, 0, -1);

  expect(ids.map((id) => dueOf(world, id))).toEqual(
    kinds.map((label) => ({ disk: 80_000, open: 275, code: 20 })[label]),
  );
});

test('time passes 2^32 ns', () => {
  const id = spawn(world, 'reader', 'cpu', null).id;
  const events = Math.ceil(2 ** 32 / delayOf('disk')) + 1;
  for (let event = 1; event <= events; event++) {
    post(world, id, toy.at.disk({ left: 0 }));
    refreshClock(world, event, -1);
    move(event, id);
  }

  expect(now(world)).toBe(events * 80_000);
});

const actorKinds = fc.array(fc.record({ label: fc.constantFrom(...LABELS), left: fc.nat(6) }), {
  minLength: 1,
  maxLength: 30,
});

test('the clock moves only who can move, never back in time, and stops when nobody can', () => {
  fc.assert(
    fc.property(actorKinds, (kinds) => {
      world = createWorld(SCHEMA, RAM, 4);
      for (const { label, left } of kinds) add(label, left);
      refreshClock(world, 0, -1);
      let last = 0;
      let event = 0;
      for (let next = earliest(world); next !== null; next = earliest(world)) {
        expect(enabled(world)).toContainEqual(next);
        const due = dueOf(world, next.actor);
        expect(Math.min(...enabled(world).map(({ actor }) => dueOf(world, actor)))).toBe(due);
        move(++event, next.actor);
        expect(now(world)).toBe(Math.max(last, due));
        last = now(world);
      }
      expect(enabled(world)).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

const clockView = () => [now(world), ...actors.all(world).flatMap(({ id }) => [dueOf(world, id), causeOf(world, id)])];

test('the clock comes back with every step back and goes on with every step forward', () => {
  fc.assert(
    fc.property(actorKinds, (kinds) => {
      world = createWorld(SCHEMA, RAM, 4);
      for (const { label, left } of kinds.slice(0, 12)) add(label, left);
      refreshClock(world, 0, -1);
      const journal = startJournal(world);
      const views = [clockView()];
      for (let next = earliest(world); next !== null; next = earliest(world)) {
        move(journal.at + 1, next.actor);
        views.push(clockView());
      }
      for (let at = journal.at; at > 0; at--) {
        expect(clockView()).toEqual(views[at]);
        world.back();
      }
      for (const view of views) {
        expect(clockView()).toEqual(view);
        if (journal.at < journal.steps) world.forward();
      }
    }),
  );
});

test('a branch that is run goes through the same moves, times and fingerprints', () => {
  fc.assert(
    fc.property(actorKinds, fc.nat(20), (kinds, before) => {
      world = createWorld(SCHEMA, RAM, 4);
      for (const { label, left } of kinds.slice(0, 12)) add(label, left);
      refreshClock(world, 0, -1);
      runToEnd(before);
      const [parent, child] = [world, branch(world)];

      const parentOrder = runToEnd();
      const parentClock = clockView();
      world = child;
      const childOrder = runToEnd();

      expect([childOrder, clockView()]).toEqual([parentOrder, parentClock]);
      expect(child.fingerprint()).toEqual(parent.fingerprint());
    }),
  );
});

test('worlds that differ in time alone are one', () => {
  add('code');
  const before = world.fingerprint();
  refreshClock(world, 0, -1);
  advanceTo(world, 0);

  expect(now(world)).toBe(20);
  expect(world.fingerprint()).toEqual(before);
  expect(recount(world)).toEqual(before);
});

test('each cost is a length of time that tells its source', () => {
  for (const [cost, { ns, source }] of Object.entries(COSTS)) {
    expect([cost, ns > 0 && Number.isInteger(ns)]).toEqual([cost, true]);
    expect(source).toMatch(/^assumption: |, \d{4}/);
    expect(delayOf(cost as keyof typeof COSTS)).toBe(ns);
  }
});
