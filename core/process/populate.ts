import { call, done, fail, procedure, RESULT, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { handleMmFault } from './fault.ts';
import { mms } from './mm.ts';
import { underPageTableLock } from './mm-locks.ts';
import { isPresent, isValid, isWritable, readPte } from './page-table.ts';
import { type Vma, vmaLookup } from './vma.ts';

/**
 * Makes the pages from `page` up to, not including, `end` present, and writable where their VMA is, as if somebody had
 * touched each: so copies on write are made now. The caller holds mmap_lock for reading. Returns 0, -ENOMEM or -EFAULT.
 */
export const populate = procedure(
  'populate_vma_page_range',
  'mm',
  { next: ['mm', 'page', 'end'], faulted: ['mm', 'page', 'end', 'result'] },
  (go) => ({
    next: step(
      'looks for a page that is not there, or could not be written: {found}',
      underPageTableLock({ cite: 'mm/gup.c follow_page_mask()', cost: 'access' }),
      (world, { mm, page, end }) => {
        const missing = firstMissing(world, mm, page, end);
        tell(world, { found: missing === null ? 'none is left' : 'it faults it in' });
        if (missing === null) return done();
        const { vma, at } = missing;
        const fault = handleMmFault.at.look({ mm, page: at, write: vma.write, vma: vma.id });
        return call(fault, go.faulted({ mm, page: at, end, result: RESULT }));
      },
    ),
    faulted: step(
      'returns from the fault on {page}',
      { cite: 'mm/gup.c faultin_page()' },
      (_world, { mm, page, end, result }) => (result < 0 ? fail(result) : go.next({ mm, page, end })),
    ),
  }),
);

/** The first page from `page` on that its VMA would let be used and that cannot be yet; null if there is none. */
export function firstMissing(world: World, mm: number, page: number, end: number): { vma: Vma; at: number } | null {
  const { pgd } = mms.get(world, mm);
  for (let at = page; at < end; at++) {
    const vma = vmaLookup(world, mm, at);
    if (vma === null || !isUsable(vma)) continue;
    const pte = readPte(world, pgd, at);
    const isThere = isPresent(pte) && isValid(pte) && (vma.write === 0 || isWritable(pte));
    if (!isThere) return { vma, at };
  }
  return null;
}

/** Memory that a program can use at all: neither the kernel's own nor without any right. */
export function isUsable({ kind, read, write }: Vma): boolean {
  return kind !== 'special' && (read === 1 || write === 1);
}
