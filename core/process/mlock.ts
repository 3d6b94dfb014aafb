/** What a program says about a range of its memory as a whole: mlock() and madvise(). */
import { ERRNO } from '../lib/errno.ts';
import { release, releaseRead, take, takeRead } from '../sim/lock.ts';
import { call, done, procedure, RESULT, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { Draft } from '../world/row.ts';
import type { World } from '../world/world.ts';
import { mms } from './mm.ts';
import { forReading, forWriting } from './mm-locks.ts';
import { lockedPages, MEMLOCK_LIMIT } from './pin.ts';
import { populate } from './populate.ts';
import { isCovered, isolate, mergeAround, userPages, type Vma, vmas } from './vma.ts';

/**
 * Locks the pages from `start` up to, not including, `end` into memory: they are made present, and reclaim leaves them
 * alone. Their frames may change all the same. Returns 0; -ENOMEM where memory is not mapped, beyond the limit, or out of
 * memory.
 */
export const doMlock = procedure(
  'do_mlock',
  'mm',
  {
    lock: ['mm', 'start', 'end'],
    flag: ['mm', 'start', 'end'],
    unlock: ['mm', 'start', 'end', 'result'],
    populate: ['mm', 'start', 'end'],
    back: ['mm', 'result'],
  },
  (go) => ({
    lock: step(
      'takes mmap_lock of {mm} for writing',
      forWriting({ cite: 'mm/mlock.c do_mlock()' }),
      (world, locals) => {
        take(world, mms.get(world, locals.mm).mmapLock);
        return go.flag(locals);
      },
    ),
    flag: step(
      'marks {start} to {end} in the VMAs as locked',
      { atomic: 'mmap_lock is held for writing', cite: 'mm/mlock.c apply_vma_lock_flags()' },
      (world, { mm, start, end }) => {
        const isTooMuch = lockedPages(world, mm) + (end - start) > MEMLOCK_LIMIT;
        const errno = whyNotRange(world, mm, start, end) || (isTooMuch ? ERRNO.ENOMEM : 0);
        if (errno === 0) setFlag(world, mm, start, end, 'locked', 1);
        return go.unlock({ mm, start, end, result: 0 - errno });
      },
    ),
    unlock: step(
      'releases mmap_lock of {mm}',
      { cite: 'mm/mlock.c do_mlock()' },
      (world, { mm, start, end, result }) => {
        release(world, mms.get(world, mm).mmapLock);
        return result < 0 ? done(result) : go.populate({ mm, start, end });
      },
    ),
    populate: step(
      'takes mmap_lock of {mm} for reading, to have the pages faulted in',
      forReading({ cite: 'mm/gup.c __mm_populate()' }),
      (world, { mm, start, end }) => {
        takeRead(world, mms.get(world, mm).mmapLock);
        return call(populate.at.next({ mm, page: start, end }), go.back({ mm, result: RESULT }));
      },
    ),
    back: step('releases mmap_lock of {mm}', { cite: 'mm/gup.c __mm_populate()' }, (world, { mm, result }) => {
      releaseRead(world, mms.get(world, mm).mmapLock);
      return done(result < 0 ? -ERRNO.ENOMEM : 0);
    }),
  }),
);

/** MADV_DONTFORK (`on` 1) or MADV_DOFORK: whether fork() gives the range to a child. Returns 0, -EINVAL or -ENOMEM. */
export const doMadvise = procedure(
  'do_madvise',
  'mm',
  { lock: ['mm', 'start', 'end', 'on'], flag: ['mm', 'start', 'end', 'on'], unlock: ['mm', 'result'] },
  (go) => ({
    lock: step(
      'takes mmap_lock of {mm} for writing',
      forWriting({ cite: 'mm/madvise.c do_madvise()' }),
      (world, locals) => {
        take(world, mms.get(world, locals.mm).mmapLock);
        return go.flag(locals);
      },
    ),
    flag: step(
      'marks {start} to {end} in the VMAs as {what}',
      { atomic: 'mmap_lock is held for writing', cite: 'mm/madvise.c madvise_behavior()' },
      (world, { mm, start, end, on }) => {
        tell(world, { what: on === 1 ? 'not for children' : 'for children too' });
        const errno = whyNotRange(world, mm, start, end);
        if (errno === 0) setFlag(world, mm, start, end, 'dontfork', on);
        return go.unlock({ mm, result: 0 - errno });
      },
    ),
    unlock: step('releases mmap_lock of {mm}', { cite: 'mm/madvise.c do_madvise()' }, (world, { mm, result }) => {
      release(world, mms.get(world, mm).mmapLock);
      return done(result);
    }),
  }),
);

function whyNotRange(world: World, mm: number, start: number, end: number): number {
  if (start >= end || end > userPages(world)) return ERRNO.EINVAL;
  return isCovered(world, mm, start, end) ? 0 : ERRNO.ENOMEM;
}

function setFlag(world: World, mm: number, start: number, end: number, flag: 'locked' | 'dontfork', on: number): void {
  for (const { id } of isolate(world, mm, start, end)) {
    vmas.edit(world, id, (row: Draft<Vma>) => {
      row[flag] = on;
    });
  }
  mergeAround(world, mm, start, end);
}
