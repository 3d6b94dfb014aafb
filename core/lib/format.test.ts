import { expect, test } from 'vitest';
import { duration, fingerprintText, hex, hex64, pageAddress, shortPage } from './format.ts';

test('numbers are written as a kernel writes them', () => {
  expect([hex(255), hex(5, 4)]).toEqual(['ff', '0005']);
  expect([hex64(0, 0xffff_ffff), hex64(0, -1), hex64(0xffff_0000, 1)]).toEqual([
    ...['0xffffffff', '0xffffffff', '0xffff000000000001'],
  ]);
  expect([pageAddress(0x7f000), pageAddress(0x7f000, 0x20)]).toEqual(['0x7f000000', '0x7f000020']);
});

test('a long address keeps the two ends that differ', () => {
  expect([shortPage(0x7f000), shortPage(0x7f12_3456_7)]).toEqual(['7f000000', '7f12...7000']);
});

test('a length of time keeps three or four digits', () => {
  expect([0, 999, 1000, 80_000, 2_345_678, 61e9].map(duration)).toEqual([
    ...['0 ns', '999 ns', '1.00 us', '80.00 us', '2.35 ms', '61.00 s'],
  ]);
});

test('a fingerprint is sixteen hex digits', () => {
  expect(fingerprintText([-1, 16])).toBe('ffffffff00000010');
});
