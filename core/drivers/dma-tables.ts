/** Page tables that belong to no process, in the format of the CPUs: those of DMA addresses and of private PASIDs. */
import { formatOf } from '../hardware/cpus.ts';
import type { Rights } from '../hardware/page-format.ts';
import { ACCESS, unmapped } from '../iommu/map.ts';
import { putFrame } from '../process/frame.ts';
import {
  clearPte,
  ensureTables,
  isValid,
  nextPresent,
  pfnOf,
  readPte,
  setPte,
  unlinkTables,
} from '../process/page-table.ts';
import { userPages } from '../process/vma.ts';
import { done, fail, type Next } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';

/** No table of them belongs to an mm. */
const NO_MM = -1;

/** A page of these tables: `page` is its number in the addresses that they translate. */
interface DmaPage {
  readonly domain: number;
  readonly space: number;
  readonly page: number;
}

const rightsOf = (access: number): Rights => ({
  read: 1,
  write: (access & ACCESS.write) === 0 ? 0 : 1,
  exec: (access & ACCESS.execute) === 0 ? 0 : 1,
});

/**
 * Maps one page below a root, and tells the `outcome`; -ERANGE beyond the `bits` of an address, -EEXIST, -ENOMEM. Nothing
 * is flushed: no cache keeps that there was no translation.
 */
export function mapBelow(
  world: World,
  pgd: number,
  { page, pfn, access }: { readonly page: number; readonly pfn: number; readonly access: number },
  bits: number,
): Next {
  const format = formatOf(world);
  tell(world, { outcome: `its address has more than ${bits} bits` });
  if (page >= format.userPages) return fail('ERANGE');
  tell(world, { outcome: 'there is one' });
  if (isValid(readPte(world, pgd, page))) return fail('EEXIST');
  const made = ensureTables(world, pgd, page, NO_MM);
  tell(world, { outcome: 'no memory is left for a table' });
  if (!made.ok) return fail('ENOMEM');
  setPte(world, pgd, page, format.dmaLeaf(pfn, rightsOf(access)));
  tell(world, { outcome: made.value === 0 ? 'it is valid now' : `it is valid now, below ${made.value} new tables` });
  return done();
}

/** Clears entries below a root up to the first hole, and gives their number; their pages wait for the flush. */
export function unmapBelow(world: World, pgd: number, from: DmaPage, pages: number): number {
  const { domain, space, page } = from;
  const end = Math.min(page + pages, formatOf(world).userPages);
  let next = page;
  while (next < end && isValid(readPte(world, pgd, next))) {
    const pfn = pfnOf(clearPte(world, pgd, next));
    unmapped.insert(world, { actor: world.acting, domain, space, page: next, pfn });
    next++;
  }
  return next - page;
}

/** Frees what is mapped below a root, the tables and the root; gives the number of pages that were mapped. */
export function freeBelow(world: World, pgd: number): number {
  const end = userPages(world);
  let count = 0;
  for (let page = nextPresent(world, pgd, 0, end); page >= 0; page = nextPresent(world, pgd, page + 1, end)) {
    putFrame(world, pfnOf(clearPte(world, pgd, page)));
    count++;
  }
  for (const table of unlinkTables(world, pgd, { start: 0, end, floor: 0, ceiling: end })) putFrame(world, table);
  putFrame(world, pgd);
  return count;
}
