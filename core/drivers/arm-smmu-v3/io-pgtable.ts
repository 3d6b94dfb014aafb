import { CMD_TLBI_NH_VA, OPCODE } from '../../hardware/smmuv3/commands.layout.ts';
import type { IoTables } from '../../iommu/pasid-table.ts';
import { NO_SPACE, spaces } from '../../iommu/space.ts';
import { present } from '../../lib/assert.ts';
import { free } from '../../sim/lock.ts';
import { call, done, procedure, step } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';
import { NO_PASID } from '../atc.ts';
import { atcsOfPages } from '../dma-sync.ts';
import { mapBelow, unmapBelow } from '../dma-tables.ts';
import { asidLock } from './asid.ts';
import { entryOf } from './asid-map.ts';
import { issue } from './command-queue.ts';
import { smmuDomainOf } from './domain.ts';
import { CACHES } from './invalidate.ts';
import { asidBits } from './unit.ts';

/** Page tables for DMA addresses, in the format of the CPU (io-pgtable-arm.c): entry 0 of a domain, private PASIDs. */

/** As CD.T0SZ says. */
const INPUT_BITS = 48;

/** Page tables of a private PASID. */
export interface PrivateTables extends Row {
  readonly space: number;
  readonly pgd: number;
  readonly asid: number;
}

export const privateTables = table<PrivateTables>(
  'private-tables',
  { space: 'int', pgd: 'int', asid: 'int' },
  (id, r) => ({ id, h0: 0, h1: 0, space: r.space, pgd: r.pgd, asid: r.asid }),
);

const privateTablesOf = (world: World, space: number): PrivateTables | undefined =>
  privateTables.first(world, (row) => row.space === space);

/** Those of a private PASID, NO_SPACE: those of entry 0. A private PASID that is only being made has none. */
export function tablesOf(world: World, domain: number, space: number): IoTables {
  if (space === NO_SPACE) {
    const { pgd, asid } = smmuDomainOf(world, domain);
    return { pgd, tag: asid, pasid: NO_PASID };
  }
  const own = privateTablesOf(world, space);
  return { pgd: own?.pgd ?? -1, tag: own?.asid ?? -1, pasid: spaces.get(world, space).pasid };
}

/**
 * Notes the root of a private PASID, and gives the ASID that it gets: from the top, while those of processes and domains
 * are taken from the bottom, so that no process ever wants one of them.
 */
export function takeTables(world: World, space: number, pgd: number): number {
  let asid = 2 ** asidBits(world, smmuDomainOf(world, spaces.get(world, space).domain).smmu) - 1;
  while (privateTables.first(world, (row) => row.asid === asid) !== undefined || entryOf(world, asid) !== undefined)
    asid--;
  return privateTables.insert(world, { space, pgd, asid }).asid;
}

export function dropTables(world: World, space: number): void {
  privateTables.remove(world, present(privateTablesOf(world, space), 'a private PASID has page tables').id);
}

/** arm_lpae_map() of one page. Nothing is flushed: neither IOTLB nor ATC keeps that there was no translation. */
export const mapPage = procedure(
  'arm_lpae_map',
  'smmu-driver',
  { map: ['domain', 'space', 'page', 'pfn', 'access'] },
  () => ({
    map: step(
      'writes the descriptor of {page}: {outcome}',
      { atomic: 'one 64-bit store where none was valid', cite: 'io-pgtable-arm.c arm_lpae_map()', cost: 'access' },
      (world, { domain, space, page, pfn, access }) => {
        const { pgd } = tablesOf(world, domain, space);
        return mapBelow(world, pgd, { page, pfn, access }, INPUT_BITS);
      },
    ),
  }),
);

/** arm_lpae_unmap(): clears descriptors up to the first hole; their pages wait for the flush. Returns their number. */
export const unmapPages = procedure(
  'arm_lpae_unmap',
  'smmu-driver',
  { unmap: ['domain', 'space', 'page', 'pages'] },
  () => ({
    unmap: step(
      'clears {count} from {page} on',
      { atomic: 'one 64-bit store each', cite: 'io-pgtable-arm.c arm_lpae_unmap()', cost: 'access', transaction: true },
      (world, { domain, space, page, pages }) => {
        const { pgd } = tablesOf(world, domain, space);
        const count = unmapBelow(world, pgd, { domain, space, page }, pages);
        tell(world, { count: count === 1 ? 'one descriptor' : `${count} descriptors` });
        return done(count);
      },
    ),
  }),
);

/** arm_smmu_iotlb_sync() and arm_smmu_atc_inv_domain(): the IOTLB first, then the ATC of each device. RFCv2 31/36. */
export const syncPages = procedure(
  'arm_smmu_iotlb_sync',
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
      {
        // An ASID that is changing hands: some translations have the old one, some the new one.
        when: free(asidLock),
        ...{ wait: 'spin', awaits: 'arm_smmu_asid_lock', cite: 'SMMUv3 4.4.2.4; arm_smmu_tlb_inv_range_nosync()' },
      },
      (world, { domain, space, page, pages, done: before }) => {
        tell(world, { number: before + 1 });
        const fields = { ASID: tablesOf(world, domain, space).tag, Leaf: 1, Address: page + before };
        const then = { domain, space, page, pages };
        return call(
          issue(smmuDomainOf(world, domain).smmu, CMD_TLBI_NH_VA, OPCODE.TLBI_NH_VA, fields),
          before + 1 < pages ? go.tlb({ ...then, done: before + 1 }) : go.sync(then),
        );
      },
    ),
    ...atcsOfPages({ ...CACHES, atcCite: 'RFCv2 31/36; SMMUv3 4.5.1' }, go),
  }),
);
