import type { Sealed } from './row.ts';

/** Equal things become one object: the journal then keeps references instead of copies, and identity shows equality. */
export class Pool {
  private readonly buckets = new Map<number, Sealed[]>();

  /** The pooled thing equal to this one, this one if there is none yet. */
  intern<T extends Sealed>(thing: T, equal: (a: T, b: T) => boolean): T {
    const bucket = this.buckets.get(thing.h0);
    if (bucket === undefined) {
      this.buckets.set(thing.h0, [thing]);
      return thing;
    }
    for (const known of bucket) if (known.h1 === thing.h1 && equal(known as T, thing)) return known as T;
    bucket.push(thing);
    return thing;
  }
}
