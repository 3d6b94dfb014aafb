import type { Alignment } from '../engine/contract.ts';

/** The last events of both runs up to a row, which counts from 1; 0 before the first. */
export function eventsAt({ left, right }: Alignment, row: number): { readonly left: number; readonly right: number } {
  return { left: lastUpTo(left, row), right: lastUpTo(right, row) };
}

function lastUpTo(events: readonly number[], row: number): number {
  for (let index = row - 1; index >= 0; index--) if ((events[index] ?? 0) > 0) return events[index] as number;
  return 0;
}

/** The row of an event of one run, 0 for the start. */
export function rowOf(events: readonly number[], event: number): number {
  return event === 0 ? 0 : events.indexOf(event) + 1;
}

/** The row at which the left run stands at an event: the one that is wanted if it does there, else that of the event. */
export function rowWanted(rows: Alignment, event: number, wanted?: number): number {
  const isThere = wanted !== undefined && wanted <= rows.left.length && eventsAt(rows, wanted).left === event;
  return isThere ? wanted : rowOf(rows.left, event);
}

/** The nearest row after or before another at which one run alone has an event, null for none. A stretch of them is met at its first. */
export function nextGap({ left, right }: Alignment, from: number, direction: 1 | -1): number | null {
  const isGap = (row: number) => left[row - 1] === 0 || right[row - 1] === 0;
  const begins = (row: number) => isGap(row) && (row === 1 || !isGap(row - 1));
  for (let row = from + direction; row >= 1 && row <= left.length; row += direction) if (begins(row)) return row;
  return null;
}

/** How much of each of so many equal parts of the rows one run has alone, from 0 to 1. */
export interface Gaps {
  readonly left: readonly number[];
  readonly right: readonly number[];
}

export function gapsIn({ left, right }: Alignment, parts: number): Gaps {
  const rows = left.length;
  const found = { left: new Array<number>(parts).fill(0), right: new Array<number>(parts).fill(0) };
  const size = rows / Math.max(1, parts);
  for (let row = 0; row < rows; row++) {
    const part = Math.min(parts - 1, Math.floor(row / size));
    const side = right[row] === 0 ? found.left : left[row] === 0 ? found.right : null;
    if (side !== null) side[part] = (side[part] as number) + 1 / size;
  }
  return found;
}

/** The outline of bars that stand on a line or hang from it, `unit` px wide each. */
export function barsPath(
  shares: readonly number[],
  { line, height, unit }: { line: number; height: number; unit: number },
): string {
  return shares
    .map((share, part) => {
      if (share === 0) return '';
      const size = Math.sign(height) * Math.max(2, Math.abs(height) * Math.min(1, share));
      return `M${part * unit},${line}v${-size}h${unit}v${size}z`;
    })
    .join('');
}
