/**
 * What was looked at since the log was emptied, with the keys of the journal: rows and words one by one, tables and
 * frames of memory as a whole. The ledger, which no guard, step or invariant may read, is not in it.
 */
export class ReadLog {
  readonly rows = new Set<number>();
  readonly words = new Set<number>();
  readonly tables = new Set<number>();
  readonly frames = new Set<number>();

  clear(): void {
    this.rows.clear();
    this.words.clear();
    this.tables.clear();
    this.frames.clear();
  }
}
