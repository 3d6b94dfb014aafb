/** From a page to those who map it. Kernel: mm/rmap.c. */
import type { World } from '../world/world.ts';
import { type Mm, mms } from './mm.ts';
import { isPresent, pfnOf, readPte } from './page-table.ts';
import { vmaLookup } from './vma.ts';

/**
 * Who maps an anonymous page: a fork keeps addresses, so all of them do at the same one. Kernel: rmap_walk_anon, which
 * finds them by their anon_vma.
 */
export function mappersOf(world: World, pfn: number, page: number): Mm[] {
  return mms.all(world).filter(({ pgd }) => {
    const pte = readPte(world, pgd, page);
    return isPresent(pte) && pfnOf(pte) === pfn;
  });
}

/** One of those who map the page has locked it into memory. Kernel: page_referenced_one() and VM_LOCKED. */
export function isMlocked(world: World, pfn: number, page: number): boolean {
  return mappersOf(world, pfn, page).some(({ id }) => vmaLookup(world, id, page)?.locked === 1);
}
