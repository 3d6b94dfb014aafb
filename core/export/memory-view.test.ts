import { expect, test } from 'vitest';
import { present } from '../lib/assert.ts';
import { processNamed, type Story, story } from '../play/testing/story.ts';
import { inspect } from './inspect.ts';
import { cellKey } from './process-view.ts';
import { viewOf } from './state.ts';

const HEAP = 0x7f0000000;

function aStory(...lines: readonly string[]): Story {
  return story('machine smmuv3', 'process app', 'mmap app heap 16K rw- at 0x7f0000000000', ...lines);
}

const heapOf = ({ machine }: Story) =>
  present(
    viewOf(machine)
      .processes[0]?.vmas.filter(({ name }) => name === 'heap')
      .at(-1),
    'the process has its heap',
  );

test('a page on the swap device is seen in its cell, in its slot and in its descriptor', () => {
  const told = aStory('store app heap 7', 'store app heap+0x1000 8', 'swap-out app heap+0x1000 1');

  const { swap, slots } = viewOf(told.machine).memory;
  expect(swap).toEqual({ used: 1, limit: 64 });
  expect(slots).toEqual([{ key: 'slot/0', slot: 1, users: 1, pfn: null, clean: true }]);
  expect(heapOf(told).cells.map(({ resident, swapped }) => [resident, swapped])).toEqual([
    [1, 0],
    [0, 1],
    [0, 0],
    [0, 0],
  ]);
  const found = inspect(told.machine, cellKey(processNamed(told, 'app').mm, HEAP + 1));
  expect(found?.fields).toContainEqual({ name: 'Valid', value: 'no: the page lies in slot 1 of the swap device' });
  expect(found?.records[0]?.bits).toContainEqual(expect.objectContaining({ name: 'offset', value: '' }));
  expect(found?.records[0]?.name).toBe('swap_entry');
});

test('a page that is read back keeps its slot, and says that both hold the same', () => {
  const told = aStory('store app heap 7', 'swap-out app heap 1', 'load app heap');

  const [slot] = viewOf(told.machine).memory.slots;

  expect(slot).toMatchObject({ slot: 1, users: 0, clean: true });
  expect(slot?.pfn).toMatch(/^[0-9a-f]+$/);
});

test('pins are listed with whose they are, and counted at the frame', () => {
  const told = aStory('pin app heap 2', 'mlock app heap+0x2000 1', 'madvise app heap+0x2000 1 dontfork');

  const { pins } = viewOf(told.machine).memory;
  expect(pins.map(({ page, process, device }) => [page, process, device])).toEqual([
    ['0x7f0000000000', 'app', null],
    ['0x7f0000001000', 'app', null],
  ]);
  expect(inspect(told.machine, `frame/${pins[0]?.pfn}`)?.fields).toContainEqual({ name: 'Pins', value: '1' });
  const flags = viewOf(told.machine).processes[0]?.vmas.map((vma) => vma.flags);
  expect(flags).toEqual(['', '', 'locked, not for children', '', '']);
});
