/** What steps say that need a lock of the mm: they wait for it, and name it. */
import { canRead, isFree } from '../sim/lock.ts';
import type { Notes } from '../sim/procedure.ts';
import { mms } from './mm.ts';

interface InMm {
  readonly mm: number;
}

/** One step under the page table lock, which is taken and released in it. Its holder may not sleep. */
export function underPageTableLock<L extends InMm>(notes: Notes<L>): Notes<L> {
  return {
    when: (world, { mm }) => isFree(world, mms.get(world, mm).pageTableLock),
    ...{ wait: 'spin', awaits: 'the page table lock of {mm}', atomic: 'the page table lock' },
    ...notes,
  };
}

/** Waits until mmap_lock can be taken for writing. */
export function forWriting<L extends InMm>(notes: Notes<L>): Notes<L> {
  return {
    when: (world, { mm }) => isFree(world, mms.get(world, mm).mmapLock),
    ...{ wait: 'sleep', awaits: 'mmap_lock of {mm}' },
    ...notes,
  };
}

/** Waits until mmap_lock can be taken for reading. */
export function forReading<L extends InMm>(notes: Notes<L>): Notes<L> {
  return {
    when: (world, { mm }) => canRead(world, mms.get(world, mm).mmapLock),
    ...{ wait: 'sleep', awaits: 'mmap_lock of {mm}' },
    ...notes,
  };
}
