import type { Machine } from '../machine/machine.ts';
import type { Alignment } from './align.ts';
import { eventRowsOf } from './story.ts';
import type { EventView } from './view.ts';

/** A row of two runs beside each other: the event of each, null where the other run alone has one. */
export interface BesideRow {
  readonly left: EventView | null;
  readonly right: EventView | null;
}

/** Rows first+1 to last of two runs laid beside each other, each event in its sentence. */
export function rowsBeside(
  { left, right }: { readonly left: Machine; readonly right: Machine },
  rows: Alignment,
  [first, last]: readonly [number, number],
): BesideRow[] {
  const told = (machine: Machine, event: number): EventView | null => eventRowsOf(machine, event - 1, event)[0] ?? null;
  const from = Math.max(0, first);
  return rows.left.slice(from, last).map((event, index) => {
    const other = rows.right[from + index] ?? 0;
    return { left: event === 0 ? null : told(left, event), right: other === 0 ? null : told(right, other) };
  });
}
