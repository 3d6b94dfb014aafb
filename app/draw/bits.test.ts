import { expect, test } from 'vitest';
import { bitNumbers, plainHex, rowsOf, wordText } from './bits.ts';

const field = (name: string, hi: number, lo: number) => ({ name, hi, lo, hex: '1', meaning: '', value: '' });
const record = {
  name: 'record',
  cite: '',
  bytes: 16,
  words: ['0000000000000001', '8000000000000000'],
  bits: [field('low', 3, 0), field('high', 63, 32), field('page', 127, 76)],
};

test('a row has its fields from the most significant bit on, and the bits between them', () => {
  const [first, second] = rowsOf(record);

  expect(first?.boxes.map((box) => [box.field?.name, bitNumbers(box)])).toEqual([
    ['high', '63:32'],
    [undefined, '31:4'],
    ['low', '3:0'],
  ]);
  expect(second?.boxes.map((box) => [box.field?.name, bitNumbers(box)])).toEqual([
    ['page', '127:76'],
    [undefined, '75:64'],
  ]);
});

test('the boxes of a row have 64 bits together', () => {
  for (const { boxes } of rowsOf(record)) {
    expect(boxes.reduce((sum, { hi, lo }) => sum + hi - lo + 1, 0)).toBe(64);
  }
});

test('a word that names nothing is one box', () => {
  expect(rowsOf({ ...record, bits: [] })[0]?.boxes).toEqual([{ hi: 63, lo: 0, field: null }]);
});

test('words are read in groups', () => {
  expect(wordText('a000000100000008', 'hex')).toBe('a000 0001 0000 0008');
  expect(wordText('a1', 'binary')).toBe('10100001');
  expect([plainHex('0x0040'), plainHex('00000')]).toEqual(['40', '0']);
});
