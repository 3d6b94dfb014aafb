import { expect, test } from 'vitest';
import { actorNamed, attempt, goTo, processNamed, type Story, story, tell } from '../play/testing/story.ts';
import { mms } from './mm.ts';
import { isCleanWritable, isDirty, isWritable, isYoung, readPte } from './page-table.ts';

const HEAP = 0x7f0000000;
const GPU = 'device gpu0 pci 00:01.0 ats pri pasid 16';
const APP = ['process app', 'mmap app heap 64K rw- at 0x7f0000000000', 'store app heap 7'] as const;

const heapPte = (told: Story) => readPte(told.world, mms.get(told.world, processNamed(told, 'app').mm).pgd, HEAP);

test('a page that is aged is old until somebody uses it, and clean until somebody writes it', () => {
  const told = story('machine smmuv3', ...APP);
  expect([isYoung(heapPte(told)), isDirty(heapPte(told))]).toEqual([true, true]);

  expect(attempt(told, 'age app heap 4 clean').output).toEqual(['1 was young']);
  expect([isYoung(heapPte(told)), isDirty(heapPte(told)), isCleanWritable(heapPte(told))]).toEqual([
    false,
    false,
    true,
  ]);
  tell(told, 'load app heap');
  expect([isYoung(heapPte(told)), isDirty(heapPte(told))]).toEqual([true, false]);
  tell(told, 'store app heap 8', 'expect memory app heap 8', 'expect frames app 1');
  expect([isYoung(heapPte(told)), isDirty(heapPte(told))]).toEqual([true, true]);
});

test('a page that reclaim takes while it is to be aged keeps its swap entry', () => {
  const told = story('machine smmuv3', ...APP);
  const { actor } = processNamed(told, 'app');
  tell(told, 'age app heap 1 &');
  goTo(told, actor, 'page_idle_clear_pte_refs.clear');
  tell(told, 'swap-out app heap 1 &');
  goTo(told, actorNamed(told, 'kswapd'), null, [actor]);

  tell(told, 'run', 'expect swapped app heap');

  expect(attempt(told, 'load app heap').output).toEqual(['0x7']);
});

test('a clean page that a child shares is written to a copy, not made dirty where both have it', () => {
  const told = story('machine smmuv3', ...APP);
  tell(told, 'age app heap 1 clean', 'fork app child', 'run');
  expect([isWritable(heapPte(told)), isCleanWritable(heapPte(told))]).toEqual([false, false]);

  tell(told, 'store app heap 8', 'expect memory child heap 7', 'expect memory app heap 8');
});

test.each([
  ['nothing', 'off', 'write', 1],
  ['the access flag', 'access', 'read', 0],
  ['the access flag', 'access', 'write', 1],
  ['both', 'dirty', 'write', 0],
])(
  'an SMMU that keeps %s (httu %s) needs the kernel for a %s of an aged page in %d cases',
  (_what, httu, does, faults) => {
    const told = story(`machine smmuv3 httu ${httu}`, GPU, ...APP, 'bind app gpu0', 'age app heap 1 clean');

    tell(
      told,
      `dma gpu0 app ${does} heap 4`,
      'run',
      'expect dma gpu0 done',
      `expect fault ${faults}`,
      'expect young app heap',
    );

    expect(isDirty(heapPte(told))).toBe(does === 'write');
  },
);
