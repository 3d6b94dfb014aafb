import { ERRNO } from '../lib/errno.ts';
import { releaseRead, takeRead } from '../sim/lock.ts';
import { call, done, fail, procedure, RESULT, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { getFrame } from './frame.ts';
import { mmdrop, mmgrab, mms } from './mm.ts';
import { forReading, underPageTableLock } from './mm-locks.ts';
import { pfnOf, readPte } from './page-table.ts';
import { type Pin, pins } from './pins.ts';
import { firstMissing, isUsable, populate } from './populate.ts';
import { putPage } from './swap.ts';
import { isCovered, userPages, vmaLookup, vmasOf } from './vma.ts';

/** Pages that a process may lock or pin: RLIMIT_MEMLOCK, 64 KiB until v5.16. */
export const MEMLOCK_LIMIT = 16;

/** Pages of an mm that count against its limit: mlocked or pinned, once each time. Kernel: locked_vm. */
export function lockedPages(world: World, mm: number): number {
  const mlocked = vmasOf(world, mm).reduce((sum, vma) => sum + vma.locked * (vma.end - vma.start), 0);
  return mlocked + pins.all(world).filter((pin) => pin.mm === mm).length;
}

/**
 * Pins the pages from `start` up to, not including, `end` for as long as somebody likes: each is made present and
 * writable, and gets a reference. `device` is the one whose driver asks for itself, -1 where the process asks. Returns
 * how many pages it pinned; -EFAULT where memory is not mapped or not to be used, -ENOMEM beyond the limit.
 */
export const pinUserPages = procedure(
  'get_user_pages_longterm',
  'mm',
  {
    lock: ['mm', 'start', 'end', 'device'],
    check: ['mm', 'start', 'end', 'device'],
    take: ['mm', 'start', 'end', 'device', 'result'],
    unlock: ['mm', 'result'],
  },
  (go) => ({
    lock: step(
      'takes mmap_lock of {mm} for reading',
      forReading({ cite: 'mm/gup.c get_user_pages_longterm()' }),
      (world, locals) => {
        takeRead(world, mms.get(world, locals.mm).mmapLock);
        return go.check(locals);
      },
    ),
    check: step(
      'looks whether {mm} may pin {start} to {end}: {verdict}',
      { atomic: 'mmap_lock is held', cite: 'mm/util.c account_locked_vm()' },
      (world, { mm, start, end, device }) => {
        const errno = whyNotPin(world, mm, start, end);
        tell(world, { verdict: errno === 0 ? 'it may' : 'it may not' });
        if (errno !== 0) return go.unlock({ mm, result: -errno });
        return call(populate.at.next({ mm, page: start, end }), go.take({ mm, start, end, device, result: RESULT }));
      },
    ),
    take: step(
      'takes a reference to each page from {start} to {end}: {taken}',
      underPageTableLock({ cite: 'mm/gup.c try_get_page()' }),
      (world, { mm, start, end, device, result }) => {
        tell(world, { taken: 'none, one is not to be had' });
        if (result < 0) return go.unlock({ mm, result });
        if (firstMissing(world, mm, start, end) !== null) {
          tell(world, { taken: 'not yet, one has gone again' });
          return call(populate.at.next({ mm, page: start, end }), go.take({ mm, start, end, device, result: RESULT }));
        }
        for (let page = start; page < end; page++) addPin(world, mm, page, device);
        tell(world, { taken: end - start });
        return go.unlock({ mm, result: end - start });
      },
    ),
    unlock: step(
      'releases mmap_lock of {mm}',
      { cite: 'mm/gup.c get_user_pages_longterm()' },
      (world, { mm, result }) => {
        releaseRead(world, mms.get(world, mm).mmapLock);
        return result < 0 ? fail(result) : done(result);
      },
    ),
  }),
);

function whyNotPin(world: World, mm: number, start: number, end: number): number {
  if (start >= end || end > userPages(world) || !isCovered(world, mm, start, end)) return ERRNO.EFAULT;
  for (let page = start; page < end; page++) {
    const vma = vmaLookup(world, mm, page);
    if (vma === null || !isUsable(vma)) return ERRNO.EFAULT;
  }
  return lockedPages(world, mm) + (end - start) > MEMLOCK_LIMIT ? ERRNO.ENOMEM : 0;
}

function addPin(world: World, mm: number, page: number, device: number): void {
  const pfn = pfnOf(readPte(world, mms.get(world, mm).pgd, page));
  getFrame(world, pfn);
  mmgrab(world, mm);
  pins.insert(world, { mm, page, pfn, device });
}

/** Ends pins: each gives its reference back, to a page that may have lost its mapping long ago. Gives their number. */
export function dropPins(world: World, ended: readonly Pin[]): number {
  for (const { id, mm, pfn } of ended) {
    pins.remove(world, id);
    putPage(world, pfn);
    mmdrop(world, mm);
  }
  return ended.length;
}

/** Ends one pin that the process asked for, of each page of a range. Returns how many, -EINVAL for none. */
export const unpinUserPages = procedure('put_user_pages', 'mm', { drop: ['mm', 'start', 'end'] }, () => ({
  drop: step(
    'gives the references to {start} to {end} back: {dropped}',
    { atomic: 'the page reference counts', cite: 'mm/swap.c put_page()' },
    (world, { mm, start, end }) => {
      const ended: Pin[] = [];
      for (let page = start; page < end; page++) {
        const pin = pins.first(world, (each) => each.mm === mm && each.page === page && each.device < 0);
        if (pin !== undefined) ended.push(pin);
      }
      tell(world, { dropped: ended.length });
      return ended.length === 0 ? fail('EINVAL') : done(dropPins(world, ended));
    },
  ),
}));
