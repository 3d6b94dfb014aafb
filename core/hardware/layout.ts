/** Bit layouts of hardware structures: one table that encodes, decodes and explains itself. */
import { assert } from '../lib/assert.ts';
import { hex, pageAddress } from '../lib/format.ts';

const WORD_BITS = 32;
const ALL_ONES = 0xffff_ffff;
const TWO_TO_32 = 2 ** 32;
const PAGE_BITS = 12;
const PAGE_SIZE = 4096;
/** The widest field that a number holds exactly. A wider one is given as two fields, NAME_LO and NAME_HI. */
const WIDEST_FIELD = 53;
const POWERS_OF_TWO = Array.from({ length: WIDEST_FIELD + 1 }, (_, exponent) => 2 ** exponent);

/** One named run of bits; bit numbers run over the whole structure, little-endian. */
export interface Field {
  readonly name: string;
  readonly lo: number;
  readonly hi: number;
  /** What it says to the hardware, in plain words. */
  readonly meaning: string;
  /** The specification's names of its values, where it is an enumeration. */
  readonly values?: Readonly<Record<number, string>>;
  /** Only for an address: the field holds address >> shift. */
  readonly shift?: number;
}

/** A field before its layout gives it a name. */
export type FieldSpec = Omit<Field, 'name'>;

export interface Layout<F extends string = string> {
  readonly name: string;
  /** In bytes, a multiple of 4. */
  readonly size: number;
  /** The section of the public document that defines it. */
  readonly cite: string;
  /** In bit order, lowest first. */
  readonly fields: Readonly<Record<F, Field>>;
}

/** Words of a structure, wherever it lives: lowest 32-bit word first. */
export type Words = ArrayLike<number>;

/** A field as the inspector shows it. */
export interface FieldDescription {
  readonly name: string;
  readonly lo: number;
  readonly hi: number;
  readonly value: number;
  readonly hex: string;
  readonly meaning: string;
  readonly valueName?: string;
  /** The whole address in hex, where the field holds one without its low bits. */
  readonly address?: string;
}

/** A field of several bits, written high bit first as in the specifications. */
export function bits(hi: number, lo: number, meaning: string, values?: Readonly<Record<number, string>>): FieldSpec {
  return values === undefined ? { lo, hi, meaning } : { lo, hi, meaning, values };
}

/** A field of one bit. */
export function bit(position: number, meaning: string, values?: Readonly<Record<number, string>>): FieldSpec {
  return bits(position, position, meaning, values);
}

/** A field that holds an address without its low `shift` bits; by default it lies where the address has those bits. */
export function address(hi: number, lo: number, meaning: string, shift: number = lo % 64): FieldSpec {
  return { lo, hi, meaning, shift };
}

/** Turns a table of codes around, for `values`: `{ ABORT: 0 }` gives `{ 0: 'ABORT' }`. */
export function namesOf(codes: Readonly<Record<string, number>>): Readonly<Record<number, string>> {
  return Object.fromEntries(Object.entries(codes).map(([name, code]) => [code, name]));
}

/** Defines a layout of `size` bytes; fields lie inside it, do not overlap, and are at most 53 bits wide. */
export function layout<F extends string>(
  name: string,
  size: number,
  cite: string,
  specs: Readonly<Record<F, FieldSpec>>,
): Layout<F> {
  assert(size > 0 && size % 4 === 0, `${name} is a whole number of 32-bit words`);
  const fields = inBitOrder(Object.entries<FieldSpec>(specs).map(([field, spec]) => ({ name: field, ...spec })));
  let end = 0;
  for (const field of fields) {
    checkField(name, field);
    assert(field.lo >= end, `${name}.${field.name} begins after the field below it ends`);
    end = field.hi + 1;
  }
  assert(end <= size * 8, `${name} has room for all its fields`);
  return {
    name,
    size,
    cite,
    fields: Object.fromEntries(fields.map((field) => [field.name, field])) as Record<F, Field>,
  };
}

function checkField(owner: string, field: Field): void {
  const width = widthOf(field);
  assert(field.lo >= 0 && width >= 1, `${owner}.${field.name} has its high bit above its low bit`);
  assert(width <= WIDEST_FIELD, `${owner}.${field.name} fits a number`);
  for (const value of Object.keys(field.values ?? {})) {
    assert(Number(value) < 2 ** width, `${owner}.${field.name} can hold each value that it names`);
  }
}

function inBitOrder(fields: Field[]): Field[] {
  return fields.sort((a, b) => a.lo - b.lo);
}

function widthOf(field: FieldSpec): number {
  return field.hi - field.lo + 1;
}

/** Value of a field in the structure whose first word is `words[at]`; exact, over up to three words. */
export function getField(words: Words, field: Field, at = 0): number {
  const first = at + (field.lo >>> 5);
  const last = at + (field.hi >>> 5);
  assert(last < words.length, 'a field lies inside the words it is read from');
  const above = 31 - (field.hi & 31);
  const top = ((words[last] as number) << above) >>> above;
  const shift = field.lo & 31;
  if (first === last) return top >>> shift;
  let value = top;
  for (let index = last - 1; index > first; index -= 1) value = value * TWO_TO_32 + ((words[index] as number) >>> 0);
  return value * powerOfTwo(WORD_BITS - shift) + ((words[first] as number) >>> shift);
}

/** Puts a value that fits into a field of the structure whose first word is `words[at]`; other bits stay. */
export function setField(words: Uint32Array | number[], field: Field, value: number, at = 0): void {
  assert(at + (field.hi >>> 5) < words.length, 'a field lies inside the words it is written to');
  assert(Number.isInteger(value) && value >= 0 && value < powerOfTwo(widthOf(field)), 'a value fits its field');
  let rest = value;
  for (let low = field.lo; low <= field.hi; ) {
    const shift = low & 31;
    const width = Math.min(WORD_BITS - shift, field.hi - low + 1);
    const index = at + (low >>> 5);
    const mask = (ALL_ONES >>> (WORD_BITS - width)) << shift;
    words[index] = (((words[index] as number) & ~mask) | ((rest << shift) & mask)) >>> 0;
    rest = Math.floor(rest / powerOfTwo(width));
    low += width;
  }
}

/** 2 to the power of 0..53, looked up: raising it costs tens of nanoseconds. */
function powerOfTwo(exponent: number): number {
  return POWERS_OF_TWO[exponent] as number;
}

/** Words of a structure with these field values; fields not given are 0. */
export function encode<F extends string>(layout: Layout<F>, values: Partial<Readonly<Record<F, number>>>): Uint32Array {
  const words = new Uint32Array(layout.size / 4);
  for (const [name, value] of Object.entries<number | undefined>(values)) {
    const field: Field | undefined = layout.fields[name as F];
    assert(field !== undefined, `${layout.name} has a field ${name}`);
    if (value !== undefined) setField(words, field, value);
  }
  return words;
}

/** Every field's value in the structure whose first word is `words[at]`. Allocates: hot paths use getField. */
export function decode<F extends string>(layout: Layout<F>, words: Words, at = 0): Record<F, number> {
  const entries = Object.values<Field>(layout.fields).map((field) => [field.name, getField(words, field, at)]);
  return Object.fromEntries(entries) as Record<F, number>;
}

/** Fields in bit order with their values and meanings; with `res0`, the reserved bits between them too, word by word. */
export function describeFields<F extends string>(
  layout: Layout<F>,
  words: Words,
  { res0 = false }: { readonly res0?: boolean } = {},
): FieldDescription[] {
  const fields = Object.values<Field>(layout.fields);
  const shown = res0 ? inBitOrder([...fields, ...reservedBits(fields, layout.size * 8)]) : fields;
  return shown.map((field) => describeField(field, getField(words, field)));
}

function describeField(field: Field, value: number): FieldDescription {
  const { name, lo, hi, meaning, shift } = field;
  const valueName = field.values?.[value];
  return {
    name,
    lo,
    hi,
    value,
    hex: `0x${hex(value, Math.ceil(widthOf(field) / 4))}`,
    meaning,
    ...(valueName === undefined ? {} : { valueName }),
    ...(shift === undefined ? {} : { address: pageAddress(pageOf(value, shift), offsetOf(value, shift)) }),
  };
}

function reservedBits(fields: readonly Field[], end: number): Field[] {
  const reserved: Field[] = [];
  let free = 0;
  for (const next of [...fields.map(({ lo, hi }) => ({ lo, hi })), { lo: end, hi: end }]) {
    while (free < next.lo) {
      const hi = Math.min(next.lo - 1, free | 31);
      reserved.push({ name: 'RES0', lo: free, hi, meaning: 'reserved: software writes 0 here' });
      free = hi + 1;
    }
    free = next.hi + 1;
  }
  return reserved;
}

/** Page number (address >> 12) of an address field's value; `shift` is the field's. */
export function pageOf(value: number, shift: number): number {
  assert(shift <= PAGE_BITS, 'an address field keeps the whole page number');
  return Math.floor(value / powerOfTwo(PAGE_BITS - shift));
}

/** Byte offset in its page of an address field's value; `shift` is the field's. */
export function offsetOf(value: number, shift: number): number {
  assert(shift <= PAGE_BITS, 'an address field keeps the whole page number');
  return (value % powerOfTwo(PAGE_BITS - shift)) * powerOfTwo(shift);
}

/** Value of an address field that points at a byte offset of a page; the inverse of pageOf and offsetOf. */
export function pointerTo(page: number, offset: number, shift: number): number {
  assert(shift <= PAGE_BITS && offset < PAGE_SIZE, 'a pointer is a page number and an offset inside the page');
  assert(offset % powerOfTwo(shift) === 0, 'a pointer is aligned to the bits that its field leaves out');
  return page * powerOfTwo(PAGE_BITS - shift) + offset / powerOfTwo(shift);
}
