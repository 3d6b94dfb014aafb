/** What a view draws of the tables, caches and queues of an IOMMU; see `MachineView` for what keys and colours mean. */
import type { Geometry } from '../hardware/replacement.ts';

/** A transaction that the SMMU has stalled. */
export interface StallView {
  readonly key: string;
  /** Its tag, null while it is being tried again. */
  readonly stag: number | null;
  readonly device: string;
  /** For instance write 64 B. */
  readonly what: string;
  readonly address: string;
  readonly mm: number | null;
  readonly state: string;
}

/** One stream table entry that is in use. */
export interface StreamView {
  readonly key: string;
  readonly sid: string;
  readonly device: string;
  readonly config: string;
}

export interface PasidTableView {
  readonly key: string;
  readonly domain: string;
  readonly rows: readonly PasidRowView[];
}

export interface PasidRowView {
  readonly key: string;
  readonly pasid: number;
  readonly valid: boolean;
  /** What it leads to: the DMA addresses of the domain, the page tables of a process, nothing. */
  readonly leadsTo: 'iova' | 'mm' | 'none';
  readonly mm: number | null;
  /** Key of the tree of DMA addresses that it leads to, null for none. */
  readonly dmaTree: string | null;
  /** What its descriptor says that TLB entries are tagged with, null while it says nothing. */
  readonly asid: number | null;
  /** The ASID is that of the CPUs (ASET=0): their TLB maintenance reaches it. */
  readonly shared: boolean;
  readonly label: string;
}

export interface CacheView {
  readonly key: string;
  readonly size: number;
  /** Sets and ways, and how a full set makes room. */
  readonly geometry: Pick<Geometry, 'sets' | 'ways' | 'replacement'>;
  readonly entries: readonly CacheEntryView[];
}

export interface CacheEntryView {
  readonly key: string;
  readonly mm: number | null;
  readonly pasid: number | null;
  readonly page: string;
  readonly pfn: string;
  readonly perms: string;
  /** The page tables no longer say so: an invalidation is owed. */
  readonly stale: boolean;
}

export interface QueueView {
  readonly key: string;
  /** PRI queue, Command queue, Event queue. */
  readonly name: string;
  readonly size: number;
  /** Index without the wrap bit. */
  readonly prod: number;
  readonly cons: number;
  readonly prodWrap: boolean;
  readonly consWrap: boolean;
  readonly length: number;
  readonly overflow: boolean;
  /** Slots around the live ones, at most 8: enough to draw. */
  readonly slots: readonly SlotView[];
}

export interface SlotView {
  readonly key: string;
  readonly index: number;
  readonly live: boolean;
  /** What a live record says, short: `CFGI_CD 1`, `W 7f00...1000`. */
  readonly label: string;
  readonly mm: number | null;
}
