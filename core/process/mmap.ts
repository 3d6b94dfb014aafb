import { ERRNO } from '../lib/errno.ts';
import { release, take } from '../sim/lock.ts';
import { done, procedure, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { mms } from './mm.ts';
import { forWriting } from './mm-locks.ts';
import { LOWEST_PAGE, mergeAround, overlaps, STACK_GUARD_GAP, userPages, type Vma, vmas, vmasOf } from './vma.ts';

/** Mappings without a wish go so far below the end, 128 MiB. Kernel: mmap_base. */
const MMAP_GAP = 2 ** 15;
/** VMAs that an mm may have. Kernel: sysctl_max_map_count. */
export const MAX_MAP_COUNT = 65_530;

/**
 * Links a VMA, made by `newVma` and inserted without an mm, into an mm. One that starts at page 0 goes where there is
 * room; an address that is taken is refused, as by MAP_FIXED_NOREPLACE. What is shared is a file, in the kernel also
 * behind MAP_ANONYMOUS. Returns the first page, or a negative errno
 * (EINVAL, EPERM, EEXIST, ENOMEM); the VMA is gone then.
 */
export const doMmap = procedure(
  'do_mmap',
  'mm',
  { lock: ['mm', 'vma'], map: ['mm', 'vma'], unlock: ['mm', 'result'] },
  (go) => ({
    lock: step(
      'takes mmap_lock of {mm} for writing',
      forWriting({ cite: 'mm/util.c vm_mmap_pgoff()' }),
      (world, locals) => {
        take(world, mms.get(world, locals.mm).mmapLock);
        return go.map(locals);
      },
    ),
    map: step(
      'adds the VMA {name}: nothing is in memory yet',
      { atomic: 'mmap_lock is held for writing', cite: 'mm/mmap.c mmap_region()' },
      (world, { mm, vma }) => {
        const wanted = vmas.get(world, vma);
        tell(world, { name: wanted.name });
        const start = placeFor(world, mm, wanted);
        if (start < 0) vmas.remove(world, vma);
        else link(world, mm, wanted, start);
        return go.unlock({ mm, result: start });
      },
    ),
    unlock: step('releases mmap_lock of {mm}', { cite: 'mm/util.c vm_mmap_pgoff()' }, (world, { mm, result }) => {
      release(world, mms.get(world, mm).mmapLock);
      return done(result);
    }),
  }),
);

function link(world: World, mm: number, wanted: Vma, start: number): void {
  const end = start + (wanted.end - wanted.start);
  vmas.edit(world, wanted.id, (row) => {
    row.mm = mm;
    row.start = start;
    row.end = end;
  });
  mergeAround(world, mm, start, end);
}

/** Where a VMA may start; a negative errno if nowhere. */
function placeFor(world: World, mm: number, { start, end, shared, kind }: Vma): number {
  if (end <= start || start < 0) return -ERRNO.EINVAL;
  if (shared === 1 && kind !== 'file') return -ERRNO.EINVAL;
  if (vmasOf(world, mm).length >= MAX_MAP_COUNT || end > userPages(world)) return -ERRNO.ENOMEM;
  if (start === 0) return unmappedArea(world, mm, end);
  if (start < LOWEST_PAGE) return -ERRNO.EPERM;
  return overlaps(world, mm, start, end) ? -ERRNO.EEXIST : start;
}

/** The highest free range of so many pages below mmap_base, not close under a stack. Kernel: vm_unmapped_area. */
function unmappedArea(world: World, mm: number, pages: number): number {
  let ceiling = userPages(world) - MMAP_GAP;
  for (const vma of vmasOf(world, mm).reverse()) {
    if (vma.end + pages <= ceiling) break;
    const gap = vma.kind === 'stack' ? STACK_GUARD_GAP : 0;
    ceiling = Math.min(ceiling, vma.start - gap);
  }
  return ceiling - pages >= LOWEST_PAGE ? ceiling - pages : -ERRNO.ENOMEM;
}
