import { call, done, hook, procedure, RESULT, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { domains } from './domain.ts';
import { spaceInWords } from './space.ts';

/** `access` of a mapping, combined by `|` (IOMMU_READ, IOMMU_WRITE, the opposite of IOMMU_NOEXEC). */
export const ACCESS = { read: 1, write: 2, execute: 4 } as const;

/**
 * DMA addresses: iommu_map() and iommu_unmap(). `space` is a private PASID, NO_SPACE for entry 0 of the domain's PASID
 * table; `access` is of ACCESS. Callers see to it that ranges under way do not overlap, as the kernel asks.
 */
export const opsMap = hook('iommu_ops_map', ['domain', 'space', 'page', 'pfn', 'access']);
/** Returns how many pages from `page` on were mapped and are not any more; it stops at the first hole. */
export const opsUnmap = hook('iommu_ops_unmap', ['domain', 'space', 'page', 'pages']);
/** Returns when no cache holds these pages. */
export const opsSync = hook('iommu_ops_iotlb_sync', ['domain', 'space', 'page', 'pages']);

/**
 * A page that was unmapped and that a cache may still lead to: its memory waits for the flush. The actor that unmapped
 * it frees it afterwards (struct iommu_iotlb_gather).
 */
export interface Unmapped extends Row {
  readonly actor: number;
  readonly domain: number;
  readonly space: number;
  readonly page: number;
  readonly pfn: number;
}

export const unmapped = table<Unmapped>(
  'iotlb-gather',
  { actor: 'int', domain: 'int', space: 'int', page: 'int', pfn: 'int' },
  (id, r) => ({ id, h0: 0, h1: 0, actor: r.actor, domain: r.domain, space: r.space, page: r.page, pfn: r.pfn }),
);

/** Whether somebody is about to have this page flushed from the caches. */
export function isBeingUnmapped(world: World, domain: number, space: number, page: number): boolean {
  const fits = (row: Unmapped): boolean => row.domain === domain && row.space === space && row.page === page;
  return unmapped.first(world, fits) !== undefined;
}

/** iommu_map() of one page. Returns 0, -EEXIST, -ERANGE or -ENOMEM. */
export const iommuMap = procedure('iommu_map', 'iommu', { map: ['domain', 'space', 'page', 'pfn', 'access'] }, () => ({
  map: step(
    'maps {page} of {where} to {pfn}',
    { cite: 'drivers/iommu/iommu.c iommu_map()' },
    (world, { domain, space, page, pfn, access }) => {
      tell(world, { where: spaceInWords(world, domain, space) });
      return opsMap.begin({ domain, space, page, pfn, access }, domains.get(world, domain).backend);
    },
  ),
}));

/** iommu_unmap(): the descriptors, then the caches. Returns how many pages were unmapped, 0 where none was mapped. */
export const iommuUnmap = procedure(
  'iommu_unmap',
  'iommu',
  {
    unmap: ['domain', 'space', 'page', 'pages'],
    flush: ['domain', 'space', 'page', 'result'],
    done: ['result'],
  },
  (go) => ({
    unmap: step(
      'unmaps {pages} pages of {where} from {page} on',
      { cite: 'drivers/iommu/iommu.c iommu_unmap()', chapter: 'Invalidate' },
      (world, { domain, space, page, pages }) => {
        tell(world, { where: spaceInWords(world, domain, space) });
        const unmap = opsUnmap.begin({ domain, space, page, pages }, domains.get(world, domain).backend);
        return call(unmap, go.flush({ domain, space, page, result: RESULT }));
      },
    ),
    flush: step(
      'has what is cached of {count} flushed',
      { cite: 'drivers/iommu/iommu.c iommu_iotlb_sync()' },
      (world, { domain, space, page, result }) => {
        tell(world, { count: result === 1 ? 'the page' : `${result} pages` });
        if (result === 0) return done(0);
        const sync = opsSync.begin({ domain, space, page, pages: result }, domains.get(world, domain).backend);
        return call(sync, go.done({ result }));
      },
    ),
    done: step(
      'knows that no device reaches {count} any more',
      { cite: 'drivers/iommu/iommu.c' },
      (world, { result }) => {
        tell(world, { count: result === 1 ? 'the page' : `the ${result} pages` });
        return done(result);
      },
    ),
  }),
);
