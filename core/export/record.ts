import { describeFields, type Layout } from '../hardware/layout.ts';
import { hex } from '../lib/format.ts';
import type { BitsView, RecordView } from './view.ts';

/** A record decoded by its layout. */
export function record(layout: Layout, words: Uint32Array): RecordView {
  const bits: BitsView[] = describeFields(layout, words, { res0: true }).map((field) => ({
    name: field.name,
    hi: field.hi,
    lo: field.lo,
    hex: field.hex,
    meaning: field.meaning,
    value: field.valueName ?? field.address ?? '',
  }));
  const wide: string[] = [];
  for (let i = 0; i < words.length; i += 2) wide.push(hex(words[i + 1] ?? 0, 8) + hex(words[i] ?? 0, 8));
  return { name: layout.name, cite: layout.cite, bytes: layout.size, words: wide, bits };
}
