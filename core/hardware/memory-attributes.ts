/**
 * What a run of 8 bytes of memory answers besides its words: nothing where PMP or PMA forbid it (RISC-V Privileged 3.6,
 * 3.7), no writes, or poison where its bits are known to be lost. Memory has none of that until somebody asks for it.
 */
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

export type AttributeKind = 'no-access' | 'read-only' | 'poisoned';

export interface MemoryAttribute extends Row {
  readonly page: number;
  /** In bytes, a multiple of 8. */
  readonly offset: number;
  readonly kind: AttributeKind;
}

export const memoryAttributes = table<MemoryAttribute>(
  'memory-attribute',
  { page: 'int', offset: 'int', kind: 'text' },
  (id, r) => ({ id, h0: 0, h1: 0, page: r.page, offset: r.offset, kind: r.kind }),
);

/** How a read of some bytes ends. */
export type ReadStatus = 'ok' | 'refused' | 'poisoned';

/** How a read of `bytes` within one page ends where there is memory; a refusal hides poison. */
export function readStatus(world: World, page: number, offset: number, bytes: number): ReadStatus {
  let status: ReadStatus = 'ok';
  for (const row of memoryAttributes.slots(world)) {
    if (row === undefined || !meets(row, page, offset, bytes)) continue;
    if (row.kind === 'no-access') return 'refused';
    if (row.kind === 'poisoned') status = 'poisoned';
  }
  return status;
}

/** Whether writes, and atomic updates, reach these bytes; writing over poison is fine. */
export function isWritable(world: World, page: number, offset: number, bytes: number): boolean {
  for (const row of memoryAttributes.slots(world)) {
    if (row !== undefined && row.kind !== 'poisoned' && meets(row, page, offset, bytes)) return false;
  }
  return true;
}

function meets(row: MemoryAttribute, page: number, offset: number, bytes: number): boolean {
  return row.page === page && row.offset < offset + bytes && offset < row.offset + 8;
}
