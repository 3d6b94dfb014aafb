import { expect, test } from 'vitest';
import { duration, fileName, inMiddle, shortAddress, shortLabel, typeset } from './text.ts';

test('long addresses keep both ends, short ones all', () => {
  expect(shortAddress('0x00007f0000001000')).toBe('7f00\u20261000');
  expect(shortAddress('0x7f00_0000_1000')).toBe('7f00\u20261000');
  expect(shortAddress('0x400000')).toBe('400000');
  expect(shortAddress('7f00...1000')).toBe('7f00\u20261000');
  expect(shortAddress('0x0')).toBe('0');
});

test('a label loses its last words before its address', () => {
  expect(shortLabel('RW 0x7f0000001000 group 0 last', 16)).toBe('RW 7f00\u20261000');
  expect(shortLabel('RW 7f00...1000 0 last', 20)).toBe('RW 7f00\u20261000 0 last');
  expect(shortLabel('F_TRANSLATION', 8)).toBe('F_TR\u2026ION');
});

test('a text is cut in its middle', () => {
  expect(inMiddle('libcrypt.so.1.1.0', 10)).toBe('libcr\u2026.1.0');
  expect(inMiddle('libc', 10)).toBe('libc');
});

test('a path is known by its last part, a name by all of it', () => {
  expect([fileName('/usr/lib/libc.so.6'), fileName('[heap]')]).toEqual(['libc.so.6', '[heap]']);
});

test('simulated time has the unit that reads best', () => {
  expect([duration(37), duration(1840), duration(2_500_000), duration(1e9)]).toEqual([
    '37 ns',
    '1.84 \u00b5s',
    '2.50 ms',
    '1.00 s',
  ]);
});

test('dots that stand for digits are one sign, others stay', () => {
  expect(typeset({ text: 'writes 7f00...1000 ...', more: ['a 00...ff', 3, null] })).toEqual({
    text: 'writes 7f00\u20261000 ...',
    more: ['a 00\u2026ff', 3, null],
  });
});
