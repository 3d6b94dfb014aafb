import type { DmaTreeView } from './dma-view.ts';
import type { MemoryView } from './memory-view.ts';

import type { Terms } from './silicon/look.ts';
import type { CacheView, PasidTableView, QueueView, StallView, StreamView } from './silicon-view.ts';

export type { DmaTreeView } from './dma-view.ts';
export type {
  CacheEntryView,
  CacheView,
  PasidRowView,
  PasidTableView,
  QueueView,
  SlotView,
  StallView,
  StreamView,
} from './silicon-view.ts';
export type {
  BitsView,
  ChapterView,
  EventView,
  InspectionView,
  LaneView,
  MessageView,
  NowView,
  RecordView,
  WhyLink,
  WhyView,
} from './story-view.ts';

/**
 * What a view draws: the whole machine at one moment, decoded from rows and memory words. Plain data, the same for the
 * page, the terminal's `--format state` and a test. A `key` names the thing for inspection and highlights, for
 * instance `vma/3`, `smmu/0/priq/4` (slot 4 of the PRI queue) or `table/8a2/120` (descriptor 120 of the table at 8a2).
 * `mm` is the id of an address space (it decides the hue), null where none is meant. Addresses are text.
 */
export interface MachineView {
  readonly event: number;
  /** Simulated nanoseconds since the machine was switched on. */
  readonly time: number;
  readonly fingerprint: string;
  readonly policy: string;
  /** The bug of the museum that the kernel has, null for none. */
  readonly bug: string | null;
  readonly backend: string;
  readonly processes: readonly ProcessView[];
  readonly trees: readonly TreeView[];
  /** The page tables of DMA addresses: of each domain in which something is mapped, and of each private PASID. */
  readonly dmaTrees: readonly DmaTreeView[];
  readonly iommus: readonly IommuView[];
  readonly groups: readonly GroupView[];
  readonly kernel: KernelView;
  readonly memory: MemoryView;
}

export interface ProcessView {
  readonly key: string;
  readonly name: string;
  readonly pid: number;
  readonly mm: number | null;
  /** Its PASID, null while it is bound nowhere. */
  readonly pasid: number | null;
  readonly state: 'live' | 'exiting' | 'dead';
  readonly threads: readonly ActorView[];
  readonly vmas: readonly VmaView[];
}

/** An actor: what it does next, in words, and whether it waits. */
export interface ActorView {
  readonly key: string;
  readonly name: string;
  readonly doing: string | null;
  readonly waiting: boolean;
}

export interface VmaView {
  readonly key: string;
  readonly name: string;
  /** Like rw-, r-x. */
  readonly perms: string;
  readonly start: string;
  readonly end: string;
  readonly pages: number;
  readonly backing: 'anon' | 'file' | 'stack' | 'special';
  /** As `vmaFlags` says it. */
  readonly flags: string;
  /** One cell per page; in large areas a cell stands for several pages. */
  readonly cells: readonly CellView[];
}

export interface CellView {
  readonly key: string;
  /** Address of its first page. */
  readonly page: string;
  readonly pages: number;
  /** Pages of the cell that have a frame. */
  readonly resident: number;
  /** Pages of the cell that lie on the swap device. */
  readonly swapped: number;
  /** A walk or page request of this moment is about this cell and found nothing. */
  readonly asked: boolean;
}

/** One page-table tree: an address space has exactly one, whoever walks it. */
export interface TreeView {
  readonly mm: number;
  readonly name: string;
  readonly root: string;
  readonly asid: number;
  /** PASID under which devices reach it, null for none: then it has no second root arrow. */
  readonly pasid: number | null;
  readonly levels: readonly LevelView[];
  readonly leaves: readonly LeafView[];
  /** The walk of this moment, if one is under way or has just ended. */
  readonly walk: WalkView | null;
}

export interface LevelView {
  readonly level: number;
  readonly tables: readonly TableView[];
}

export interface TableView {
  readonly key: string;
  /** Page number of the table, hex. */
  readonly pfn: string;
  /** First address that the table is about. */
  readonly base: string;
  readonly entries: readonly EntryView[];
}

export interface EntryView {
  readonly key: string;
  /** 0 to 511. */
  readonly index: number;
  /** Page number it leads to, hex. */
  readonly to: string;
}

export interface LeafView {
  readonly key: string;
  /** Key of the entry that leads here. */
  readonly from: string;
  readonly page: string;
  readonly pfn: string;
  /** Like rw-. */
  readonly perms: string;
  /** Flags that are set, for instance AF nG. */
  readonly flags: string;
  readonly backing: string;
}

export interface WalkView {
  /** The event of its last step. */
  readonly event: number;
  readonly walker: 'cpu' | 'device';
  readonly who: string;
  readonly page: string;
  /** Entries passed, from level 0 on; the last may be empty. */
  readonly path: readonly { readonly level: number; readonly table: string; readonly index: number }[];
  /** none: still on its way. */
  readonly end: 'none' | 'found' | 'missing' | 'denied';
}

export interface IommuView {
  readonly key: string;
  readonly name: string;
  readonly kind: string;
  /** What its parts are called. */
  readonly terms: Pick<Terms, 'streams' | 'pasids' | 'tag'>;
  readonly streams: readonly StreamView[];
  readonly pasidTables: readonly PasidTableView[];
  readonly iotlb: CacheView;
  /** Cached stream table entries and context descriptors. */
  readonly configCache: readonly { readonly key: string; readonly label: string }[];
  readonly queues: readonly QueueView[];
  /** Transactions that wait in it for the kernel, and how many can. */
  readonly stalls: { readonly limit: number; readonly held: readonly StallView[] };
  readonly actors: readonly ActorView[];
}

export interface GroupView {
  readonly key: string;
  readonly name: string;
  readonly domain: string | null;
  readonly devices: readonly DeviceView[];
}

export interface DeviceView {
  readonly key: string;
  readonly name: string;
  readonly bus: string;
  readonly sid: string;
  /** For instance PASID 16, ATS, PRI. */
  readonly capabilities: readonly string[];
  /** Address spaces bound to it. */
  readonly bonds: readonly {
    readonly key: string;
    readonly mm: number;
    readonly pasid: number;
    readonly uses: number;
  }[];
  readonly atc: CacheView | null;
  readonly jobs: readonly JobView[];
  readonly credits: { readonly used: number; readonly allowed: number } | null;
  readonly requests: readonly RequestView[];
  readonly actors: readonly ActorView[];
}

/** A work descriptor. */
export interface JobView {
  readonly key: string;
  /** For instance write 64 B. */
  readonly what: string;
  readonly address: string;
  readonly mm: number | null;
  readonly pasid: number | null;
  readonly state: 'queued' | 'running' | 'waiting' | 'done' | 'failed';
  /** For instance waiting for page. */
  readonly note: string;
}

/** An outstanding page request group. */
export interface RequestView {
  readonly key: string;
  readonly group: number;
  readonly pages: string;
  readonly mm: number | null;
}

/** What the kernel keeps between interrupt and response. */
export interface KernelView {
  readonly faults: readonly {
    readonly key: string;
    readonly label: string;
    readonly mm: number | null;
    readonly state: string;
  }[];
  readonly locks: readonly {
    readonly key: string;
    readonly name: string;
    readonly holder: string;
    /** Column of the sequence chart in which the holder stands, null for readers. */
    readonly holderLane: string | null;
    readonly waiters: readonly string[];
    /** Their columns, in the same order. */
    readonly waiterLanes: readonly string[];
  }[];
  readonly actors: readonly ActorView[];
  /** Whose each ASID or PSCID is in the IOMMUs: of a domain (private), of a process with that of the CPUs (shared) or without. */
  readonly asids: readonly {
    readonly key: string;
    readonly asid: number;
    readonly owner: string;
    readonly mm: number | null;
    readonly kind: 'private' | 'shared' | 'own';
  }[];
  /** What VFIO has open, by whom, and the groups in each. */
  readonly containers: readonly {
    readonly key: string;
    readonly name: string;
    readonly owner: string;
    readonly mm: number;
    readonly groups: readonly string[];
  }[];
  readonly frames: { readonly used: number; readonly limit: number };
}
