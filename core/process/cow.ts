import { flushTlbPage } from '../hardware/cpu-mmu.ts';
import { release, take } from '../sim/lock.ts';
import { call, fail, procedure, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import { copyPage } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { raced, resolved } from './fault-result.ts';
import { allocateFrame, getFrame, putFrame } from './frame.ts';
import { mms } from './mm.ts';
import { underPageTableLock } from './mm-locks.ts';
import { hasNotifiers, invalidateRange } from './notifier.ts';
import {
  clearPte,
  isPresent,
  isValid,
  isWritable,
  makeWritable,
  type Pte,
  pfnOf,
  pteFor,
  readPte,
  setPte,
} from './page-table.ts';
import { adopt, deleteFromSwapCache, isExclusive, putPage, slotCaching } from './swap.ts';
import { vmas } from './vma.ts';

const HOLDING = { atomic: 'the page table lock is held' } as const;

/**
 * A write met a read-only descriptor in a writable VMA. The page lock of the tables is held from the change of the
 * descriptor until everyone was told, as around ptep_clear_flush_notify() in the kernel of 2017. Returns as handle_mm_fault().
 */
export const doWpPage = procedure(
  'do_wp_page',
  'mm',
  {
    look: ['mm', 'page', 'vma'],
    reuse: ['mm', 'page', 'vma', 'old'],
    reuseFlush: ['mm', 'page'],
    reuseNotify: ['mm', 'page'],
    unlock: ['mm', 'page'],
    copy: ['mm', 'page', 'vma', 'old'],
    clear: ['mm', 'page', 'vma', 'old', 'pfn'],
    flush: ['mm', 'page', 'vma', 'old', 'pfn'],
    notify: ['mm', 'page', 'vma', 'old', 'pfn'],
    set: ['mm', 'page', 'vma', 'old', 'pfn'],
  },
  (go) => ({
    look: step(
      'looks whether anybody else has the frame of {page}',
      underPageTableLock({ cite: 'mm/memory.c do_wp_page()', cost: 'access' }),
      (world, { mm, page, vma }) => {
        const pte = readPte(world, mms.get(world, mm).pgd, page);
        if (!isPresent(pte) || isWritable(pte)) return raced(world, mm, page);
        const old = pfnOf(pte);
        if (mayReuse(world, vma, old)) return go.reuse({ mm, page, vma, old });
        getFrame(world, old);
        return go.copy({ mm, page, vma, old });
      },
    ),
    reuse: step(
      'makes the descriptor of {page} writable: nobody else has the frame',
      underPageTableLock({ cite: 'mm/memory.c wp_page_reuse()' }),
      (world, { mm, page, vma, old }) => {
        const { pgd, pageTableLock } = mms.get(world, mm);
        if (!isSame(readPte(world, pgd, page), old) || !mayReuse(world, vma, old)) return raced(world, mm, page);
        take(world, pageTableLock);
        const slot = slotCaching(world, old);
        if (slot !== undefined) deleteFromSwapCache(world, slot);
        makeWritable(world, pgd, page);
        adopt(world, old, mm);
        return go.reuseFlush({ mm, page });
      },
    ),
    // A TLB may keep the read-only entry for ever, and so may an IOTLB: both are told (kernel commit 6bbd42e2df8f).
    reuseFlush: step(
      'flushes {page} from the TLBs of the CPUs, which may hold it read-only',
      { ...HOLDING, cite: 'arch/arm64/mm/fault.c ptep_set_access_flags()' },
      (world, { mm, page }) => {
        const { asid, pageTableLock } = mms.get(world, mm);
        flushTlbPage(world, asid, page);
        if (hasNotifiers(world, mm)) return go.reuseNotify({ mm, page });
        release(world, pageTableLock);
        return resolved(world, mm, page);
      },
    ),
    reuseNotify: step(
      'tells the notifiers that {page} has changed',
      { ...HOLDING, cite: 'mm/mmu_notifier.c __mmu_notifier_invalidate_range()' },
      (_world, { mm, page }) =>
        call(invalidateRange.begin({ mm, start: page, end: page + 1 }), go.unlock({ mm, page })),
    ),
    unlock: step('releases the page table lock', { cite: 'mm/memory.c wp_page_reuse()' }, (world, { mm, page }) => {
      release(world, mms.get(world, mm).pageTableLock);
      return resolved(world, mm, page);
    }),
    copy: step(
      'copies {old} into a page of its own: {pfn}',
      { cite: 'mm/memory.c wp_page_copy()', cost: 'fault' },
      (world, { mm, page, vma, old }) => {
        const frame = allocateFrame(world, 'anon', mm);
        tell(world, { pfn: frame.ok ? frame.value : 'out of memory' });
        if (!frame.ok) {
          putPage(world, old);
          return fail(frame.error);
        }
        copyPage(world, old, frame.value);
        return go.clear({ mm, page, vma, old, pfn: frame.value });
      },
    ),
    clear: step(
      'clears the descriptor of {page}, if it is still the same',
      underPageTableLock({ cite: 'mm/memory.c wp_page_copy()' }),
      (world, locals) => {
        const { mm, page, old, pfn } = locals;
        const { pgd, pageTableLock } = mms.get(world, mm);
        if (!isSame(readPte(world, pgd, page), old)) {
          putPage(world, old);
          putFrame(world, pfn);
          return raced(world, mm, page);
        }
        take(world, pageTableLock);
        clearPte(world, pgd, page);
        return go.flush(locals);
      },
    ),
    flush: step(
      'flushes {page} from the TLBs of the CPUs',
      { ...HOLDING, cite: 'mm/pgtable-generic.c ptep_clear_flush()' },
      (world, locals) => {
        flushTlbPage(world, mms.get(world, locals.mm).asid, locals.page);
        return hasNotifiers(world, locals.mm) ? go.notify(locals) : go.set(locals);
      },
    ),
    notify: step(
      'tells the notifiers that {page} has changed',
      { ...HOLDING, cite: 'mm/mmu_notifier.c __mmu_notifier_invalidate_range()' },
      (_world, locals) => {
        const { mm, page } = locals;
        return call(invalidateRange.begin({ mm, start: page, end: page + 1 }), go.set(locals));
      },
    ),
    set: step(
      'installs a descriptor for {page} with the copy {pfn}, and drops {old}',
      { ...HOLDING, cite: 'mm/memory.c wp_page_copy()' },
      (world, { mm, page, vma, old, pfn }) => {
        const { pgd, pageTableLock } = mms.get(world, mm);
        setPte(world, pgd, page, pteFor(world, pfn, vmas.get(world, vma), true));
        release(world, pageTableLock);
        // Two references: the mapping's, and the one that kept it while it was copied.
        putPage(world, old);
        putPage(world, old);
        return resolved(world, mm, page);
      },
    ),
  }),
);

/** The mapping is shared, or it is all there is of the page. */
function mayReuse(world: World, vma: number, pfn: number): boolean {
  return vmas.get(world, vma).shared === 1 || isExclusive(world, pfn);
}

/** The descriptor is still the read-only one that the fault saw. Kernel: pte_same. */
function isSame(pte: Pte, pfn: number): boolean {
  return isValid(pte) && !isWritable(pte) && pfnOf(pte) === pfn;
}
