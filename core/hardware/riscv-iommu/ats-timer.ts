import { present } from '../../lib/assert.ts';
import { procedure, step } from '../../sim/procedure.ts';
import { reach, tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { overdueLinks } from '../pcie/tardiness.ts';
import { expireInvalidations } from './invalidation.ts';
import { riscvIommus } from './iommu.ts';

/** Ends the wait for a device that does not complete an invalidation; the next IOFENCE.C then fails. RISC-V IOMMU 3.1.4. */
export const atsTimer = procedure('riscv_iommu_ats_timer', 'self', { wait: ['iommu'] }, (go) => ({
  wait: step(
    'no longer waits for {link}: it has not completed an invalidation for a minute',
    {
      when: (world, { iommu }) => overdue(world, iommu).length > 0,
      choices: (world, { iommu }) => overdue(world, iommu).length,
      awaits: 'an invalidation that no device completes for a minute',
      timeOut: true,
      transaction: true,
      cite: 'RISC-V IOMMU 3.1.4; PCIe 10.3.1',
      cost: 'completion',
    },
    (world, { iommu }, choice) => {
      const link = present(overdue(world, iommu)[choice], 'a time-out comes to a link that is overdue');
      expireInvalidations(world, link);
      tell(world, { link: link.id });
      reach(world, 'time-out');
      return go.wait({ iommu });
    },
  ),
}));

const overdue = (world: World, iommu: number) => overdueLinks(world, riscvIommus.get(world, iommu));
