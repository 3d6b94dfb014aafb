import { flushTlbRange } from '../hardware/cpu-mmu.ts';
import { present } from '../lib/assert.ts';
import { ERRNO } from '../lib/errno.ts';
import { release, take } from '../sim/lock.ts';
import { call, done, type Next, procedure, step } from '../sim/procedure.ts';
import type { World } from '../world/world.ts';
import { mms } from './mm.ts';
import { forWriting, underPageTableLock } from './mm-locks.ts';
import { hasNotifiers, invalidateRange } from './notifier.ts';
import { isPresent, nextPresent, pfnOf, pteFor, readPte, setPte } from './page-table.ts';
import { isCovered, isolate, mergeAround, PROT, userPages, vmaLookup, vmas } from './vma.ts';

const CHANGE = { cite: 'mm/mprotect.c change_pte_range()', cost: 'access' } as const;

/**
 * Changes the rights of the pages from `start` up to, not including, `end` to `prot` (of PROT). Returns 0, -EINVAL, or
 * -ENOMEM where something in the range is not mapped.
 */
export const doMprotect = procedure(
  'do_mprotect',
  'mm',
  {
    lock: ['mm', 'start', 'end', 'prot'],
    vmas: ['mm', 'start', 'end', 'prot'],
    change: ['mm', 'start', 'end', 'page'],
    more: ['mm', 'start', 'end', 'page'],
    flush: ['mm', 'start', 'end'],
    notify: ['mm', 'start', 'end'],
    unlock: ['mm', 'result'],
  },
  (go) => ({
    lock: step(
      'takes mmap_lock of {mm} for writing',
      forWriting({ cite: 'mm/mprotect.c do_mprotect_pkey()' }),
      (world, locals) => {
        take(world, mms.get(world, locals.mm).mmapLock);
        return go.vmas(locals);
      },
    ),
    vmas: step(
      'gives {start} to {end} other rights in the VMAs',
      underPageTableLock({ atomic: 'mmap_lock is held for writing', cite: 'mm/mprotect.c mprotect_fixup()' }),
      (world, { mm, start, end, prot }) => {
        if (start < 0 || start >= end || end > userPages(world)) return go.unlock({ mm, result: -ERRNO.EINVAL });
        if (!isCovered(world, mm, start, end)) return go.unlock({ mm, result: -ERRNO.ENOMEM });
        setRights(world, mm, start, end, prot);
        const page = nextPresent(world, mms.get(world, mm).pgd, start, end);
        return page < 0 ? go.unlock({ mm, result: 0 }) : go.change({ mm, start, end, page });
      },
    ),
    change: step(
      'changes the rights in the descriptor of {page}',
      underPageTableLock({ ...CHANGE, chapter: 'Invalidate' }),
      change,
    ),
    more: step('changes the rights in the descriptor of {page} too', underPageTableLock({ ...CHANGE }), change),
    flush: step(
      'flushes {start} to {end} from the TLBs of the CPUs',
      { cite: 'mm/mprotect.c change_protection_range()' },
      (world, locals) => {
        flushTlbRange(world, mms.get(world, locals.mm).asid, locals.start, locals.end);
        return hasNotifiers(world, locals.mm) ? go.notify(locals) : go.unlock({ mm: locals.mm, result: 0 });
      },
    ),
    notify: step(
      'tells the notifiers that {start} to {end} has changed',
      { cite: 'mm/mprotect.c change_pmd_range()' },
      (_world, { mm, start, end }) => call(invalidateRange.begin({ mm, start, end }), go.unlock({ mm, result: 0 })),
    ),
    unlock: step(
      'releases mmap_lock of {mm}',
      { cite: 'mm/mprotect.c do_mprotect_pkey()' },
      (world, { mm, result }) => {
        release(world, mms.get(world, mm).mmapLock);
        return done(result);
      },
    ),
  }),
);

function setRights(world: World, mm: number, start: number, end: number, prot: number): void {
  for (const { id } of isolate(world, mm, start, end)) {
    vmas.edit(world, id, (row) => {
      row.read = prot & PROT.read ? 1 : 0;
      row.write = prot & PROT.write ? 1 : 0;
      row.exec = prot & PROT.exec ? 1 : 0;
    });
  }
  mergeAround(world, mm, start, end);
}

/** The descriptor becomes read-only in any case: the next write shows whether somebody else has the frame. */
function changePte(world: World, mm: number, pgd: number, page: number): void {
  const vma = present(vmaLookup(world, mm, page), 'a range whose rights change is mapped');
  const old = readPte(world, pgd, page);
  // Reclaim may have taken the page since it was found: a swap entry has no rights.
  if (!isPresent(old)) return;
  setPte(world, pgd, page, pteFor(world, pfnOf(old), vma, false));
}

interface Change {
  readonly mm: number;
  readonly start: number;
  readonly end: number;
  readonly page: number;
}

function change(world: World, { mm, start, end, page }: Change): Next {
  const { pgd } = mms.get(world, mm);
  changePte(world, mm, pgd, page);
  const next = nextPresent(world, pgd, page + 1, end);
  return next < 0 ? doMprotect.at.flush({ mm, start, end }) : doMprotect.at.more({ mm, start, end, page: next });
}
