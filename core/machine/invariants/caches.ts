import { danglingTranslation, staleTranslation } from './cached-translations.ts';
import type { Invariant } from './invariant.ts';

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
];
