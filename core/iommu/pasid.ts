import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { processWithPasid } from './process.ts';

interface PasidCursor extends Row {
  readonly next: number;
}

/**
 * One row: where the search for a free PASID begins. idr_alloc_cyclic() does not hand out a freed PASID again before
 * the cursor has wrapped; the cursor is small state, and part of the fingerprint.
 */
export const pasidCursor = table<PasidCursor>('pasid-cursor', { next: 'int' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  next: r.next,
}));

/** The next free PASID of the system-wide space within [min, max], -1 if there is none. */
export function allocatePasid(world: World, min: number, max: number): number {
  const start = Math.max(min, Math.min(pasidCursor.get(world, 0).next, max + 1));
  const pasid = firstFree(world, start, max) ?? firstFree(world, min, start - 1);
  if (pasid === undefined) return -1;
  pasidCursor.edit(world, 0, (row) => {
    row.next = pasid + 1;
  });
  return pasid;
}

function firstFree(world: World, first: number, last: number): number | undefined {
  for (let pasid = first; pasid <= last; pasid++) if (processWithPasid(world, pasid) === undefined) return pasid;
  return undefined;
}
