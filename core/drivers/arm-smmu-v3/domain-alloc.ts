import { devices } from '../../devices/device.ts';
import { links } from '../../hardware/pcie/link.ts';
import { freeDomainName } from '../../iommu/domain.ts';
import { hasFreeRun, isToFail } from '../../process/frame.ts';
import { done, fail, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import { createDomain, domainPages } from './attach.ts';
import { canStall } from './unit.ts';

/** arm_smmu_domain_alloc() and _finalise(): returns the new domain, or -ENOMEM. */
export const allocDomain = procedure('arm_smmu_domain_alloc', 'smmu-driver', { alloc: ['device'] }, () => ({
  alloc: step(
    'allocates a domain for {device}: {outcome}',
    { cite: 'arm_smmu_domain_alloc(), arm_smmu_domain_finalise()' },
    (world, { device }) => {
      const { link, pasidBits, stall } = devices.get(world, device);
      const { smmu } = links.get(world, link);
      const hasRoom = !isToFail(world) && hasFreeRun(world, domainPages(world, smmu, pasidBits));
      const name = freeDomainName(world);
      tell(world, { outcome: hasRoom ? name : 'out of memory' });
      return hasRoom
        ? done(createDomain(world, name, smmu, pasidBits, stall === 1 && canStall(world, smmu)))
        : fail('ENOMEM');
    },
  ),
}));
