export const ID_BITS = 24;
export const ID_MASK = (1 << ID_BITS) - 1;
export const WORD_BITS = 10;
export const WORD_MASK = (1 << WORD_BITS) - 1;

/** Row and word keys of the journal, put together and taken apart. */
export function rowKey(table: number, id: number): number {
  return (table << ID_BITS) | id;
}

export function wordKey(slot: number, index: number): number {
  return (slot << WORD_BITS) | index;
}

export function rowOfKey(key: number): { table: number; id: number } {
  return { table: key >>> ID_BITS, id: key & ID_MASK };
}

export function wordOfKey(key: number): { slot: number; index: number } {
  return { slot: key >>> WORD_BITS, index: key & WORD_MASK };
}
