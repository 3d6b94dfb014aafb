export interface Scrolled {
  readonly top: number;
  readonly height: number;
}

/** The rows `first` (inclusive) to `last` (exclusive) of a list that are in sight, with a few more at both ends, in tens. */
export function rowsInView({ top, height }: Scrolled, count: number, rowHeight: number, spare: number) {
  const tens = (rows: number) => Math.floor(rows / 10) * 10;
  const first = Math.max(0, Math.min(count, tens(top / rowHeight - spare)));
  const last = Math.min(count, tens((top + height) / rowHeight + spare) + 10);
  return { first, last };
}
