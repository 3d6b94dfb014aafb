/** What streams through what: one device, and processes that share it, each with a working set that is mapped. */
import type { BulkUnit } from '../hardware/bulk.ts';
import type { Geometry } from '../hardware/replacement.ts';
import type { TlbShape } from '../hardware/tlb.ts';
import type { Result } from '../lib/result.ts';
import type { World } from '../world/world.ts';
import type { Pattern } from './pattern.ts';

/** Page tables to stream over: the architecture and the silicon follow from them. */
export const PAGINGS = ['arm64', 'sv39', 'sv48'] as const;
export type Paging = (typeof PAGINGS)[number];

/** Flags that an SMMU can set in page tables by itself: of access, or of access and dirty state. */
export const UPDATES = ['access', 'dirty'] as const;

/** What streams through what. */
export interface StreamPlan {
  readonly paging: Paging;
  readonly pattern: Pattern;
  /** Pages of 4 KiB in the working set of each process. */
  readonly pages: number;
  /** Pages between two accesses that are strided. */
  readonly stride: number;
  /** Processes whose PASIDs take turns. */
  readonly pasids: number;
  readonly write: boolean;
  /** Null: a device without ATS. */
  readonly atc: Geometry | null;
  readonly iotlb: Geometry;
  readonly seed: number;
  /** Of an SMMU; it sets none where this is left out. */
  readonly httu?: (typeof UPDATES)[number];
}

/** How many PASIDs have their contexts in the configuration caches of an IOMMU, so that none is read twice. */
export const MOST_PASIDS = 32;
export const MOST_PAGES = 2 ** 18;

export const USUAL_PLAN: StreamPlan = {
  ...{ paging: 'arm64', pattern: 'random', pages: 4096, stride: 64, pasids: 1, write: false },
  atc: null,
  iotlb: { sets: 16, ways: 4, replacement: 'fifo', seed: 0 },
  seed: 1,
};

/** The first page of each working set. */
export const FIRST_PAGE = 2 ** 24;

/** A machine that is ready to stream. */
export interface Lab {
  readonly world: World;
  readonly pasids: readonly number[];
  readonly atc: TlbShape | null;
  /** The IOMMU as the device meets it. */
  readonly open: () => Result<BulkUnit, string>;
}
