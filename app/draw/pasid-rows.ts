import type { PasidRowView } from '../engine/contract.ts';

/** A row of a PASID table, or rows one after another that say nothing. */
export type ShownRow =
  | { readonly kind: 'row'; readonly row: PasidRowView }
  | { readonly kind: 'gap'; readonly rows: readonly PasidRowView[] };

/** Two rows say as much in two lines as in one. */
const GAP_LEAST = 2;

/** The rows of a PASID table as they are told: runs of invalid ones together, but for those that the event has touched. */
export function rowsShown(rows: readonly PasidRowView[], touched: ReadonlySet<string>): readonly ShownRow[] {
  const shown: ShownRow[] = [];
  let quiet: PasidRowView[] = [];
  const flush = () => {
    if (quiet.length >= GAP_LEAST) shown.push({ kind: 'gap', rows: quiet });
    else shown.push(...quiet.map((row) => ({ kind: 'row', row }) as const));
    quiet = [];
  };
  for (const row of rows) {
    if (!row.valid && row.mm === null && !touched.has(row.key)) quiet.push(row);
    else {
      flush();
      shown.push({ kind: 'row', row });
    }
  }
  flush();
  return shown;
}
