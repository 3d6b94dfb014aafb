import { ERRNO, isError } from '../lib/errno.ts';
import { releaseRead, takeRead } from '../sim/lock.ts';
import { call, done, type Next, procedure, RESULT, step } from '../sim/procedure.ts';
import { handleMmFault } from './fault.ts';
import { mms } from './mm.ts';
import { forReading } from './mm-locks.ts';
import { canGrow, findVma, growStack, PROT, permits, type Vma } from './vma.ts';

/**
 * The CPU's own page fault; `prot` is what was tried (of PROT). Returns 0, -ENOMEM, or -EFAULT where the kernel would
 * send SIGSEGV or SIGBUS.
 */
export const doPageFault = procedure(
  'do_page_fault',
  'mm',
  {
    lock: ['mm', 'page', 'prot'],
    find: ['mm', 'page', 'prot'],
    grow: ['mm', 'page', 'prot', 'vma'],
    handle: ['mm', 'page', 'prot', 'vma'],
    unlock: ['mm', 'result'],
  },
  (go) => ({
    lock: step(
      'takes mmap_lock of {mm} for reading',
      forReading({ cite: 'arch/arm64/mm/fault.c do_page_fault()', cost: 'syscall' }),
      (world, locals) => {
        takeRead(world, mms.get(world, locals.mm).mmapLock);
        return go.find(locals);
      },
    ),
    find: step(
      'looks for the VMA that holds {page}, and whether it permits the access',
      { atomic: 'mmap_lock is held', cite: 'arch/arm64/mm/fault.c __do_page_fault()' },
      (world, locals) => {
        const vma = findVma(world, locals.mm, locals.page);
        if (vma !== null && vma.start <= locals.page) return checked(locals, vma);
        if (vma !== null && canGrow(world, vma, locals.page)) return go.grow({ ...locals, vma: vma.id });
        return go.unlock({ mm: locals.mm, result: -ERRNO.EFAULT });
      },
    ),
    grow: step(
      'grows the stack down to {page}',
      { atomic: 'the page table lock', cite: 'mm/mmap.c expand_stack()' },
      (world, locals) => {
        const above = findVma(world, locals.mm, locals.page);
        // Another thread may have grown it further, or mapped something in the way, since it was looked for.
        if (above !== null && above.start <= locals.page) return checked(locals, above);
        if (above === null || !canGrow(world, above, locals.page)) return go.find(locals);
        return checked(locals, growStack(world, above, locals.page));
      },
    ),
    handle: step(
      'asks for {page} of {vma} to be made accessible',
      { atomic: 'mmap_lock is held', cite: 'arch/arm64/mm/fault.c __do_page_fault()' },
      (_world, { mm, page, prot, vma }) => {
        const write = (prot & PROT.write) !== 0 ? 1 : 0;
        return call(handleMmFault.at.look({ mm, page, write, vma }), go.unlock({ mm, result: RESULT }));
      },
    ),
    unlock: step(
      'releases mmap_lock of {mm}',
      { cite: 'arch/arm64/mm/fault.c do_page_fault()' },
      (world, { mm, result }) => {
        releaseRead(world, mms.get(world, mm).mmapLock);
        return done(isError(result) ? result : 0);
      },
    ),
  }),
);

function checked({ mm, page, prot }: { mm: number; page: number; prot: number }, vma: Vma): Next {
  if (!permits(vma, prot)) return doPageFault.at.unlock({ mm, result: -ERRNO.EFAULT });
  return doPageFault.at.handle({ mm, page, prot, vma: vma.id });
}
