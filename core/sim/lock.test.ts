import { beforeEach, expect, test } from 'vitest';
import { createWorld, schemaOf } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { actors, enabled, perform, spawn } from './actor.ts';
import {
  canRead,
  createGlobalLocks,
  createLock,
  free,
  globalLock,
  isFree,
  locks,
  release,
  releaseRead,
  take,
  takeRead,
} from './lock.ts';
import { done, procedure, step } from './procedure.ts';

const SCHEMA = schemaOf([actors, locks]);
const GROUP = globalLock('group->mutex', 'mutex');
const PASIDS = globalLock('iommu_process_lock', 'spin');
let world: World;

beforeEach(() => {
  world = createWorld(SCHEMA, 0, 4);
  createGlobalLocks(world, [GROUP, PASIDS]);
});

const lockBoth = procedure('lock_both', 'self', { outer: ['first', 'second'], inner: ['first', 'second'] }, (go) => ({
  outer: step('takes the outer', { when: (w, { first }) => isFree(w, first) }, (w, { first, second }) => {
    take(w, first);
    return go.inner({ first, second });
  }),
  inner: step('takes the inner', { when: (w, { second }) => isFree(w, second) }, (w, { first, second }) => {
    take(w, second);
    release(w, second);
    release(w, first);
    return done();
  }),
}));

test('a lock is held by the actor that took it, and by nobody else', () => {
  const { id } = spawn(world, 'a', 'cpu', lockBoth.at.outer({ first: GROUP.id, second: PASIDS.id }));
  perform(world, id);

  expect(locks.get(world, GROUP.id)).toMatchObject({ owner: id, kind: 'mutex' });
  expect([free(GROUP)(world), free(PASIDS)(world)]).toEqual([false, true]);
  expect(() => take(world, GROUP.id)).toThrow('a lock is taken when it is free');
  expect(() => release(world, GROUP.id)).toThrow('a lock is released by its owner');
  perform(world, id);
  expect(free(GROUP)(world)).toBe(true);
});

test('two actors that take two locks in opposite orders end in a deadlock that is there to see', () => {
  const one = spawn(world, 'one', 'cpu', lockBoth.at.outer({ first: GROUP.id, second: PASIDS.id }));
  const two = spawn(world, 'two', 'cpu', lockBoth.at.outer({ first: PASIDS.id, second: GROUP.id }));

  perform(world, one.id);
  perform(world, two.id);

  expect(enabled(world)).toEqual([]);
  expect([GROUP, PASIDS].map(({ id }) => locks.get(world, id).owner)).toEqual([one.id, two.id]);
});

test('readers share a lock and keep writers out; a writer keeps readers out', () => {
  const mmap = createLock(world, 'mmap_lock', 'rwsem');
  takeRead(world, mmap);
  takeRead(world, mmap);
  expect([canRead(world, mmap), isFree(world, mmap)]).toEqual([true, false]);
  releaseRead(world, mmap);
  releaseRead(world, mmap);
  expect(isFree(world, mmap)).toBe(true);
  expect(() => releaseRead(world, mmap)).toThrow('a lock has a reader to release it');

  world.acting = 3;
  take(world, mmap);

  expect(canRead(world, mmap)).toBe(false);
  expect(() => takeRead(world, mmap)).toThrow('no writer holds it');
});

test('the locks of every machine are created in the same order', () => {
  const ids = [GROUP.id, PASIDS.id];
  const other = createWorld(SCHEMA, 0, 4);
  createGlobalLocks(other, [GROUP, PASIDS]);

  expect([GROUP.id, PASIDS.id]).toEqual(ids);
  expect(locks.all(other)).toEqual(locks.all(world));
});
