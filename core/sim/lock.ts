import { assert } from '../lib/assert.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { actors } from './actor.ts';
import { stepOf } from './procedure.ts';

/** A lock is a row with an owner, so a deadlock is something to see. */
export interface Lock extends Row {
  readonly name: string;
  /** spin: its holder may not sleep; mutex and rwsem: it may. */
  readonly kind: 'spin' | 'mutex' | 'rwsem';
  /** The actor that holds it for itself, -1 for none. */
  readonly owner: number;
  /** Holders that share it for reading. */
  readonly readers: number;
}

export const locks = table<Lock>('lock', { name: 'name', kind: 'text', owner: 'int', readers: 'int' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  name: r.name,
  kind: r.kind,
  owner: r.owner,
  readers: r.readers,
}));

/** A lock that every machine has one of; machine/ gives it its row. */
export interface GlobalLock {
  readonly name: string;
  readonly kind: Lock['kind'];
  id: number;
}

export function globalLock(name: string, kind: Lock['kind']): GlobalLock {
  return { name, kind, id: -1 };
}

/** Creates the rows of the machine's global locks, always in the order given. */
export function createGlobalLocks(world: World, list: readonly GlobalLock[]): void {
  for (const lock of list) lock.id = createLock(world, lock.name, lock.kind);
}

export function createLock(world: World, name: string, kind: Lock['kind']): number {
  return locks.insert(world, { name, kind, owner: -1, readers: 0 }).id;
}

/** Takes a lock away with what it protected. */
export function removeLock(world: World, id: number): void {
  assert(isFree(world, id), 'a lock that goes is free');
  locks.remove(world, id);
}

/** Nobody holds it, neither for itself nor for reading. */
export function isFree(world: World, id: number): boolean {
  const lock = locks.get(world, id);
  return lock.owner < 0 && lock.readers === 0;
}

/** Nobody holds it for itself: a reader may enter. */
export function canRead(world: World, id: number): boolean {
  return locks.get(world, id).owner < 0;
}

/** A guard: the global lock is free. */
export function free(lock: GlobalLock): (world: World) => boolean {
  return (world) => isFree(world, lock.id);
}

/** The actor whose step is being performed takes the lock. */
export function take(world: World, id: number): void {
  assert(isFree(world, id), 'a lock is taken when it is free');
  assert(waitsAsIts(world, id), 'who takes a spinlock spins for it, who takes a mutex sleeps');
  locks.edit(world, id, (row) => {
    row.owner = world.acting;
  });
}

export function release(world: World, id: number): void {
  locks.edit(world, id, (row) => {
    assert(row.owner === world.acting, 'a lock is released by its owner');
    row.owner = -1;
  });
}

export function takeRead(world: World, id: number): void {
  assert(canRead(world, id), 'a lock is read when no writer holds it');
  assert(waitsAsIts(world, id), 'who reads an rwsem sleeps for it');
  locks.edit(world, id, (row) => {
    row.readers += 1;
  });
}

export function releaseRead(world: World, id: number): void {
  locks.edit(world, id, (row) => {
    assert(row.readers > 0, 'a lock has a reader to release it');
    row.readers -= 1;
  });
}

/** Whether the step that is being performed says of itself that it waits as one does for a lock of this kind. */
function waitsAsIts(world: World, id: number): boolean {
  const frame = actors.find(world, world.acting)?.frame ?? null;
  if (frame === null) return true;
  return stepOf(frame).notes.wait === (locks.get(world, id).kind === 'spin' ? 'spin' : 'sleep');
}
