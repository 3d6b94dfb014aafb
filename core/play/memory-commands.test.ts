import { expect, test } from 'vitest';
import { attempt, story, tell } from './testing/story.ts';

const STAGE = [
  'machine smmuv3',
  'device gpu0 pci 00:01.0 ats pri pasid 16',
  'process app',
  'mmap app heap 16K rw- at 0x7f0000000000',
  'store app heap 7',
] as const;

test('exec ends the bonds of a process, whose PASID is no longer its own', () => {
  const told = story(...STAGE, 'bind app gpu0', 'dma gpu0 app write heap 64', 'run');

  expect(tell(told, 'exec app', 'run')).toBeNull();

  tell(told, 'expect pasid app none', 'expect bound app gpu0 0', 'expect unmapped app heap');
  expect(attempt(told, 'dma gpu0 app write heap 64')).toMatchObject({ state: 'refused', errno: 'EINVAL' });
});

test('a page that moves under a device is found again by it, in its new frame', () => {
  const told = story(...STAGE, 'bind app gpu0', 'dma gpu0 app write heap 64', 'run');

  expect(attempt(told, 'migrate app heap 2').output).toEqual(['1 of 2 pages moved']);
  tell(told, 'expect uncached iotlb app heap', 'expect uncached atc app heap', 'expect memory app heap 0xda7a0000');
  tell(told, 'dma gpu0 app write heap+0x8 4', 'run', 'expect dma gpu0 done', 'expect fault 0');
  tell(told, 'expect memory app heap+0x8 0xda7a0000', 'expect memory app heap+0x4 0xda7a0001');
});

test('an allocation that is to fail makes a fault of a device fail, once', () => {
  const told = story(...STAGE, 'bind app gpu0', 'fail-alloc 1', 'dma gpu0 app write heap+0x1000 4', 'run');

  tell(told, 'expect dma gpu0 failed', 'expect unmapped app heap+0x1000');
  tell(told, 'dma gpu0 app write heap+0x1000 4', 'run', 'expect dma gpu0 done');
});

test.each([
  ['pin app heap+0x10 1', 'EINVAL'],
  ['swap-out app heap 33', 'ERANGE'],
  ['migrate nobody heap 1', 'ESRCH'],
  ['mlock app nowhere 1', 'EFAULT'],
])('%s is refused with %s and changes nothing', (line, errno) => {
  const told = story(...STAGE, 'run');
  const before = told.world.fingerprint().join();

  expect(attempt(told, line)).toMatchObject({ state: 'refused', errno });
  expect(told.world.fingerprint().join()).toBe(before);
});

test('a kernel thread that is at work takes no second command, and a process with threads no exec', () => {
  const told = story(...STAGE, 'run', 'swap-out app heap 1 &', 'step kswapd');

  expect(attempt(told, 'swap-out app heap 1')).toMatchObject({ state: 'refused', errno: 'EBUSY' });
  tell(told, 'run', 'thread app worker');
  expect(attempt(told, 'exec app')).toMatchObject({ state: 'refused', errno: 'EBUSY' });
});
