/** Longer words than this are no slips of a finger. */
const LONGEST = 32;

/** So many letters at least make a part of a word that is meant. */
const SHORTEST_PART = 4;

/** `; did you mean "munmap"?` if one of the words is near or has the text in it, else nothing. */
export function suggestion(text: string, words: readonly string[]): string {
  if (text.length > LONGEST) return '';
  const near = words
    .map((word) => ({ word, distance: distanceOf(text.toLowerCase(), word) }))
    .filter(({ word, distance }) => distance <= Math.min(2, Math.floor(word.length / 2)))
    .sort((one, other) => one.distance - other.distance);
  const meant = near[0]?.word ?? words.find((word) => text.length >= SHORTEST_PART && word.includes(text));
  return meant === undefined ? '' : `; did you mean "${meant}"?`;
}

/** Letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
function distanceOf(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const least = Math.min(at(next, j - 1) + 1, at(row, j) + 1, at(row, j - 1) + (same ? 0 : 1));
      next.push(swapped ? Math.min(least, at(before, j - 2) + 1) : least);
    }
    before = row;
    row = next;
  }
  return at(row, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
