import { type AsidEntry, asidEntries } from '../../drivers/arm-smmu-v3/asid-map.ts';
import { mms } from '../../process/mm.ts';
import type { World } from '../../world/world.ts';
import { danglingTranslation, staleTranslation } from './cached-translations.ts';
import { every, type Invariant } from './invariant.ts';

export const CACHE_INVARIANTS: readonly Invariant[] = [
  {
    id: 'frames-cached',
    stands: ['I15b', 'P8'],
    claim: 'No TLB, IOTLB or ATC entry leads to a page of memory that nobody owns.',
    cases: 'entries of TLB, IOTLB and ATCs',
    check: danglingTranslation,
  },
  {
    id: 'caches-agree',
    stands: ['I4', 'I14b', 'I15'],
    claim:
      'While nobody changes its page tables, no cache grants an access, to an mm or by a DMA address, that they do not grant.',
    cases: 'entries of TLB, IOTLB and ATCs',
    check: staleTranslation,
  },
  {
    id: 'asid-pinned',
    stands: ['P12'],
    claim:
      'An ASID that SMMUs share with the CPUs is that of its mm and pinned, and no other address space has it there.',
    cases: 'ASIDs in use by the SMMUs',
    check: (world) => every(asidEntries.slots(world), (entry) => misused(world, entry)),
  },
];

function misused(world: World, { id, asid, mm, shared }: AsidEntry): string | null {
  if (asidEntries.first(world, (row) => row.asid === asid && row.id !== id) !== undefined) {
    return `ASID ${asid} is of two address spaces`;
  }
  if (shared === 0) return null;
  const { name, pinned, asid: own } = mms.get(world, mm);
  if (own !== asid) return `ASID ${asid} is shared with ${name}, which has ASID ${own}`;
  return pinned > 0 ? null : `ASID ${asid} of ${name} is shared and not pinned`;
}
