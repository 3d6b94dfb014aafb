import { expect, test } from 'vitest';
import { processes } from '../iommu/process.ts';
import { attempt, processNamed, story, tell } from '../play/testing/story.ts';
import { frames } from '../process/frame.ts';
import { mms } from '../process/mm.ts';
import { isPresent, pfnOf, readPte } from '../process/page-table.ts';
import { wordsOf } from '../world/memory.ts';

const HEAP = 0x7f0000000;

test('two processes at one address through one device: what is written through the PASID of one is only in its frames', () => {
  const told = story('machine smmuv3', 'device gpu0 pci 00:01.0 ats pri pasid 16', 'process app', 'process tool');
  for (const name of ['app', 'tool']) tell(told, `mmap ${name} heap 64K rw- at 0x7f0000000000`, `bind ${name} gpu0`);
  tell(told, 'store tool heap 5', 'dma gpu0 app write heap 64', 'dma gpu0 tool read heap 4', 'run');

  const [app, tool] = ['app', 'tool'].map((name) => mms.get(told.world, processNamed(told, name).mm));
  const ptes = [app, tool].map((mm) => readPte(told.world, mm?.pgd ?? 0, HEAP));

  expect(ptes.map(isPresent)).toEqual([true, true]);
  expect(ptes.map((pte) => wordsOf(told.world, pfnOf(pte))[0])).toEqual([0xda7a0000 | 0, 5]);
  const written = frames.all(told.world).filter(({ pfn }) => wordsOf(told.world, pfn).includes(0xda7a0000 | 0));
  expect(written.map(({ owner }) => owner)).toEqual([app?.id]);
  expect(processes.all(told.world).map(({ pasid }) => pasid)).toEqual([1, 2]);
});

test('a PASID that goes to another process does not take what the caches knew with it', () => {
  const told = story('machine smmuv3', 'device gpu0 pci 00:01.0 ats pri pasid 1', 'process app', 'process tool');
  for (const name of ['app', 'tool']) tell(told, `mmap ${name} heap 64K rw- at 0x7f0000000000`, `store ${name} heap 5`);
  tell(told, 'bind app gpu0', 'dma gpu0 app write heap 4', 'run', 'unbind app gpu0', 'run', 'bind tool gpu0');

  tell(told, 'expect pasid tool 1', 'dma gpu0 tool write heap+4 4', 'run', 'expect dma gpu0 done');

  tell(told, 'expect memory app heap+4 0', 'expect memory tool heap+4 0xda7a0000', 'expect memory tool heap 5');
});

test('a process can give no work to a device that another has bound', () => {
  const told = story('machine smmuv3', 'device gpu0 pci 00:01.0 ats pri pasid 16', 'process app', 'process tool');
  tell(told, 'mmap tool heap 4K rw-', 'bind app gpu0');

  expect(attempt(told, 'dma gpu0 tool write heap 4')).toMatchObject({ state: 'refused', errno: 'EINVAL' });
});
