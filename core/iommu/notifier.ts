import { call, done, procedure, step } from '../sim/procedure.ts';
import { contextsOf } from './context.ts';
import { domains } from './domain.ts';
import { processInvalidate } from './ops.ts';
import { processOf } from './process.ts';

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
      { cite: 'RFCv2 04/36 invalidate_range()' },
      (world, { mm, start, end }) => {
        const process = processOf(world, mm);
        if (process === undefined) return done();
        return go.domain({ process: process.id, start, end, left: contextsOf(world, process.id).length });
      },
    ),
    domain: step(
      'has the caches of the next domain invalidated',
      { cite: 'RFCv2 04/36 process_invalidate()' },
      (world, { process, start, end, left }) => {
        const context = contextsOf(world, process)[left - 1];
        if (context === undefined) return left > 0 ? go.domain({ process, start, end, left: left - 1 }) : done();
        const { backend } = domains.get(world, context.domain);
        const invalidate = processInvalidate.begin({ domain: context.domain, process, start, end }, backend);
        return call(invalidate, go.domain({ process, start, end, left: left - 1 }));
      },
    ),
  }),
);
