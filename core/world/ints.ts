/** A growing list of 32-bit integers: half the memory of an array of numbers, and no work for the collector. */
export class Ints {
  private words = new Int32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.words.length) {
      // By half and not to the double: what is not used yet is most of a long run's memory.
      const larger = new Int32Array(this.length + (this.length >>> 1));
      larger.set(this.words);
      this.words = larger;
    }
    this.words[this.length++] = value;
  }

  at(index: number): number {
    return this.words[index] as number;
  }

  set(index: number, value: number): void {
    this.words[index] = value;
  }

  /** The first so many integers, all of them if nothing is said, in an array of their own. */
  copy(length = this.length): Int32Array {
    return this.words.slice(0, length);
  }

  get bytes(): number {
    return this.words.byteLength;
  }
}
