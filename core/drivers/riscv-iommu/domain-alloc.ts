import { devices } from '../../devices/device.ts';
import { freeDomainName } from '../../iommu/domain.ts';
import { hasFreeRun, isToFail } from '../../process/frame.ts';
import { done, fail, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import { iommuOf } from './domain.ts';
import { createDomain, domainPages } from './domain-tables.ts';

/** riscv_iommu_alloc_paging_domain(): returns the new domain, or -ENOMEM. */
export const allocDomain = procedure('riscv_iommu_alloc_paging_domain', 'smmu-driver', { alloc: ['device'] }, () => ({
  alloc: step(
    'allocates a domain for {device}: {outcome}',
    { cite: 'riscv_iommu_alloc_paging_domain()' },
    (world, { device }) => {
      const { pasidBits } = devices.get(world, device);
      const iommu = iommuOf(world, device);
      const hasRoom = !isToFail(world) && hasFreeRun(world, domainPages(world, iommu, pasidBits));
      const name = freeDomainName(world);
      tell(world, { outcome: hasRoom ? name : 'out of memory' });
      return hasRoom ? done(createDomain(world, name, iommu, pasidBits)) : fail('ENOMEM');
    },
  ),
}));
