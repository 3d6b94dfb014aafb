/** Numbers by 64-bit keys: open addressing, at most half full; a cell is both halves and the number plus one. */
export interface Seen {
  cells: Int32Array;
  size: number;
}

const CELL = 3;
const FIRST_CELLS = 1 << 12;

export function nothingSeen(): Seen {
  return { cells: new Int32Array(FIRST_CELLS * CELL), size: 0 };
}

/** Forgets all keys; the room for them stays. */
export function forget(seen: Seen): void {
  if (seen.size > 0) seen.cells.fill(0);
  seen.size = 0;
}

/** The number of a key, -1 if it was not seen before. */
export function findNumber({ cells }: Seen, h0: number, h1: number): number {
  const mask = cells.length / CELL - 1;
  let at = (h0 & mask) * CELL;
  for (let known = cells[at + 2] as number; known !== 0; known = cells[at + 2] as number) {
    if (cells[at] === h0 && cells[at + 1] === h1) return known - 1;
    at += CELL;
    if (at === cells.length) at = 0;
  }
  return -1;
}

const always = (): boolean => true;

/** The number of a key; it gets `fresh` if it was not seen before. `same` tells apart what has one key in common. */
export function numberFor(
  seen: Seen,
  h0: number,
  h1: number,
  fresh: number,
  same: (number: number) => boolean = always,
): number {
  const { cells } = seen;
  const mask = cells.length / CELL - 1;
  let at = (h0 & mask) * CELL;
  for (let known = cells[at + 2] as number; known !== 0; known = cells[at + 2] as number) {
    if (cells[at] === h0 && cells[at + 1] === h1 && same(known - 1)) return known - 1;
    at += CELL;
    if (at === cells.length) at = 0;
  }
  cells[at] = h0;
  cells[at + 1] = h1;
  cells[at + 2] = fresh + 1;
  if (++seen.size * 2 > mask) grow(seen);
  return fresh;
}

function grow(seen: Seen): void {
  const old = seen.cells;
  const cells = new Int32Array(old.length * 2);
  const mask = cells.length / CELL - 1;
  for (let from = 0; from < old.length; from += CELL) {
    if (old[from + 2] === 0) continue;
    let at = ((old[from] as number) & mask) * CELL;
    while (cells[at + 2] !== 0) at = at + CELL === cells.length ? 0 : at + CELL;
    for (let i = 0; i < CELL; i++) cells[at + i] = old[from + i] as number;
  }
  seen.cells = cells;
}
