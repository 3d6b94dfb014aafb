/** Something that can be said of a row, from the row alone. */
// biome-ignore lint/suspicious/noExplicitAny: views of rows of all types stand in one map
export type View = (row: any) => string;

/**
 * What was looked at since the log was emptied, with the keys of the journal: rows and words one by one, tables and
 * frames of memory as a whole. The ledger, which no guard, step or invariant may read, is not in it.
 */
export class ReadLog {
  readonly rows = new Set<number>();
  readonly words = new Set<number>();
  readonly tables = new Set<number>();
  readonly frames = new Set<number>();
  /** What was asked of each row of a table, with the number of the table. */
  readonly views = new Map<View, number>();

  isEmpty(): boolean {
    return this.rows.size + this.words.size + this.tables.size + this.frames.size + this.views.size === 0;
  }

  clear(): void {
    this.rows.clear();
    this.words.clear();
    this.tables.clear();
    this.frames.clear();
    this.views.clear();
  }
}
