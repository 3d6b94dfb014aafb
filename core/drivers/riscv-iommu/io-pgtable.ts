/** Page tables for DMA addresses, in the format of the harts: process 0 of a domain, private PASIDs. */
import { formatOf } from '../../hardware/cpus.ts';
import { call, done, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import { atcsOfPages } from '../dma-sync.ts';
import { mapBelow, unmapBelow } from '../dma-tables.ts';
import { tablesOf } from './address-space.ts';
import { CACHES, invalidatePage } from './invalidate.ts';

/** riscv_iommu_map_pages() of one page. Nothing is flushed: what is not valid is in no cache. RISC-V IOMMU 2.7. */
export const mapPage = procedure(
  'riscv_iommu_map_pages',
  'smmu-driver',
  { map: ['domain', 'space', 'page', 'pfn', 'access'] },
  () => ({
    map: step(
      'writes the entry of {page}: {outcome}',
      { atomic: 'one 64-bit store where none was valid', cite: 'riscv_iommu_map_pages()', cost: 'access' },
      (world, { domain, space, page, pfn, access }) => {
        const { pgd } = tablesOf(world, domain, space);
        return mapBelow(world, pgd, { page, pfn, access }, formatOf(world).inputBits - 1);
      },
    ),
  }),
);

/** riscv_iommu_unmap_pages(): clears entries up to the first hole; their pages wait for the flush. Returns their number. */
export const unmapPages = procedure(
  'riscv_iommu_unmap_pages',
  'smmu-driver',
  { unmap: ['domain', 'space', 'page', 'pages'] },
  () => ({
    unmap: step(
      'clears {count} from {page} on',
      { atomic: 'one 64-bit store each', cite: 'riscv_iommu_unmap_pages()', cost: 'access', transaction: true },
      (world, { domain, space, page, pages }) => {
        const { pgd } = tablesOf(world, domain, space);
        const count = unmapBelow(world, pgd, { domain, space, page }, pages);
        tell(world, { count: count === 1 ? 'one entry' : `${count} entries` });
        return done(count);
      },
    ),
  }),
);

/** riscv_iommu_iotlb_sync(): the IOTLB first, then the ATC of each device. */
export const syncPages = procedure(
  'riscv_iommu_iotlb_sync',
  'smmu-driver',
  {
    tlb: ['domain', 'space', 'page', 'pages', 'done'],
    sync: ['domain', 'space', 'page', 'pages'],
    atc: ['domain', 'space', 'page', 'pages', 'after'],
    wait: ['domain'],
  },
  (go) => ({
    tlb: step(
      'invalidates the IOTLB for page {number} of {pages}',
      { cite: 'RISC-V IOMMU 3.1.1; riscv_iommu_iotlb_inval()' },
      (world, { domain, space, page, pages, done: before }) => {
        tell(world, { number: before + 1 });
        const then = { domain, space, page, pages };
        return call(
          invalidatePage(world, domain, tablesOf(world, domain, space).tag, page + before),
          before + 1 < pages ? go.tlb({ ...then, done: before + 1 }) : go.sync(then),
        );
      },
    ),
    ...atcsOfPages({ ...CACHES, atcCite: 'RISC-V IOMMU 3.1.4; RFCv2 31/36' }, go),
  }),
);
