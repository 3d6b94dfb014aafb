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
const ASIDS = globalLock('arm_smmu_asid_lock', 'mutex');
let world: World;

beforeEach(() => {
  world = createWorld(SCHEMA, 0, 4);
  createGlobalLocks(world, [GROUP, ASIDS]);
});

const lockBoth = procedure('lock_both', 'self', { outer: ['first', 'second'], inner: ['first', 'second'] }, (go) => ({
  outer: step(
    'takes the outer',
    { when: (w, { first }) => isFree(w, first), wait: 'sleep' },
    (w, { first, second }) => {
      take(w, first);
      return go.inner({ first, second });
    },
  ),
  inner: step(
    'takes the inner',
    { when: (w, { second }) => isFree(w, second), wait: 'sleep' },
    (w, { first, second }) => {
      take(w, second);
      release(w, second);
      release(w, first);
      return done();
    },
  ),
}));

const readOne = procedure('read_one', 'self', { read: ['lock'] }, () => ({
  read: step('reads', {}, (w, { lock }) => {
    takeRead(w, lock);
    return done();
  }),
}));

test('a lock is held by the actor that took it, and by nobody else', () => {
  const { id } = spawn(world, 'a', 'cpu', lockBoth.at.outer({ first: GROUP.id, second: ASIDS.id }));
  perform(world, id);

  expect(locks.get(world, GROUP.id)).toMatchObject({ owner: id, kind: 'mutex' });
  expect([free(GROUP)(world), free(ASIDS)(world)]).toEqual([false, true]);
  expect(() => take(world, GROUP.id)).toThrow('a lock is taken when it is free');
  expect(() => release(world, GROUP.id)).toThrow('a lock is released by its owner');
  perform(world, id);
  expect(free(GROUP)(world)).toBe(true);
});

test('two actors that take two locks in opposite orders end in a deadlock that is there to see', () => {
  const one = spawn(world, 'one', 'cpu', lockBoth.at.outer({ first: GROUP.id, second: ASIDS.id }));
  const two = spawn(world, 'two', 'cpu', lockBoth.at.outer({ first: ASIDS.id, second: GROUP.id }));

  perform(world, one.id);
  perform(world, two.id);

  expect(enabled(world)).toEqual([]);
  expect([GROUP, ASIDS].map(({ id }) => locks.get(world, id).owner)).toEqual([one.id, two.id]);
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
  const ids = [GROUP.id, ASIDS.id];
  const other = createWorld(SCHEMA, 0, 4);
  createGlobalLocks(other, [GROUP, ASIDS]);

  expect([GROUP.id, ASIDS.id]).toEqual(ids);
  expect(locks.all(other)).toEqual(locks.all(world));
});

test('who says that it sleeps for a spinlock, or reads a lock without saying that it may sleep, is found out', () => {
  const spinlock = createLock(world, 'page_table_lock', 'spin');
  const sleeper = spawn(world, 'sleeper', 'cpu', lockBoth.at.outer({ first: spinlock, second: ASIDS.id }));
  const reader = spawn(world, 'reader', 'cpu', readOne.at.read({ lock: createLock(world, 'mmap_lock', 'rwsem') }));

  expect(() => perform(world, sleeper.id)).toThrow('who takes a spinlock spins for it');
  expect(() => perform(world, reader.id)).toThrow('who reads an rwsem sleeps for it');
});
