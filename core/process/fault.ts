import { take } from '../sim/lock.ts';
import { fail, type Next, procedure, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import { clearPage, copyPage } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { doWpPage } from './cow.ts';
import { raced, resolved } from './fault-result.ts';
import { cachedPages, files, findCached, readFromDisk } from './file.ts';
import { allocateFrame, getFrame, putFrame, zeroPage } from './frame.ts';
import { mms } from './mm.ts';
import { underPageTableLock } from './mm-locks.ts';
import {
  ensureTables,
  isCleanWritable,
  isNone,
  isPresent,
  isWritable,
  isYoung,
  leafTable,
  makeUsed,
  pteFor,
  readPte,
  setPte,
} from './page-table.ts';
import { doSwapPage } from './swap-in.ts';
import { type Vma, vmas } from './vma.ts';

/**
 * Makes a page of a VMA accessible, for whoever wants it: the CPU or a device. The caller holds mmap_lock for reading
 * and has checked the rights of the VMA. Returns what the page may be used for now (fault-result.ts), -ENOMEM, or -EFAULT
 * where the kernel would say VM_FAULT_SIGBUS.
 */
export const handleMmFault = procedure(
  'handle_mm_fault',
  'mm',
  {
    look: ['mm', 'page', 'write', 'vma'],
    used: ['mm', 'page', 'write'],
    tables: ['mm', 'page', 'write', 'vma'],
    zero: ['mm', 'page', 'vma'],
    anon: ['mm', 'page', 'vma'],
    cached: ['mm', 'page', 'write', 'vma'],
    disk: ['mm', 'page', 'write', 'vma'],
    copy: ['mm', 'page', 'vma', 'from'],
    install: ['mm', 'page', 'vma', 'pfn', 'writable'],
  },
  (go) => ({
    look: step(
      'looks at the descriptor of {page}',
      underPageTableLock({ chapter: 'Resolve', cite: 'mm/memory.c handle_pte_fault()', cost: 'access' }),
      (world, locals) => {
        const { mm, page, write, vma } = locals;
        const { pgd } = mms.get(world, mm);
        const pte = readPte(world, pgd, page);
        const isRefused = write === 1 && !isWritable(pte);
        if (isRefused && isPresent(pte) && !isCleanWritable(pte)) return doWpPage.at.look({ mm, page, vma });
        if (isPresent(pte))
          return isRefused || !isYoung(pte) ? go.used({ mm, page, write }) : resolved(world, mm, page);
        if (!isNone(pte)) return doSwapPage.at.look({ mm, page, write, vma });
        return leafTable(world, pgd, page) < 0 ? go.tables(locals) : missing(world, locals);
      },
    ),
    used: step(
      'notes in the descriptor of {page} that it is {how}: no hardware did',
      underPageTableLock({ cite: 'mm/memory.c handle_pte_fault(), ptep_set_access_flags()', cost: 'access' }),
      (world, { mm, page, write }) => {
        const { pgd, pageTableLock } = mms.get(world, mm);
        const pte = readPte(world, pgd, page);
        tell(world, { how: write === 1 ? 'used and written' : 'used' });
        const isRefused = write === 1 && !isWritable(pte) && !isCleanWritable(pte);
        if (!isPresent(pte) || isRefused) return raced(world, mm, page);
        makeUsed(world, pgd, page, write === 1);
        if (write === 0 || !isCleanWritable(pte)) return resolved(world, mm, page);
        take(world, pageTableLock);
        return doWpPage.at.reuseFlush({ mm, page });
      },
    ),
    tables: step(
      'adds the page tables that lead to {page}: {tables} new',
      underPageTableLock({ cite: 'mm/memory.c __pte_alloc()' }),
      (world, locals) => {
        const made = ensureTables(world, mms.get(world, locals.mm).pgd, locals.page, locals.mm);
        tell(world, { tables: made.ok ? made.value : 'out of memory' });
        return made.ok ? missing(world, locals) : fail(made.error);
      },
    ),
    zero: step(
      'installs a read-only descriptor for {page} with the zero page',
      underPageTableLock({ cite: 'mm/memory.c do_anonymous_page()', cost: 'access' }),
      (world, { mm, page, vma }) => {
        const { pgd } = mms.get(world, mm);
        if (!isNone(readPte(world, pgd, page))) return raced(world, mm, page);
        setPte(world, pgd, page, pteFor(world, zeroPage(world), vmas.get(world, vma), false));
        return resolved(world, mm, page);
      },
    ),
    anon: step(
      'takes a free page of memory and clears it: {pfn}',
      { cite: 'mm/memory.c do_anonymous_page()', cost: 'fault' },
      (world, { mm, page, vma }) => {
        const frame = allocateFrame(world, 'anon', mm);
        tell(world, { pfn: frame.ok ? frame.value : 'out of memory' });
        if (!frame.ok) return fail(frame.error);
        clearPage(world, frame.value);
        return go.install({ mm, page, vma, pfn: frame.value, writable: 1 });
      },
    ),
    cached: step(
      'looks for {page} of the file in the page cache',
      { cite: 'mm/filemap.c filemap_fault()' },
      (world, locals) => {
        const { file, offset } = placeInFile(world, locals.vma, locals.page);
        if (offset >= files.get(world, file).size) return fail('EFAULT');
        const cached = findCached(world, file, offset);
        return cached === null ? go.disk(locals) : found(world, locals, cached.pfn);
      },
    ),
    disk: step(
      'reads the page of the file from the disk into {pfn}',
      { cite: 'mm/filemap.c page_cache_read()', cost: 'disk', wait: 'sleep' },
      (world, locals) => {
        const { file, offset } = placeInFile(world, locals.vma, locals.page);
        const cached = findCached(world, file, offset);
        if (cached !== null) return found(world, locals, cached.pfn);
        const frame = allocateFrame(world, 'file', file);
        tell(world, { pfn: frame.ok ? frame.value : 'out of memory' });
        if (!frame.ok) return fail(frame.error);
        readFromDisk(world, file, offset, frame.value);
        cachedPages.insert(world, { file, offset, pfn: frame.value });
        return found(world, locals, frame.value);
      },
    ),
    copy: step(
      'copies the page of the file into a page of its own: {pfn}',
      { cite: 'mm/memory.c do_cow_fault()', cost: 'fault' },
      (world, { mm, page, vma, from }) => {
        const frame = allocateFrame(world, 'anon', mm);
        tell(world, { pfn: frame.ok ? frame.value : 'out of memory' });
        if (frame.ok) copyPage(world, from, frame.value);
        putFrame(world, from);
        return frame.ok ? go.install({ mm, page, vma, pfn: frame.value, writable: 1 }) : fail(frame.error);
      },
    ),
    install: step(
      'installs a descriptor for {page} with frame {pfn}',
      underPageTableLock({ cite: 'mm/memory.c set_pte_at()', cost: 'access' }),
      (world, { mm, page, vma, pfn, writable }) => {
        const { pgd } = mms.get(world, mm);
        // Another thread may have been faster: then its page stays.
        if (!isNone(readPte(world, pgd, page))) {
          putFrame(world, pfn);
          return raced(world, mm, page);
        }
        setPte(world, pgd, page, pteFor(world, pfn, vmas.get(world, vma), writable === 1));
        return resolved(world, mm, page);
      },
    ),
  }),
);

function placeInFile(world: World, vma: number, page: number): Pick<Vma, 'file' | 'offset'> {
  const { file, offset, start } = vmas.get(world, vma);
  return { file, offset: offset + (page - start) };
}

interface Fault {
  readonly mm: number;
  readonly page: number;
  readonly write: number;
  readonly vma: number;
}

/** What there is to do without a descriptor, by kind of memory. The model has no content for special mappings. */
function missing(world: World, { mm, page, write, vma }: Fault): Next {
  const { kind } = vmas.get(world, vma);
  if (kind === 'special') return fail('EFAULT');
  if (kind === 'file') return handleMmFault.at.cached({ mm, page, write, vma });
  return write === 1 ? handleMmFault.at.anon({ mm, page, vma }) : handleMmFault.at.zero({ mm, page, vma });
}

/** What there is to do with a cached page: a write to a private mapping gets a copy of its own at once. */
function found(world: World, { mm, page, write, vma }: Fault, pfn: number): Next {
  getFrame(world, pfn);
  tell(world, { pfn });
  if (write === 1 && vmas.get(world, vma).shared === 0) return handleMmFault.at.copy({ mm, page, vma, from: pfn });
  return handleMmFault.at.install({ mm, page, vma, pfn, writable: write });
}
