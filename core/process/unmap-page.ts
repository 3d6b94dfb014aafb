import { flushTlbPage } from '../hardware/cpu-mmu.ts';
import { present } from '../lib/assert.ts';
import { isFree, release, take } from '../sim/lock.ts';
import { call, done, procedure, step } from '../sim/procedure.ts';
import { tell, writesAs } from '../sim/telling.ts';
import { mms } from './mm.ts';
import { hasNotifiers, invalidateRange } from './notifier.ts';
import { clearPte, isCleanWritable, isWritable, setPte } from './page-table.ts';
import { mappersOf } from './rmap.ts';
import { duplicateEntry, putPage, slotCaching } from './swap.ts';
import { migrationEntry, swapEntry } from './swap-entry.ts';

writesAs('mapper', (world, mm) => mms.find(world, mm)?.name ?? 'a freed mm');

const HOLDING = { atomic: 'the page table lock is held' } as const;

/**
 * Takes an anonymous page away from one who maps it: the descriptor, the TLBs of the CPUs, the notifiers; then the
 * descriptor says where the page will be: in its slot of the swap device, or (`migrate` 1) in another frame soon.
 */
export const tryToUnmapOne = procedure(
  'try_to_unmap_one',
  'mm',
  {
    clear: ['pfn', 'page', 'mapper', 'migrate'],
    flush: ['pfn', 'page', 'mapper', 'migrate', 'writable'],
    notify: ['pfn', 'page', 'mapper', 'migrate', 'writable'],
    set: ['pfn', 'page', 'mapper', 'migrate', 'writable'],
  },
  (go) => ({
    clear: step(
      'clears the descriptor of {page} in {mapper}',
      {
        when: (world, { mapper }) => {
          const mm = mms.find(world, mapper);
          return mm === undefined || isFree(world, mm.pageTableLock);
        },
        ...{ wait: 'spin', awaits: 'the page table lock of {mapper}', chapter: 'Invalidate', cost: 'access' },
        ...{ atomic: 'the page table lock', cite: 'mm/rmap.c try_to_unmap_one()' },
      },
      (world, locals) => {
        const { pfn, page, mapper } = locals;
        // It may have been unmapped while the lock was waited for.
        if (!mappersOf(world, pfn, page).some(({ id }) => id === mapper)) return done();
        const { pgd, pageTableLock } = mms.get(world, mapper);
        take(world, pageTableLock);
        const old = clearPte(world, pgd, page);
        return go.flush({ ...locals, writable: isWritable(old) || isCleanWritable(old) ? 1 : 0 });
      },
    ),
    flush: step(
      'flushes {page} of {mapper} from the TLBs of the CPUs',
      { ...HOLDING, cite: 'mm/pgtable-generic.c ptep_clear_flush()' },
      (world, locals) => {
        flushTlbPage(world, mms.get(world, locals.mapper).asid, locals.page);
        return hasNotifiers(world, locals.mapper) ? go.notify(locals) : go.set(locals);
      },
    ),
    notify: step(
      'tells the notifiers of {mapper} that {page} has changed',
      { ...HOLDING, cite: 'mm/mmu_notifier.c __mmu_notifier_invalidate_range()' },
      (_world, locals) => {
        const { mapper, page } = locals;
        return call(invalidateRange.begin({ mm: mapper, start: page, end: page + 1 }), go.set(locals));
      },
    ),
    set: step(
      'writes down in the descriptor of {page} where it will be: {place}',
      { ...HOLDING, cite: 'mm/rmap.c try_to_unmap_one()' },
      (world, { pfn, page, mapper, migrate, writable }) => {
        const { pgd, pageTableLock } = mms.get(world, mapper);
        tell(world, { place: 'in another frame' });
        if (migrate === 1) setPte(world, pgd, page, migrationEntry(world, pfn, writable === 1));
        else {
          const slot = present(slotCaching(world, pfn), 'a page that is swapped out has its place on the device').id;
          tell(world, { place: `in slot ${slot + 1} of the swap device` });
          setPte(world, pgd, page, swapEntry(world, slot));
          duplicateEntry(world, slot);
        }
        putPage(world, pfn);
        release(world, pageTableLock);
        return done();
      },
    ),
  }),
);
