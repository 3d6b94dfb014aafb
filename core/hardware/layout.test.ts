import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  address,
  bit,
  bits,
  decode,
  describeFields,
  encode,
  type Field,
  getField,
  layout,
  namesOf,
  offsetOf,
  pageOf,
  pointerTo,
  setField,
} from './layout.ts';

const COLOUR = { RED: 0, BLUE: 2 };

const PARCEL = layout('PARCEL', 12, 'a test', {
  V: bit(0, 'valid'),
  Colour: bits(2, 1, 'colour', namesOf(COLOUR)),
  Table: address(55, 6, 'where it goes'),
  Tail: bits(95, 64, 'a whole word'),
});

/** A field somewhere in four words, and words around it. */
const placedField = fc
  .tuple(fc.nat(127), fc.integer({ min: 1, max: 53 }))
  .filter(([lo, width]) => lo + width <= 128)
  .map(([lo, width]): Field => ({ name: 'F', lo, hi: lo + width - 1, meaning: '' }));
const word = fc.nat(0xffff_ffff);
const fourWords = fc.array(word, { minLength: 4, maxLength: 4 });

test('a field reads back what was put in it, and nothing else changes', () => {
  fc.assert(
    fc.property(placedField, fourWords, fc.maxSafeNat(), (field, before, seed) => {
      const value = seed % 2 ** (field.hi - field.lo + 1);
      const words = Uint32Array.from(before);

      setField(words, field, value);

      expect(getField(words, field)).toBe(value);
      expect(bitsOutside(field, words)).toEqual(bitsOutside(field, before));
    }),
  );
});

test('a field has the value that its bits spell', () => {
  fc.assert(
    fc.property(placedField, fourWords, (field, words) => {
      const spelt = spell(words).slice(128 - 1 - field.hi, 128 - field.lo);

      expect(getField(words, field)).toBe(Number.parseInt(spelt, 2));
    }),
  );
});

test('a structure may begin at any word', () => {
  const words = new Uint32Array(6);

  setField(words, PARCEL.fields.Table, 0x3_ffff_ffff_ffff, 2);

  expect([...words]).toEqual([0, 0, 0xffff_ffc0, 0x00ff_ffff, 0, 0]);
  expect(getField(words, PARCEL.fields.Table, 2)).toBe(0x3_ffff_ffff_ffff);
  expect(decode(PARCEL, words, 2)).toEqual({ V: 0, Colour: 0, Table: 0x3_ffff_ffff_ffff, Tail: 0 });
});

test('fields not given are zero', () => {
  expect([...encode(PARCEL, { V: 1, Colour: COLOUR.BLUE })]).toEqual([0b101, 0, 0]);
});

test('a value that does not fit its field is our bug', () => {
  const words = new Uint32Array(3);

  for (const value of [4, -1, 0.5, Number.NaN]) {
    expect(() => setField(words, PARCEL.fields.Colour, value)).toThrow('a value fits its field');
  }
  expect([...words]).toEqual([0, 0, 0]);
});

test('a field outside the words is our bug', () => {
  expect(() => getField([0, 0], PARCEL.fields.Tail)).toThrow('a field lies inside the words it is read from');
  expect(() => setField([0, 0], PARCEL.fields.Tail, 1)).toThrow('a field lies inside the words it is written to');
});

test('a name that the layout does not have is our bug', () => {
  expect(() => encode<string>(PARCEL, { Weight: 1 })).toThrow('PARCEL has a field Weight');
});

test('a layout that contradicts itself cannot be defined', () => {
  const define = (fields: Parameters<typeof layout>[3]) => () => layout('L', 8, '', fields);

  expect(define({ A: bits(7, 0, ''), B: bits(9, 7, '') })).toThrow('L.B begins after the field below it ends');
  expect(define({ A: bits(64, 60, '') })).toThrow('L has room for all its fields');
  expect(define({ A: bits(3, 4, '') })).toThrow('L.A has its high bit above its low bit');
  expect(define({ A: bits(63, 0, '') })).toThrow('L.A fits a number');
  expect(define({ A: bit(0, '', { 2: 'two' }) })).toThrow('L.A can hold each value that it names');
  expect(() => layout('L', 6, '', {})).toThrow('L is a whole number of 32-bit words');
});

test('it explains its fields in bit order, with names of values and whole addresses', () => {
  const words = encode(PARCEL, { V: 1, Colour: COLOUR.BLUE, Table: 0x2001 });

  expect(describeFields(PARCEL, words)).toEqual([
    { name: 'V', lo: 0, hi: 0, value: 1, hex: '0x1', meaning: 'valid' },
    { name: 'Colour', lo: 1, hi: 2, value: 2, hex: '0x2', meaning: 'colour', valueName: 'BLUE' },
    {
      name: 'Table',
      lo: 6,
      hi: 55,
      value: 0x2001,
      hex: '0x0000000002001',
      meaning: 'where it goes',
      address: '0x80040',
    },
    { name: 'Tail', lo: 64, hi: 95, value: 0, hex: '0x00000000', meaning: 'a whole word' },
  ]);
});

test('it shows reserved bits when asked, none of them across a word', () => {
  const shown = describeFields(PARCEL, [0, 0x8000_0000, 0], { res0: true });

  expect(shown.map(({ name, lo, hi }) => [name, lo, hi])).toEqual([
    ['V', 0, 0],
    ['Colour', 1, 2],
    ['RES0', 3, 5],
    ['Table', 6, 55],
    ['RES0', 56, 63],
    ['Tail', 64, 95],
  ]);
  expect(shown.find(({ lo }) => lo === 56)?.value).toBe(0x80);
  expect(describeFields(layout('EMPTY', 8, '', {}), [0, 0], { res0: true }).map(({ lo, hi }) => [lo, hi])).toEqual([
    [0, 31],
    [32, 63],
  ]);
});

test('a pointer is a page and an offset, and back', () => {
  fc.assert(
    fc.property(fc.nat(0xff_ffff_ffff), fc.nat(4095), fc.nat(12), (page, byte, shift) => {
      const offset = byte - (byte % 2 ** shift);

      const value = pointerTo(page, shift === 12 ? 0 : offset, shift);

      expect([pageOf(value, shift), offsetOf(value, shift)]).toEqual([page, shift === 12 ? 0 : offset]);
    }),
  );
  expect(() => pointerTo(1, 8, 6)).toThrow('a pointer is aligned to the bits that its field leaves out');
  expect(() => pointerTo(1, 4096, 6)).toThrow('a pointer is a page number and an offset inside the page');
});

/** All 128 bits as text, highest first. */
function spell(words: ArrayLike<number>): string {
  return Array.from(words, (value) => value.toString(2).padStart(32, '0'))
    .reverse()
    .join('');
}

function bitsOutside(field: Field, words: ArrayLike<number>): string {
  const text = spell(words);
  return text.slice(0, 127 - field.hi) + text.slice(128 - field.lo);
}
