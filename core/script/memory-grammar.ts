import { place } from './claims.ts';
import { entry, posted, verb } from './entry.ts';
import { flag, oneOf, options, param } from './phrases.ts';
import * as type from './values.ts';

/** Commands about who keeps the pages of a process where they are, and about memory that runs out. */
export const MEMORY_GRAMMAR = {
  'swap-out': posted(
    'Let the kernel write pages of a process to the swap device and take their frames back.',
    'swap-out app heap+0x1000 2',
    verb('swap-out'),
    ...place,
    param('pages', type.pageCount),
  ),
  'fail-alloc': entry(
    'Let the next allocations of a page fail, as the fault injection of the kernel does.',
    'fail-alloc 1',
    verb('fail-alloc'),
    param('times', type.tally),
  ),
  migrate: posted(
    'Let the kernel move pages of a process to other frames, as compaction does.',
    'migrate app heap 1',
    verb('migrate'),
    ...place,
    param('pages', type.pageCount),
  ),
  pin: posted(
    'Have the driver pin pages of a process for long, so that they keep their frames.',
    'pin app heap 4',
    verb('pin'),
    ...place,
    param('pages', type.pageCount),
  ),
  unpin: posted(
    'Have the driver unpin pages that the process had pinned.',
    'unpin app heap 4',
    verb('unpin'),
    ...place,
    param('pages', type.pageCount),
  ),
  mlock: posted(
    'Lock pages of a process into memory: reclaim leaves them alone.',
    'mlock app heap 4',
    verb('mlock'),
    ...place,
    param('pages', type.pageCount),
  ),
  age: posted(
    'Forget that pages of a process were used, and with clean that they were written: the next use shows.',
    'age app heap 4 clean',
    verb('age'),
    ...place,
    param('pages', type.pageCount),
    options(flag('clean', 'clean')),
  ),
  madvise: posted(
    'Say whether a child gets pages of a process at fork.',
    'madvise app heap 4 dontfork',
    verb('madvise'),
    ...place,
    param('pages', type.pageCount),
    oneOf('advice', 'dontfork', 'dofork'),
  ),
};
