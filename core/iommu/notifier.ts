import { free, release, take } from '../sim/lock.ts';
import { call, done, procedure, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import { contextsOf } from './context.ts';
import { domains } from './domain.ts';
import { processInvalidate } from './ops.ts';
import { processLock, processOf } from './process.ts';

/**
 * The mmu_notifier's invalidate_range(): pages [start, end) of the mm have changed; every domain that the process is
 * bound to must forget them before the caller goes on. RFCv2 04/36.
 */
export const invalidateProcess = procedure(
  'iommu_notifier_invalidate_range',
  'iommu',
  { begin: ['mm', 'start', 'end'], domain: ['process', 'start', 'end', 'left'] },
  (go) => ({
    begin: step(
      'looks for devices that share the page tables of {mm}',
      {
        when: free(processLock),
        wait: 'spin',
        awaits: 'iommu_process_lock',
        cite: 'RFCv2 04/36 invalidate_range()',
      },
      (world, { mm, start, end }) => {
        const process = processOf(world, mm);
        if (process === undefined) return done();
        take(world, processLock.id);
        return go.domain({ process: process.id, start, end, left: contextsOf(world, process.id).length });
      },
    ),
    domain: step(
      'looks for the next domain whose caches must forget: {found}',
      { atomic: 'iommu_process_lock', cite: 'RFCv2 04/36 process_invalidate()' },
      (world, { process, start, end, left }) => {
        const context = contextsOf(world, process)[left - 1];
        tell(world, { found: context === undefined ? 'none is left, so it releases the lock' : 'there is one' });
        if (context === undefined) {
          release(world, processLock.id);
          return done();
        }
        const { backend } = domains.get(world, context.domain);
        const invalidate = processInvalidate.begin({ domain: context.domain, process, start, end }, backend);
        return call(invalidate, go.domain({ process, start, end, left: left - 1 }));
      },
    ),
  }),
);
