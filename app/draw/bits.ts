import type { BitsView, RecordView } from '../engine/contract.ts';

const WORD = 64;

/** A field of a record, or bits between fields that have no name. */
export interface Box {
  readonly hi: number;
  readonly lo: number;
  readonly field: BitsView | null;
}

export interface Row {
  readonly word: number;
  readonly hex: string;
  readonly boxes: readonly Box[];
}

/** A record in rows of 64 bits, most significant bit left, gaps included; a word that names nothing is one box. */
export function rowsOf(record: RecordView): readonly Row[] {
  return record.words.map((hex, word) => ({ word, hex, boxes: boxesOf(record.bits, word * WORD) }));
}

function boxesOf(fields: readonly BitsView[], base: number): Box[] {
  const top = base + WORD - 1;
  const inside = fields
    .filter(({ hi, lo }) => hi >= base && lo <= top)
    .sort((one, other) => other.hi - one.hi || other.lo - one.lo);
  const boxes: Box[] = [];
  let next = top;
  for (const field of inside) {
    const [hi, lo] = [Math.min(field.hi, top), Math.max(field.lo, base)];
    if (hi < next) boxes.push({ hi: next, lo: hi + 1, field: null });
    boxes.push({ hi, lo, field });
    next = Math.min(next, lo - 1);
  }
  if (next >= base) boxes.push({ hi: next, lo: base, field: null });
  return boxes;
}

/** Bit numbers as a specification writes them: 31:0, or 63 for one bit. */
export function bitNumbers({ hi, lo }: Pick<Box, 'hi' | 'lo'>): string {
  return hi === lo ? String(hi) : `${hi}:${lo}`;
}

/** The digits of a hexadecimal word in groups of four, or its bits in groups of eight. */
export function wordText(hex: string, base: 'hex' | 'binary'): string {
  if (base === 'hex') return inGroups(hex, 4);
  const bits = [...hex].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
  return inGroups(bits, 8);
}

function inGroups(text: string, size: number): string {
  return text.match(new RegExp(`.{1,${size}}`, 'g'))?.join(' ') ?? '';
}

/** Leading zeros of a field's value say nothing: 0000000000040 is 40, 00000 is 0. */
export function plainHex(hex: string): string {
  return hex.replace(/^0x/, '').replace(/^0+(?=.)/, '');
}
