import { type PrivateDriver, privatePasidsOf } from '../private-pasids.ts';
import { dropPscid, spaceOfPrivate, takePscid } from './address-space.ts';
import type { ProcessDirectory } from './domain.ts';
import { CACHES, invalidateSpace } from './invalidate.ts';
import { TABLES } from './pasid-entries.ts';
import { installPrivate } from './process-context.ts';

/** What this driver does for a private PASID; the order is in drivers/private-pasids.ts. */
const PRIVATE: PrivateDriver<ProcessDirectory> = {
  ...CACHES,
  prefix: 'riscv_iommu',
  words: { table: 'process directory', shortTable: 'directory', entry: 'context', tag: 'PSCID' },
  cites: {
    make: 'riscv_iommu_alloc_paging_domain()',
    entry: 'RISC-V IOMMU 2.2.2',
    iotlb: 'RISC-V IOMMU 3.1.1',
    atc: 'RISC-V IOMMU 3.1.4',
    free: 'riscv_iommu_free_paging_domain()',
  },
  table: TABLES,
  install: (directory, space) => installPrivate.at.tables({ directory, space }),
  takeTables: (world, space, pgd) => takePscid(world, { space, pgd }),
  dropTables: (world, space) => dropPscid(world, spaceOfPrivate(world, space)),
  forgetTag: invalidateSpace,
};

export const { attachPrivate, detachPrivate } = privatePasidsOf(PRIVATE);
