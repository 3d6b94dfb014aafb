/** What a silicon offers to a device that streams accesses: the address spaces of its PASIDs, and one look-up each. */
import type { BulkLeaf, BulkTlb } from './bulk-tlb.ts';
import type { BulkTrail } from './bulk-trail.ts';

/** What an access is, and what it wants of the IOMMU. */
export interface BulkAccess {
  readonly write: boolean;
  /** By translation requests, which a device makes for its ATC; else untranslated. */
  readonly isAsking: boolean;
}

/** Of the look-ups so far. */
export interface BulkCounts {
  hits: number;
  misses: number;
  /** Entries of page tables that were read. */
  reads: number;
  faults: number;
}

/** An IOMMU while a device streams through it. Allocates nothing for an access. */
export interface BulkUnit {
  readonly tlb: BulkTlb;
  readonly counts: BulkCounts;
  /** What the last look-up led to; its rights are what is granted of it. */
  readonly leaf: BulkLeaf;
  /** What its walks have found. */
  readonly trail: BulkTrail;
  /** By space: its tag in the IOTLB, and the first page that is never translated. */
  readonly asids: Int32Array;
  readonly ends: Int32Array;
  /** Whether its completions say that a translation is in every address space. */
  readonly tellsGlobal: boolean;
  /** What `bulk-plain.ts` counted and is not in `counts` yet. */
  readonly tally: Int32Array;
  /** Looks a page up in the address space with this place in the list of PASIDs; false for a fault. */
  look(space: number, page: number): boolean;
}
