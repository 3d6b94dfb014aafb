import { present } from '../../lib/assert.ts';
import { procedure, step } from '../../sim/procedure.ts';
import { reach, tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { overdueLinks } from '../pcie/tardiness.ts';
import { expireInvalidations } from './invalidation.ts';
import { smmus } from './smmu.ts';

/** Ends the wait for a device that does not complete an invalidation; the next CMD_SYNC then fails. SMMUv3 3.9.1.4. */
export const atsTimer = procedure('smmuv3_ats_timer', 'self', { wait: ['smmu'] }, (go) => ({
  wait: step(
    'no longer waits for {link}: it has not completed an invalidation for a minute',
    {
      when: (world, { smmu }) => overdue(world, smmu).length > 0,
      choices: (world, { smmu }) => overdue(world, smmu).length,
      awaits: 'an invalidation that no device completes for a minute',
      timeOut: true,
      transaction: true,
      cite: 'SMMUv3 3.9.1.4; PCIe 10.3.1',
      cost: 'completion',
    },
    (world, { smmu }, choice) => {
      const { id: link } = present(overdue(world, smmu)[choice], 'a time-out comes to a link that is overdue');
      expireInvalidations(world, link);
      tell(world, { link });
      reach(world, 'time-out');
      return go.wait({ smmu });
    },
  ),
}));

const overdue = (world: World, smmu: number) => overdueLinks(world, smmus.get(world, smmu));
