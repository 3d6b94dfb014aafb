import { flushTlbAsid } from '../hardware/cpu-mmu.ts';
import { ERRNO } from '../lib/errno.ts';
import { ok, type Result } from '../lib/result.ts';
import { decides } from '../policy/policy.ts';
import { release, take } from '../sim/lock.ts';
import { call, done, fail, type Next, procedure, RESULT, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import { copyPage } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { switchTo } from './asid.ts';
import { allocateFrame, frameAt, getFrame } from './frame.ts';
import { allocateMm, mms } from './mm.ts';
import { forWriting, underPageTableLock } from './mm-locks.ts';
import { mmput } from './mmput.ts';
import { hasNotifiers, invalidateRange } from './notifier.ts';
import {
  ensureTables,
  isCleanWritable,
  isNone,
  isPresent,
  isWritable,
  nextUsed,
  type Pte,
  pfnOf,
  pteFor,
  readPte,
  setPte,
  writeProtect,
} from './page-table.ts';
import { pinsOn } from './pins.ts';
import { duplicateEntry } from './swap.ts';
import { isMigration, readMigration, slotOf } from './swap-entry.ts';
import { tasks } from './task.ts';
import { findVma, type Vma, vmas } from './vma.ts';

/**
 * Copies the memory of `mm` for the task `child`, which exists but has none: VMAs and descriptors, not frames. Private
 * pages become read-only on both sides, so that whoever writes first gets a copy. Returns the new mm or -ENOMEM.
 */
const dupMm = procedure(
  'dup_mm',
  'mm',
  {
    alloc: ['mm', 'child'],
    lock: ['mm', 'copy'],
    vma: ['mm', 'copy', 'page'],
    pte: ['mm', 'copy', 'vma', 'page'],
    notify: ['mm', 'copy', 'vma'],
    flush: ['mm', 'copy', 'result'],
    unlock: ['mm', 'copy', 'result'],
    undone: [],
  },
  (go) => ({
    alloc: step(
      'makes an empty mm with a root table for {child}',
      { cite: 'kernel/fork.c dup_mm()', cost: 'fault' },
      (world, { mm, child }) => {
        const copy = allocateMm(world, tasks.get(world, child).name);
        if (!copy.ok) return fail(copy.error);
        switchTo(world, copy.value);
        return go.lock({ mm, copy: copy.value });
      },
    ),
    lock: step(
      'takes mmap_lock of {mm} for writing',
      forWriting({ cite: 'kernel/fork.c dup_mmap()' }),
      (world, { mm, copy }) => {
        take(world, mms.get(world, mm).mmapLock);
        return go.vma({ mm, copy, page: 0 });
      },
    ),
    vma: step(
      'copies the next VMA: {name}',
      underPageTableLock({ atomic: 'mmap_lock is held for writing', cite: 'kernel/fork.c dup_mmap()' }),
      (world, { mm, copy, page }) => {
        const vma = findVma(world, mm, page);
        tell(world, { name: vma === null ? 'there is none' : vma.name });
        if (vma === null) return go.flush({ mm, copy, result: copy });
        if (vma.dontfork === 1) {
          tell(world, { name: `not ${vma.name}, which is not for children` });
          return go.vma({ mm, copy, page: vma.end });
        }
        vmas.insert(world, { ...vma, mm: copy, locked: 0 });
        const { pgd } = mms.get(world, mm);
        const first = needsCopy(world, pgd, vma) ? nextUsed(world, pgd, vma.start, vma.end) : -1;
        return first < 0 ? go.vma({ mm, copy, page: vma.end }) : go.pte({ mm, copy, vma: vma.id, page: first });
      },
    ),
    pte: step(
      'gives the child the descriptor of {page}: {how}',
      underPageTableLock({ cite: 'mm/memory.c copy_one_pte()', cost: 'access' }),
      (world, { mm, copy, vma, page }) => {
        const row = vmas.get(world, vma);
        const copied = copyPte(world, mm, copy, row, page);
        if (!copied.ok) return go.flush({ mm, copy, result: -ERRNO[copied.error] });
        const next = nextUsed(world, mms.get(world, mm).pgd, page + 1, row.end);
        return next < 0 ? after(world, mm, copy, row) : go.pte({ mm, copy, vma, page: next });
      },
    ),
    notify: step(
      'tells the notifiers that {vma} has changed',
      { cite: 'mm/memory.c copy_page_range()' },
      (world, { mm, copy, vma }) => {
        const { start, end } = vmas.get(world, vma);
        return call(invalidateRange.begin({ mm, start, end }), go.vma({ mm, copy, page: end }));
      },
    ),
    flush: step(
      'flushes all of {mm} from the TLBs of the CPUs, by its ASID',
      { cite: 'kernel/fork.c dup_mmap()' },
      (world, locals) => {
        flushTlbAsid(world, mms.get(world, locals.mm).asid);
        return go.unlock(locals);
      },
    ),
    unlock: step('releases mmap_lock of {mm}', { cite: 'kernel/fork.c dup_mmap()' }, (world, { mm, copy, result }) => {
      release(world, mms.get(world, mm).mmapLock);
      return result < 0 ? call(mmput.at.put({ mm: copy }), go.undone({})) : done(result);
    }),
    undone: step('gives up the copy: out of memory', { cite: 'kernel/fork.c dup_mm()' }, () => fail('ENOMEM')),
  }),
);

/** What follows a VMA: the notifiers are told of private writable memory, as is_cow_mapping() says. */
function after(world: World, mm: number, copy: number, vma: Vma): Next {
  if (vma.write === 0 || vma.shared === 1 || !hasNotifiers(world, mm)) return dupMm.at.vma({ mm, copy, page: vma.end });
  return dupMm.at.notify({ mm, copy, vma: vma.id });
}

/** Zero pages and pages of files are found again by a fault: only memory that somebody wrote is copied (anon_vma). */
function needsCopy(world: World, pgd: number, vma: Vma): boolean {
  for (let page = nextUsed(world, pgd, vma.start, vma.end); page >= 0; ) {
    const pte = readPte(world, pgd, page);
    if (!isPresent(pte) || frameAt(world, pfnOf(pte)).use === 'anon') return true;
    page = nextUsed(world, pgd, page + 1, vma.end);
  }
  return false;
}

/** The child gets the descriptor of the parent; a page that is pinned to the parent's mapping it gets as a copy. */
function copyPte(world: World, mm: number, copy: number, vma: Vma, page: number): Result<number, 'ENOMEM'> {
  const { pgd } = mms.get(world, mm);
  const target = mms.get(world, copy).pgd;
  const tables = ensureTables(world, target, page, copy);
  tell(world, { how: tables.ok ? 'nothing is there' : 'there is no page for its tables' });
  if (!tables.ok) return tables;
  const old = readPte(world, pgd, page);
  if (isNone(old)) return ok(0);
  if (isMigration(old)) return ok(shareMoving(world, pgd, target, page));
  if (!isPresent(old)) return ok(shareEntry(world, target, page, old));
  if (vma.shared === 0 && isPinned(world, pfnOf(old))) return copyPinned(world, copy, vma, page, pfnOf(old));
  tell(world, { how: 'its frame is shared, read-only on both sides if it is private' });
  if (vma.shared === 0 && (isWritable(old) || isCleanWritable(old))) writeProtect(world, pgd, page);
  const pte = readPte(world, pgd, page);
  getFrame(world, pfnOf(pte));
  setPte(world, target, page, pte);
  return ok(1);
}

/** What lies on the swap device is shared there. */
function shareEntry(world: World, target: number, page: number, entry: Pte): number {
  tell(world, { how: 'its place on the swap device is shared' });
  duplicateEntry(world, slotOf(entry));
  setPte(world, target, page, entry);
  return 1;
}

/** A page that is being moved is mapped on both sides when it has arrived, read-only. */
function shareMoving(world: World, pgd: number, target: number, page: number): number {
  tell(world, { how: 'its frame, on its way, is shared, read-only on both sides' });
  const entry = readMigration(readPte(world, pgd, page));
  setPte(world, pgd, page, entry);
  setPte(world, target, page, entry);
  return 1;
}

const isPinned = (world: World, pfn: number): boolean =>
  frameAt(world, pfn).use === 'anon' && pinsOn(world, pfn) > 0 && decides(world, 'pins', 'mapping');

/** The parent's descriptor stays as it is, so that the pinned page stays its own. Kernel: copy_present_page. */
function copyPinned(world: World, copy: number, vma: Vma, page: number, pfn: number): Result<number, 'ENOMEM'> {
  const frame = allocateFrame(world, 'anon', copy);
  tell(world, { how: frame.ok ? 'its frame is pinned, so the child gets a copy' : 'there is no page for a copy' });
  if (!frame.ok) return frame;
  copyPage(world, pfn, frame.value);
  setPte(world, mms.get(world, copy).pgd, page, pteFor(world, frame.value, vma, vma.write === 1));
  return ok(1);
}

/** fork(): the task `child` waits without memory until its parent has made it a copy. Returns the child's pid. */
export const sysFork = procedure('fork', 'self', { call: ['task', 'child'], back: ['child', 'result'] }, (go) => ({
  call: step(
    'calls fork() for {child}',
    { cite: 'kernel/fork.c _do_fork()', cost: 'syscall' },
    (world, { task, child }) =>
      call(dupMm.at.alloc({ mm: tasks.get(world, task).mm, child }), go.back({ child, result: RESULT })),
  ),
  back: step('returns from fork()', { cite: 'kernel/fork.c _do_fork()' }, (world, { child, result }) => {
    const { pid } = tasks.edit(world, child, (row) => {
      row.mm = Math.max(result, -1);
      row.state = result < 0 ? 'dead' : 'running';
    });
    return result < 0 ? fail(result) : done(pid);
  }),
}));
