import type { Sealed } from './row.ts';

const FIRST_CELLS = 1024;

/** Equal things become one object: the journal then keeps references instead of copies, and identity shows equality. */
export class Pool {
  private readonly things: Sealed[] = [];
  /** A hash table with open addressing, at most half full; a cell is the number of a thing plus one and its hashes. */
  private numbers = new Int32Array(FIRST_CELLS);
  private hashes = new Int32Array(FIRST_CELLS * 2);

  /** How many different things were seen. */
  get size(): number {
    return this.things.length;
  }

  /** The pooled thing equal to this one, this one if there is none yet. */
  intern<T extends Sealed>(thing: T, equal: (a: T, b: T) => boolean): T {
    const { h0, h1 } = thing;
    const mask = this.numbers.length - 1;
    let cell = h0 & mask;
    for (let number = this.numbers[cell] as number; number !== 0; number = this.numbers[cell] as number) {
      if (this.hashes[2 * cell] === h0 && this.hashes[2 * cell + 1] === h1) {
        const known = this.things[number - 1] as T;
        if (equal(known, thing)) return known;
      }
      cell = (cell + 1) & mask;
    }
    this.fill(cell, this.things.push(thing), h0, h1);
    if (this.things.length * 2 > this.numbers.length) this.grow();
    return thing;
  }

  private fill(cell: number, number: number, h0: number, h1: number): void {
    this.numbers[cell] = number;
    this.hashes[2 * cell] = h0;
    this.hashes[2 * cell + 1] = h1;
  }

  private grow(): void {
    const size = this.numbers.length * 2;
    this.numbers = new Int32Array(size);
    this.hashes = new Int32Array(size * 2);
    this.things.forEach(({ h0, h1 }, index) => {
      let cell = h0 & (size - 1);
      while (this.numbers[cell] !== 0) cell = (cell + 1) & (size - 1);
      this.fill(cell, index + 1, h0, h1);
    });
  }
}
