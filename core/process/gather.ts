/** What was unmapped and may be freed only when no cache can translate to it any more. Kernel: struct mmu_gather. */
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { clearPte, isNone, isPresent, nextUsed, pfnOf } from './page-table.ts';
import { freeEntry, putPage } from './swap.ts';
import { isMigration, slotOf } from './swap-entry.ts';

/** One reference to a page that waits to be dropped. Only one actor at a time unmaps in an mm. */
export interface Gathered extends Row {
  readonly mm: number;
  readonly pfn: number;
}

export const gathered = table<Gathered>('gathered', { mm: 'int', pfn: 'int' }, (id, r) => ({
  ...{ id, h0: 0, h1: 0, mm: r.mm, pfn: r.pfn },
}));

/** Keeps a reference to a page, of a mapping or of the tree, until the flush. Kernel: tlb_remove_page. */
export function gather(world: World, mm: number, pfn: number): void {
  gathered.insert(world, { mm, pfn });
}

/** Clears the descriptor of a page and gathers what it mapped; a swap entry is in no cache. Kernel: zap_pte_range. */
export function zapPage(world: World, mm: number, pgd: number, page: number): void {
  const old = clearPte(world, pgd, page);
  if (isPresent(old)) gather(world, mm, pfnOf(old));
  else if (!isNone(old) && !isMigration(old)) freeEntry(world, slotOf(old));
}

/** Clears all descriptors from `start` up to, not including, `end` and gives their number. */
export function zapRange(world: World, mm: number, pgd: number, start: number, end: number): number {
  let cleared = 0;
  for (let page = nextUsed(world, pgd, start, end); page >= 0; page = nextUsed(world, pgd, page + 1, end)) {
    zapPage(world, mm, pgd, page);
    cleared++;
  }
  return cleared;
}

/** Something waits for the flush. */
export function hasGathered(world: World, mm: number): boolean {
  return gathered.first(world, (each) => each.mm === mm) !== undefined;
}

/** Drops the gathered references, after the flush, and gives their number. Kernel: tlb_flush_mmu_free. */
export function freeGathered(world: World, mm: number): number {
  const waiting = gathered.all(world).filter((each) => each.mm === mm);
  for (const { id, pfn } of waiting) {
    gathered.remove(world, id);
    putPage(world, pfn);
  }
  return waiting.length;
}
