import { devices } from '../../devices/device.ts';
import { takesEntries } from '../../iommu/pasid-table.ts';
import { spaces } from '../../iommu/space.ts';
import { isError } from '../../lib/errno.ts';
import { allocateFrame } from '../../process/frame.ts';
import { call, done, fail, procedure, RESULT, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { EVERYTHING, nextCache } from '../atc.ts';
import { freeBelow } from '../dma-tables.ts';
import { dropPscid, spaceOfPrivate, tablesOf, takePscid } from './address-space.ts';
import { issueFence } from './command-queue.ts';
import { directoriesFor, directoriesIn, domainIommu, hasContext, type ProcessDirectory } from './domain.ts';
import { invalidateAtc, invalidateSpace } from './invalidate.ts';
import { clearContext, installPrivate } from './process-context.ts';

/** Private PASIDs in the process directories: contexts whose page tables belong to no process. */

const nextDirectory = (world: World, device: number, after: number): ProcessDirectory | undefined =>
  directoriesFor(world, device).find((row) => row.id > after && takesEntries(world, row));

/** Page tables for a private PASID, then its context in each directory that the device's traffic goes through, or in none. */
export const attachPrivate = procedure(
  'riscv_iommu_attach_pasid',
  'smmu-driver',
  {
    tables: ['device', 'space'],
    entry: ['device', 'space', 'after'],
    written: ['device', 'space', 'after', 'result'],
    undone: ['space', 'errno'],
  },
  (go) => ({
    tables: step(
      'makes page tables for {space}, with PSCID {pscid}: {outcome}',
      { atomic: 'iommu_process_lock', cite: 'riscv_iommu_alloc_paging_domain()' },
      (world, { device, space }) => {
        const root = allocateFrame(world, 'table');
        tell(world, { pscid: 0, outcome: root.ok ? 'nothing is mapped' : 'no memory is left' });
        if (!root.ok) return fail('ENOMEM');
        tell(world, { pscid: takePscid(world, { space, pgd: root.value }) });
        return go.entry({ device, space, after: -1 });
      },
    ),
    entry: step(
      'looks for the next process directory that gets the context: {found}',
      { cite: 'drivers/iommu/iommu.c __iommu_set_group_pasid()' },
      (world, { device, space, after }) => {
        const directory = nextDirectory(world, device, after);
        tell(world, { found: directory === undefined ? 'all have it' : 'there is one' });
        if (directory === undefined) return done();
        const then = go.written({ device, space, after: directory.id, result: RESULT });
        return call(installPrivate.at.tables({ directory: directory.id, space }), then);
      },
    ),
    written: step(
      'goes on to the next directory, or takes back what it did',
      { cite: 'drivers/iommu/iommu.c __iommu_set_group_pasid()' },
      (_world, { device, space, after, result }) => {
        if (!isError(result)) return go.entry({ device, space, after });
        return call(clearPrivate.at.next({ space, after: -1 }), go.undone({ space, errno: -result }));
      },
    ),
    undone: step('gives the page tables back', { cite: 'drivers/iommu/iommu.c' }, (world, { space, errno }) => {
      freeTables(world, space);
      return fail(errno);
    }),
  }),
);

/** Takes the context of a private PASID out of every directory that has it. */
const clearPrivate = procedure('riscv_iommu_clear_pasid', 'smmu-driver', { next: ['space', 'after'] }, (go) => ({
  next: step(
    'looks for the next process directory that has the context: {found}',
    { cite: 'drivers/iommu/iommu.c __iommu_remove_group_pasid()' },
    (world, { space, after }) => {
      const { domain, pasid } = spaces.get(world, space);
      const directory = directoriesIn(world, domain).find((row) => row.id > after && hasContext(world, row, pasid));
      tell(world, { found: directory === undefined ? 'none' : 'there is one' });
      if (directory === undefined) return done();
      const then = go.next({ space, after: directory.id });
      return call(clearContext.at.clear({ directory: directory.id, pasid }), then);
    },
  ),
}));

/** The context, the IOTLB by PSCID, the ATC by PASID; then page tables and the memory that they map are free. */
export const detachPrivate = procedure(
  'riscv_iommu_detach_pasid',
  'smmu-driver',
  {
    entry: ['space'],
    tlb: ['space'],
    sync: ['space'],
    atc: ['space', 'after'],
    wait: ['space'],
    free: ['space'],
  },
  (go) => ({
    entry: step('takes the context of {space} away', { cite: 'RISC-V IOMMU 2.2.2' }, (_world, { space }) =>
      call(clearPrivate.at.next({ space, after: -1 }), go.tlb({ space })),
    ),
    tlb: step('invalidates the IOTLB by the PSCID of {space}', { cite: 'RISC-V IOMMU 3.1.1' }, (world, { space }) => {
      const { domain } = spaces.get(world, space);
      return call(invalidateSpace(world, domain, tablesOf(world, domain, space).tag), go.sync({ space }));
    }),
    sync: step('waits until the IOTLB is clean', { cite: 'RISC-V IOMMU 3.1.2' }, (world, { space }) =>
      call(issueFence.at.insert({ iommu: iommuFor(world, space) }), go.atc({ space, after: -1 })),
    ),
    atc: step('sees to the ATCs for {pasid}: {found}', { cite: 'RISC-V IOMMU 3.1.4' }, (world, { space, after }) => {
      const { domain, pasid } = spaces.get(world, space);
      const device = nextCache(world, domain, after, pasid);
      tell(world, {
        pasid,
        found: device === undefined ? 'no other device has one' : `that of ${devices.get(world, device).name}`,
      });
      if (device === undefined) return after < 0 ? go.free({ space }) : go.wait({ space });
      return call(invalidateAtc(world, device, pasid, EVERYTHING, EVERYTHING), go.atc({ space, after: device }));
    }),
    wait: step('waits until the ATCs are clean', { cite: 'RISC-V IOMMU 3.1.2' }, (world, { space }) =>
      call(issueFence.at.insert({ iommu: iommuFor(world, space) }), go.free({ space })),
    ),
    free: step(
      'frees the page tables of {space}, and {count} mapped',
      { cite: 'riscv_iommu_free_paging_domain()' },
      (world, { space }) => {
        const count = freeTables(world, space);
        tell(world, { count: count === 1 ? 'the page that was' : `${count} pages that were` });
        return done();
      },
    ),
  }),
);

const iommuFor = (world: World, space: number): number => domainIommu(world, spaces.get(world, space).domain);

/** Frees what a private PASID maps, its page tables, and its PSCID; gives the pages that were mapped. */
function freeTables(world: World, space: number): number {
  const own = spaceOfPrivate(world, space);
  const count = freeBelow(world, own.pgd);
  dropPscid(world, own);
  return count;
}
