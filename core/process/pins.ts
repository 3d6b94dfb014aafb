/** Pages that somebody holds on to, so that a device can use them: get_user_pages() for long. */
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

/** One pin of one page: it has a reference to the frame, wherever the mapping has gone since. */
export interface Pin extends Row {
  /** Whose memory it was; the pin keeps this row, not the memory. */
  readonly mm: number;
  readonly page: number;
  readonly pfn: number;
  /** The device whose driver pinned it at bind; -1 for a pin that the process asked for. */
  readonly device: number;
}

export const pins = table<Pin>('pin', { mm: 'int', page: 'int', pfn: 'int', device: 'int' }, (id, r) => ({
  ...{ id, h0: 0, h1: 0, mm: r.mm, page: r.page, pfn: r.pfn, device: r.device },
}));

/** How many pins a page has. Kernel: page_maybe_dma_pinned, exactly. */
export function pinsOn(world: World, pfn: number): number {
  let count = 0;
  for (const pin of pins.slots(world)) if (pin?.pfn === pfn) count++;
  return count;
}
