import { free, release, take } from '../sim/lock.ts';
import { call, done, procedure, step } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import { contextsOf } from './context.ts';
import { domains } from './domain.ts';
import { processInvalidate } from './ops.ts';
import { processes, processesOf, processLock } from './process.ts';

/**
 * The mmu_notifier's invalidate_range(): pages [start, end) of the mm have changed; every domain that the process is
 * bound to must forget them before the caller goes on. RFCv2 04/36. Each process of the mm has a notifier of its own:
 * those up to `after` were called.
 */
export const invalidateProcess = procedure(
  'iommu_notifier_invalidate_range',
  'iommu',
  { begin: ['mm', 'start', 'end', 'after'], domain: ['process', 'start', 'end', 'left'] },
  (go) => ({
    begin: step(
      'looks for devices that share the page tables of {mm}',
      {
        when: free(processLock),
        wait: 'spin',
        awaits: 'iommu_process_lock',
        cite: 'RFCv2 04/36 invalidate_range()',
      },
      (world, { mm, start, end, after }) => {
        const process = processesOf(world, mm).find(({ id }) => id > after);
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
          const { mm } = processes.get(world, process);
          const isLast = processesOf(world, mm).every(({ id }) => id <= process);
          return isLast ? done() : go.begin({ mm, start, end, after: process });
        }
        const { backend } = domains.get(world, context.domain);
        const invalidate = processInvalidate.begin({ domain: context.domain, process, start, end }, backend);
        return call(invalidate, go.domain({ process, start, end, left: left - 1 }));
      },
    ),
  }),
);
