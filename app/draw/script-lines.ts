import type { LineView } from '../engine/contract.ts';

/** The line that an event belongs to: the first that it had not ended before. */
export function lineAt(lines: readonly LineView[], at: number): LineView | undefined {
  return lines.find(({ first, last }) => first < at && at <= last) ?? lines.findLast(({ last }) => last <= at);
}
