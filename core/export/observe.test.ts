import { expect, test } from 'vitest';
import { devices } from '../devices/device.ts';
import { cpus } from '../hardware/cpus.ts';
import { geometries } from '../hardware/geometry.ts';
import { smmus } from '../hardware/smmuv3/smmu.ts';
import { at, createMachine, type Machine, move, seek, startRecording } from '../machine/machine.ts';
import { wire } from '../machine/wiring.ts';
import { actors, spawn } from '../sim/actor.ts';
import { createLock, isFree, locks, release, take } from '../sim/lock.ts';
import { done, procedure, step } from '../sim/procedure.ts';
import { writesAs } from '../sim/telling.ts';
import { createWorld, schemaOf } from '../world/table.ts';
import { observe } from './observe.ts';

writesAs('sought', (world, id) => locks.get(world, id).name);

const lockInTurn = procedure('lock_in_turn', 'self', { one: ['first', 'sought'], two: ['first', 'sought'] }, (go) => ({
  one: step('takes the first', { when: (w, { first }) => isFree(w, first), wait: 'sleep' }, (w, { first, sought }) => {
    take(w, first);
    return go.two({ first, sought });
  }),
  two: step('takes both', { when: (w, { sought }) => isFree(w, sought), awaits: '{sought}' }, (w, { first }) => {
    release(w, first);
    return done();
  }),
}));

/** Two threads and two locks that they take in opposite orders, or in the same one. */
function pair(opposite: boolean): { machine: Machine; one: number; two: number } {
  const world = createWorld(schemaOf([actors, locks, smmus, devices, geometries, cpus]), 0, 4);
  wire();
  const machine = createMachine(world, false);
  const [a, b] = [createLock(world, 'a', 'mutex'), createLock(world, 'b', 'mutex')];
  const one = spawn(world, 'one', 'one', lockInTurn.at.one({ first: a, sought: b })).id;
  const [first, sought] = opposite ? [b, a] : [a, b];
  const two = spawn(world, 'two', 'two', lockInTurn.at.one({ first, sought })).id;
  startRecording(machine);
  return { machine, one, two };
}

/** Moves the actors in this order, and observes what came of it. */
function observed({ machine }: { machine: Machine }, ...order: number[]) {
  for (const actor of order) move(machine, { actor, choice: 0 });
  return observe(
    machine,
    order.map((actor, index) => ({ event: index + 1, actor })),
  );
}

test('a lock is told as the kernel writes it, when it is taken and when it is given back', () => {
  const { machine, one, two } = pair(false);

  const { moves } = observed({ machine }, one, one, two);

  expect([...moves].map(([event, moved]) => [event, moved.map(({ text }) => text).join()])).toEqual([
    [1, 'mutex_lock(&a)'],
    [2, 'mutex_unlock(&a)'],
    [3, 'mutex_lock(&a)'],
  ]);
});

test('who waits is told from then on until it goes on, with who holds the lock; the machine stays where it was', () => {
  const { machine, one, two } = pair(true);
  for (const actor of [two, one]) move(machine, { actor, choice: 0 });
  seek(machine, 2);

  const { waits, stuck } = observe(machine, [
    { event: 1, actor: two },
    { event: 2, actor: one },
  ]);

  expect(waits).toEqual([
    { actor: one, from: 2, until: null, text: 'waits for b, held by two' },
    { actor: two, from: 2, until: null, text: 'waits for a, held by one' },
  ]);
  expect(stuck).toBe(true);
  expect(at(machine)).toBe(2);
});

test('a wait that ends is none that is stuck', () => {
  const { machine, one, two } = pair(false);

  const { waits, stuck } = observed({ machine }, one, one, two);

  expect(waits.map(({ actor, from, until }) => ({ actor, from, until }))).toEqual([{ actor: two, from: 1, until: 3 }]);
  expect(stuck).toBe(false);
});
