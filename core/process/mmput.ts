import { flushTlbAsid } from '../hardware/cpu-mmu.ts';
import { type Actor, spawn } from '../sim/actor.ts';
import { call, done, type Next, procedure, step } from '../sim/procedure.ts';
import { reach, tell } from '../sim/telling.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { freeGathered, gather, zapRange } from './gather.ts';
import { mmdrop, mms } from './mm.ts';
import { underPageTableLock } from './mm-locks.ts';
import { hasNotifiers, mmReleased } from './notifier.ts';
import { nextUsed, unlinkTables } from './page-table.ts';
import { userPages, type Vma, vmas, vmasOf } from './vma.ts';

/** An mm whose last user went by mmput_async: a kernel worker tears it down. */
export interface PendingPut extends Row {
  readonly mm: number;
}

export const pendingPuts = table<PendingPut>('pendingPut', { mm: 'int' }, (id, r) => ({ id, h0: 0, h1: 0, mm: r.mm }));

/** Tears the memory of an mm down, after its last user has gone, and drops the users' reference to the row. */
const exitMmap = procedure(
  'exit_mmap',
  'mm',
  {
    release: ['mm'],
    unlink: ['mm'],
    unmap: ['mm', 'vma'],
    tables: ['mm'],
    flush: ['mm'],
    free: ['mm'],
    drop: ['mm'],
  },
  (go) => ({
    release: step(
      'begins to take the memory of {mm} down, and tells the notifiers first',
      { cite: 'mm/mmap.c exit_mmap()' },
      (world, { mm }) => {
        mms.edit(world, mm, (row) => {
          row.state = 'exiting';
        });
        reach(world, 'exit.begun');
        if (hasNotifiers(world, mm)) return call(mmReleased.begin({ mm }), go.unlink({ mm }));
        return unmapNext(world, mm);
      },
    ),
    // From here on no change of this mm is told to anyone: so it must be unknown to every device by now.
    unlink: step(
      'forgets the notifiers of {mm}',
      { cite: 'mm/mmu_notifier.c __mmu_notifier_release()' },
      (world, { mm }) => {
        mms.edit(world, mm, (row) => {
          row.notifiers = 0;
        });
        return unmapNext(world, mm);
      },
    ),
    unmap: step(
      'clears the descriptors of {vma}: {cleared}',
      underPageTableLock({ cite: 'mm/memory.c unmap_vmas()', cost: 'access' }),
      (world, { mm, vma }) => {
        const { start, end } = vmas.get(world, vma);
        tell(world, { cleared: zapRange(world, mm, mms.get(world, mm).pgd, start, end) });
        return unmapNext(world, mm);
      },
    ),
    tables: step(
      'takes all page tables of {mm} but the root out of the tree: {tables}',
      underPageTableLock({ cite: 'mm/memory.c free_pgtables()' }),
      (world, { mm }) => {
        // Who held the lock may have put a swap entry where nothing was seen before.
        const vma = usedVma(world, mm);
        if (vma !== undefined) return go.unmap({ mm, vma: vma.id });
        const all = { start: 0, end: userPages(world), floor: 0, ceiling: userPages(world) };
        const unlinked = unlinkTables(world, mms.get(world, mm).pgd, all);
        for (const pfn of unlinked) gather(world, mm, pfn);
        tell(world, { tables: unlinked.length });
        return go.flush({ mm });
      },
    ),
    flush: step(
      'flushes all of {mm} from the TLBs of the CPUs, by its ASID',
      { cite: 'arch/arm64/include/asm/tlb.h tlb_flush()' },
      (world, { mm }) => {
        flushTlbAsid(world, mms.get(world, mm).asid);
        return go.free({ mm });
      },
    ),
    free: step(
      'drops the frames and VMAs of {mm}: {frames}',
      { cite: 'mm/memory.c tlb_finish_mmu()' },
      (world, { mm }) => {
        tell(world, { frames: freeGathered(world, mm) });
        for (const { id } of vmasOf(world, mm)) vmas.remove(world, id);
        return go.drop({ mm });
      },
    ),
    drop: step(
      'drops the reference that all users together had to {mm}',
      { cite: 'kernel/fork.c __mmput()' },
      (world, { mm }) => {
        mms.edit(world, mm, (row) => {
          row.state = 'dead';
        });
        mmdrop(world, mm);
        return done();
      },
    ),
  }),
);

/** The next VMA that has a page in memory, else the tables. */
function unmapNext(world: World, mm: number): Next {
  const vma = usedVma(world, mm);
  return vma === undefined ? exitMmap.at.tables({ mm }) : exitMmap.at.unmap({ mm, vma: vma.id });
}

function usedVma(world: World, mm: number): Vma | undefined {
  const { pgd } = mms.get(world, mm);
  return vmasOf(world, mm).find(({ start, end }) => nextUsed(world, pgd, start, end) >= 0);
}

/** Drops a user of the memory; the last one tears it down, which may sleep. */
export const mmput = procedure('mmput', 'mm', { put: ['mm'], torn: [] }, (go) => ({
  put: step('drops a user of {mm}', { cite: 'kernel/fork.c mmput()' }, (world, { mm }) =>
    dropUser(world, mm) > 0 ? done() : call(exitMmap.at.release({ mm }), go.torn({})),
  ),
  torn: step('is done with the memory', { cite: 'kernel/fork.c mmput()' }, () => done()),
}));

/** Drops a user of the memory where one may not sleep, or be waited for: a worker tears it down. */
export const mmputAsync = procedure('mmput_async', 'mm', { put: ['mm'] }, () => ({
  put: step(
    'drops a user of {mm}, and leaves the rest to a worker',
    { cite: 'kernel/fork.c mmput_async()' },
    (world, { mm }) => {
      if (dropUser(world, mm) === 0) pendingPuts.insert(world, { mm });
      return done();
    },
  ),
}));

function dropUser(world: World, mm: number): number {
  return mms.edit(world, mm, (row) => {
    row.users -= 1;
  }).users;
}

/** The kernel worker behind mmput_async: an endless loop. */
const mmReaper = procedure('mmput_async_fn', 'self', { wait: [] }, (go) => ({
  wait: step(
    'begins to take down an mm without users',
    {
      when: (world) => pendingPuts.first(world, () => true) !== undefined,
      ...{ wait: 'sleep', awaits: 'an mm without users', cite: 'kernel/fork.c mmput_async_fn()', cost: 'wakeup' },
    },
    (world) => {
      const [{ id, mm } = { id: -1, mm: -1 }] = pendingPuts.all(world);
      pendingPuts.remove(world, id);
      return call(exitMmap.at.release({ mm }), go.wait({}));
    },
  ),
}));

/** Starts the worker; each machine has one. */
export function spawnMmReaper(world: World): Actor {
  return spawn(world, 'mm reaper', 'mm reaper', mmReaper.at.wait({}));
}
