/**
 * The longest list of rising numbers that can be picked from a list in its order; what is not picked is 0, as is what
 * was 0 before. Patience sorting: n log n.
 */
export function longestRising(numbers: readonly number[]): number[] {
  /** Index of the number that ends the shortest-ended rising list of each length. */
  const ends: number[] = [];
  const before = new Int32Array(numbers.length).fill(-1);
  numbers.forEach((number, index) => {
    if (number === 0) return;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((numbers[ends[middle] as number] as number) < number) low = middle + 1;
      else high = middle;
    }
    before[index] = low === 0 ? -1 : (ends[low - 1] as number);
    ends[low] = index;
  });
  const picked = numbers.map(() => 0);
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index] as number)
    picked[index] = numbers[index] as number;
  return picked;
}
