/** Where a program enters the kernel: the arrows from its column of the chart to that of the kernel's mm. */
import { call, done, procedure, RESULT, step } from '../sim/procedure.ts';
import { doMadvise, doMlock } from './mlock.ts';
import { doMmap } from './mmap.ts';
import { doMprotect } from './mprotect.ts';
import { doMunmap } from './munmap.ts';
import { doExit } from './task.ts';

/** mmap(): the VMA was made by `newVma` and inserted without an mm; see do_mmap. */
export const sysMmap = procedure('mmap', 'self', { call: ['mm', 'vma'], back: ['result'] }, (go) => ({
  call: step('calls mmap() for {vma}', { cite: 'mm/mmap.c mmap_pgoff()', cost: 'syscall' }, (_world, { mm, vma }) =>
    call(doMmap.at.lock({ mm, vma }), go.back({ result: RESULT })),
  ),
  back: step('returns from mmap()', { cite: 'mm/mmap.c mmap_pgoff()' }, (_world, { result }) => done(result)),
}));

/** munmap() of the pages from `start` up to, not including, `end`. */
export const sysMunmap = procedure('munmap', 'self', { call: ['mm', 'start', 'end'], back: ['result'] }, (go) => ({
  call: step(
    'calls munmap() for {start} to {end}',
    { cite: 'mm/mmap.c munmap()', cost: 'syscall' },
    (_world, { mm, start, end }) => call(doMunmap.at.lock({ mm, start, end }), go.back({ result: RESULT })),
  ),
  back: step('returns from munmap()', { cite: 'mm/mmap.c munmap()' }, (_world, { result }) => done(result)),
}));

/** mprotect() of the pages from `start` up to, not including, `end`; `prot` is of PROT. */
export const sysMprotect = procedure(
  'mprotect',
  'self',
  { call: ['mm', 'start', 'end', 'prot'], back: ['result'] },
  (go) => ({
    call: step(
      'calls mprotect() for {start} to {end}',
      { cite: 'mm/mprotect.c mprotect()', cost: 'syscall' },
      (_world, locals) => call(doMprotect.at.lock(locals), go.back({ result: RESULT })),
    ),
    back: step('returns from mprotect()', { cite: 'mm/mprotect.c mprotect()' }, (_world, { result }) => done(result)),
  }),
);

/** mlock() of the pages from `start` up to, not including, `end`. */
export const sysMlock = procedure('mlock', 'self', { call: ['mm', 'start', 'end'], back: ['result'] }, (go) => ({
  call: step('calls mlock() for {start} to {end}', { cite: 'mm/mlock.c mlock()', cost: 'syscall' }, (_world, locals) =>
    call(doMlock.at.lock(locals), go.back({ result: RESULT })),
  ),
  back: step('returns from mlock()', { cite: 'mm/mlock.c mlock()' }, (_world, { result }) => done(result)),
}));

/** madvise() of the pages from `start` up to, not including, `end`; `on` 1: MADV_DONTFORK, 0: MADV_DOFORK. */
export const sysMadvise = procedure(
  'madvise',
  'self',
  { call: ['mm', 'start', 'end', 'on'], back: ['result'] },
  (go) => ({
    call: step(
      'calls madvise() for {start} to {end}',
      { cite: 'mm/madvise.c madvise()', cost: 'syscall' },
      (_world, locals) => call(doMadvise.at.lock(locals), go.back({ result: RESULT })),
    ),
    back: step('returns from madvise()', { cite: 'mm/madvise.c madvise()' }, (_world, { result }) => done(result)),
  }),
);

/** exit(): there is no way back. */
export const sysExit = procedure('exit', 'self', { call: ['task'], gone: [] }, (go) => ({
  call: step('calls exit()', { cite: 'kernel/exit.c do_group_exit()', cost: 'syscall' }, (_world, { task }) =>
    call(doExit.at.memory({ task }), go.gone({})),
  ),
  gone: step('is gone', { cite: 'kernel/exit.c do_group_exit()' }, () => done()),
}));
