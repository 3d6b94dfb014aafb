/** A row is plain data, replaced and never edited in place; `h0` and `h1` are its share of the fingerprint. */
export interface Row {
  readonly id: number;
  h0: number;
  h1: number;
}

/** A value whose hash was taken when it was sealed: a frame of an actor's stack. */
export interface Sealed {
  h0: number;
  h1: number;
}

/**
 * What a field holds, and so how it enters the fingerprint.
 * int: an integer of up to 53 bits; text: a word from a small vocabulary; sealed: a `Sealed` or null;
 * name: fixed for the life of the row and read by no guard, step or invariant, so not part of the fingerprint.
 */
export type FieldKind = 'int' | 'text' | 'sealed' | 'name';

export type Fields<R extends Row> = { readonly [K in Exclude<keyof R, keyof Row>]: FieldKind };

/** What a caller writes: every field but the id and the hashes. */
export type Draft<R extends Row> = { -readonly [K in Exclude<keyof R, keyof Row>]: R[K] };
