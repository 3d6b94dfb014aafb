import { flushTlbRange } from '../hardware/cpu-mmu.ts';
import { ERRNO } from '../lib/errno.ts';
import { release, take } from '../sim/lock.ts';
import { call, done, type Next, procedure, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { freeGathered, gather, hasGathered, zapPage } from './gather.ts';
import { mms } from './mm.ts';
import { forWriting, underPageTableLock } from './mm-locks.ts';
import { hasNotifiers, invalidateRange } from './notifier.ts';
import { nextUsed, unlinkTables } from './page-table.ts';
import { endBelow, isolate, startAbove, userPages, vmas } from './vma.ts';

const ZAP = { cite: 'mm/memory.c zap_pte_range()', cost: 'access' } as const;

/**
 * Unmaps the pages from `start` up to, not including, `end`. The order keeps memory safe from stale translations: the
 * descriptors, the TLBs of the CPUs, the notifiers, and only then the frames. Returns 0 or -EINVAL.
 */
export const doMunmap = procedure(
  'do_munmap',
  'mm',
  {
    lock: ['mm', 'start', 'end'],
    detach: ['mm', 'start', 'end'],
    zap: ['mm', 'start', 'end', 'page'],
    more: ['mm', 'start', 'end', 'page'],
    tables: ['mm', 'start', 'end'],
    flush: ['mm', 'start', 'end'],
    notify: ['mm', 'start', 'end'],
    free: ['mm'],
    unlock: ['mm', 'result'],
  },
  (go) => ({
    lock: step(
      'takes mmap_lock of {mm} for writing',
      forWriting({ cite: 'mm/mmap.c vm_munmap()' }),
      (world, locals) => {
        take(world, mms.get(world, locals.mm).mmapLock);
        return go.detach(locals);
      },
    ),
    detach: step(
      'takes {start} to {end} out of the VMAs',
      underPageTableLock({ atomic: 'mmap_lock is held for writing', cite: 'mm/mmap.c detach_vmas_to_be_unmapped()' }),
      (world, { mm, start, end }) => {
        if (start < 0 || start >= end || end > userPages(world)) return go.unlock({ mm, result: -ERRNO.EINVAL });
        for (const { id } of isolate(world, mm, start, end)) vmas.remove(world, id);
        const page = nextUsed(world, mms.get(world, mm).pgd, start, end);
        return page < 0 ? go.tables({ mm, start, end }) : go.zap({ mm, start, end, page });
      },
    ),
    zap: step('clears the descriptor of {page}', underPageTableLock({ ...ZAP, chapter: 'Invalidate' }), zap),
    more: step('clears the descriptor of {page} too', underPageTableLock({ ...ZAP }), zap),
    tables: step(
      'takes page tables that map nothing any more out of the tree: {tables}',
      underPageTableLock({ cite: 'mm/memory.c free_pgtables()' }),
      (world, { mm, start, end }) => {
        const around = { floor: endBelow(world, mm, start), ceiling: startAbove(world, mm, end) };
        const unlinked = unlinkTables(world, mms.get(world, mm).pgd, { start, end, ...around });
        for (const pfn of unlinked) gather(world, mm, pfn);
        tell(world, { tables: unlinked.length });
        return hasGathered(world, mm) ? go.flush({ mm, start, end }) : go.unlock({ mm, result: 0 });
      },
    ),
    flush: step(
      'flushes {start} to {end} from the TLBs of the CPUs',
      { cite: 'mm/memory.c tlb_flush_mmu_tlbonly()' },
      (world, locals) => {
        const { mm, start, end } = locals;
        flushTlbRange(world, mms.get(world, mm).asid, start, end);
        return hasNotifiers(world, mm) ? go.notify(locals) : go.free({ mm });
      },
    ),
    notify: step(
      'tells the notifiers that {start} to {end} has changed',
      { cite: 'mm/memory.c tlb_flush_mmu_tlbonly()' },
      (_world, { mm, start, end }) => call(invalidateRange.begin({ mm, start, end }), go.free({ mm })),
    ),
    free: step(
      'drops the frames, which nobody can reach any more: {frames}',
      { cite: 'mm/memory.c tlb_flush_mmu_free()' },
      (world, { mm }) => {
        tell(world, { frames: freeGathered(world, mm) });
        return go.unlock({ mm, result: 0 });
      },
    ),
    unlock: step(
      'releases mmap_lock of {mm}',
      { cite: 'mm/mmap.c vm_munmap(), up_write()' },
      (world, { mm, result }) => {
        release(world, mms.get(world, mm).mmapLock);
        return done(result);
      },
    ),
  }),
);

interface Zap {
  readonly mm: number;
  readonly start: number;
  readonly end: number;
  readonly page: number;
}

function zap(world: World, { mm, start, end, page }: Zap): Next {
  const { pgd } = mms.get(world, mm);
  zapPage(world, mm, pgd, page);
  const next = nextUsed(world, pgd, page + 1, end);
  return next < 0 ? doMunmap.at.tables({ mm, start, end }) : doMunmap.at.more({ mm, start, end, page: next });
}
