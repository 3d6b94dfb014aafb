import { assert } from '../lib/assert.ts';
import { hex } from '../lib/format.ts';
import { ok, type Result } from '../lib/result.ts';
import { createLock, removeLock } from '../sim/lock.ts';
import { writesAs } from '../sim/telling.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { allocateFrame, putFrame } from './frame.ts';

/** An address space. */
export interface Mm extends Row {
  readonly name: string;
  /** Page of the root table. */
  readonly pgd: number;
  /** Tag of its entries in TLBs, 1 to 65,535; 0 before it has run. See asid.ts. */
  readonly asid: number;
  /** 1 while the ASID is of the current generation: without, it may have become another's. */
  readonly current: number;
  /** Who needs the ASID to survive rollovers. */
  readonly pinned: number;
  /** mm_users: who uses the memory; without any it is torn down. */
  readonly users: number;
  /** mm_count: who holds the row, all users together being one; without any it goes. */
  readonly count: number;
  /** Ids of its locks. */
  readonly mmapLock: number;
  readonly pageTableLock: number;
  /** Who wants to be told of changes (notifier.ts). */
  readonly notifiers: number;
  readonly state: 'live' | 'exiting' | 'dead';
  /** mm->iommu_mm->pasid, where a PASID lives as long as this row: 0 before the first bind. */
  readonly pasid: number;
}

export const mms = table<Mm>(
  'mm',
  {
    ...{ name: 'name', pgd: 'int', asid: 'int', users: 'int', count: 'int', mmapLock: 'int', pageTableLock: 'int' },
    ...{ current: 'int', pinned: 'int' },
    ...{ notifiers: 'int', state: 'text', pasid: 'int' },
  },
  (id, r) => ({
    ...{ id, h0: 0, h1: 0, name: r.name, pgd: r.pgd, asid: r.asid, users: r.users, count: r.count },
    ...{ current: r.current, pinned: r.pinned },
    ...{ mmapLock: r.mmapLock, pageTableLock: r.pageTableLock, notifiers: r.notifiers, state: r.state, pasid: r.pasid },
  }),
);

writesAs('mm', (world, mm) => mms.find(world, mm)?.name ?? 'a freed mm');
writesAs('pgd', (_world, pgd) => `0x${hex(pgd)}`);

/** An empty address space with one user; the name is its process's. Kernel: mm_alloc. */
export function allocateMm(world: World, name: string): Result<number, 'ENOMEM'> {
  const pgd = allocateFrame(world, 'table', lowestFreeId(world));
  if (!pgd.ok) return pgd;
  const mm = mms.insert(world, {
    ...{ name, pgd: pgd.value, asid: 0, current: 0, pinned: 0, users: 1, count: 1, notifiers: 0, state: 'live' },
    pasid: 0,
    mmapLock: createLock(world, `mmap_lock ${name}`, 'rwsem'),
    pageTableLock: createLock(world, `page_table_lock ${name}`, 'spin'),
  });
  return ok(mm.id);
}

function lowestFreeId(world: World): number {
  const free = mms.slots(world).indexOf(undefined);
  return free < 0 ? mms.slots(world).length : free;
}

/** One more user of the memory, by someone who is one already. */
export function mmget(world: World, mm: number): void {
  assert(mms.get(world, mm).users > 0, 'an mm with users gets another');
  mms.edit(world, mm, (row) => {
    row.users += 1;
  });
}

/** One more user of the memory unless the last one has gone: false then. */
export function mmgetNotZero(world: World, mm: number): boolean {
  if (mms.get(world, mm).users === 0) return false;
  mmget(world, mm);
  return true;
}

/** Keeps the row, not the memory. */
export function mmgrab(world: World, mm: number): void {
  mms.edit(world, mm, (row) => {
    row.count += 1;
  });
}

/** Drops a reference to the row; the last one frees it and its root table. */
export function mmdrop(world: World, mm: number): void {
  const { count, pgd, mmapLock, pageTableLock, users } = mms.get(world, mm);
  if (count > 1) {
    mms.edit(world, mm, (row) => {
      row.count -= 1;
    });
    return;
  }
  assert(users === 0, 'an mm with users is not freed');
  putFrame(world, pgd);
  removeLock(world, mmapLock);
  removeLock(world, pageTableLock);
  mms.remove(world, mm);
}
