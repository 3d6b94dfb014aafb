import { decides, hasBug, tellBug } from '../policy/policy.ts';
import { mms } from '../process/mm.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { processWithPasid } from './process.ts';
import { spaceWithPasid } from './space.ts';

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

/** The PASID for a process of an mm: the one that the mm has, where PASIDs live as long as it, else a free one; -1 for none. */
export function pasidFor(world: World, mm: number, min: number, max: number): number {
  const own = mms.get(world, mm).pasid;
  if (own > 0 && processWithPasid(world, own) === undefined) return own >= min && own <= max ? own : -1;
  const pasid = allocatePasid(world, min, max);
  if (pasid < 0 || !decides(world, 'pasid-lifetime', 'mm')) return pasid;
  mms.edit(world, mm, (row) => {
    row.pasid = pasid;
  });
  return pasid;
}

/** Somebody has the PASID: a process, an mm that had one, or a device for itself. */
export function isTaken(world: World, pasid: number): boolean {
  if (processWithPasid(world, pasid) !== undefined || spaceWithPasid(world, pasid) !== undefined) return true;
  return mms.first(world, (mm) => mm.pasid === pasid) !== undefined;
}

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
  for (let pasid = first; pasid <= last; pasid++) if (isFree(world, pasid)) return pasid;
  return undefined;
}

/** Nobody has the PASID; or its mm has no user left, for one who gives it back too early. */
function isFree(world: World, pasid: number): boolean {
  if (!isTaken(world, pasid)) return true;
  const process = processWithPasid(world, pasid);
  if (process === undefined || mms.get(world, process.mm).users > 0 || !hasBug(world, 'pasid-freed-at-mmput'))
    return false;
  tellBug(world);
  return true;
}
