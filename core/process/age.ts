import { flushTlbPage } from '../hardware/cpu-mmu.ts';
import { ERRNO } from '../lib/errno.ts';
import { release, take } from '../sim/lock.ts';
import { call, done, type Next, procedure, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { mms } from './mm.ts';
import { underPageTableLock } from './mm-locks.ts';
import { hasNotifiers, invalidateRange } from './notifier.ts';
import { isDirty, isPresent, isYoung, makeOld, nextPresent, readPte } from './page-table.ts';
import { userPages } from './vma.ts';

const HOLDING = { atomic: 'the page table lock is held' } as const;

/**
 * Forgets that pages from `start` up to, not including, `end` were used (clear_flush_young), and with `clean` 1 that
 * they were written (as MADV_FREE does): the next use shows. Returns how many were young, or -EINVAL.
 */
export const agePages = procedure(
  'page_idle_clear_pte_refs',
  'mm',
  {
    begin: ['mm', 'start', 'end', 'clean'],
    clear: ['mm', 'end', 'clean', 'page', 'young'],
    flush: ['mm', 'end', 'clean', 'page', 'young'],
    notify: ['mm', 'end', 'clean', 'page', 'young'],
    unlock: ['mm', 'end', 'clean', 'page', 'young'],
  },
  (go) => ({
    begin: step(
      'looks for pages in memory from {start} to {end}',
      { cite: 'mm/page_idle.c page_idle_bitmap_write()', cost: 'syscall' },
      (world, { mm, start, end, clean }) => {
        if (start < 0 || start >= end || end > userPages(world)) return done(-ERRNO.EINVAL);
        return next(world, { mm, end, clean, page: start - 1, young: 0 });
      },
    ),
    clear: step(
      'clears {what} in the descriptor of {page}, which was {age}',
      underPageTableLock({ cite: 'mm/rmap.c ptep_clear_young_notify()', cost: 'access', chapter: 'Invalidate' }),
      (world, locals) => {
        const { mm, page, clean, young } = locals;
        const { pgd, pageTableLock } = mms.get(world, mm);
        const pte = readPte(world, pgd, page);
        // Reclaim may have taken the page since it was found: a swap entry is neither young nor old.
        if (!isPresent(pte)) {
          tell(world, { what: 'nothing', age: 'taken away meanwhile' });
          return next(world, locals);
        }
        const wasDirty = isDirty(pte) ? ' and dirty' : '';
        tell(world, {
          what: clean === 1 ? 'access flag and dirty state' : 'the access flag',
          age: `${isYoung(pte) ? 'young' : 'old'}${clean === 1 ? wasDirty : ''}`,
        });
        take(world, pageTableLock);
        makeOld(world, pgd, page, clean === 1);
        return go.flush({ ...locals, young: young + (isYoung(pte) ? 1 : 0) });
      },
    ),
    flush: step(
      'flushes {page} from the TLBs of the CPUs, which may not fill it again without the flag',
      { ...HOLDING, cite: 'mm/pgtable-generic.c ptep_clear_flush_young()' },
      (world, locals) => {
        const { mm, page } = locals;
        flushTlbPage(world, mms.get(world, mm).asid, page);
        return hasNotifiers(world, mm) ? go.notify(locals) : go.unlock(locals);
      },
    ),
    notify: step(
      'tells the notifiers that {page} is to be old: nothing may keep it cached',
      { ...HOLDING, cite: 'RFCv2 04/36 clear_flush_young()' },
      (_world, locals) =>
        call(invalidateRange.begin({ mm: locals.mm, start: locals.page, end: locals.page + 1 }), go.unlock(locals)),
    ),
    unlock: step('releases the page table lock', { cite: 'mm/rmap.c page_vma_mapped_walk_done()' }, (world, locals) => {
      release(world, mms.get(world, locals.mm).pageTableLock);
      return next(world, locals);
    }),
  }),
);

interface Aging {
  readonly mm: number;
  readonly end: number;
  readonly clean: number;
  readonly page: number;
  readonly young: number;
}

/** The next page that is in memory, else how many were young. */
function next(world: World, locals: Aging): Next {
  const { mm, page, end, young } = locals;
  const found = nextPresent(world, mms.get(world, mm).pgd, page + 1, end);
  return found < 0 ? done(young) : agePages.at.clear({ ...locals, page: found });
}
