/**
 * The seam of the views: what a silicon's tables, queues and registers are called, where they stand, and how their words
 * are read. The keys are those of the part they play (places.ts): `ste` is the entry of a device, `cd` that of a PASID.
 */
import type { Layout } from '../../hardware/layout.ts';
import type { PasidTable } from '../../iommu/pasid-table.ts';
import type { World } from '../../world/world.ts';
import type { StallView } from '../silicon-view.ts';

/** A place in memory: page number and byte offset. */
export interface Place {
  readonly page: number;
  readonly offset: number;
}

/** The part that a queue plays: commands to the IOMMU, events or faults and page requests from it. */
export type QueueRole = 'cmdq' | 'evtq' | 'priq';

export interface QueueLook {
  readonly role: QueueRole;
  readonly name: string;
  readonly entryBytes: number;
  /** Its two registers: where records are written, and where they are read. */
  readonly tail: RegisterLook;
  readonly head: RegisterLook;
  readonly cite: string;
  /** The layout of a record that begins with this word, null for an empty slot. */
  layoutOf(word: number): Layout | null;
  /** A record in a few words, and the PASID that it is about, -1 for none. */
  label(words: Uint32Array): { readonly text: string; readonly pasid: number };
}

export interface RegisterLook {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
  readonly layout: Layout;
}

/** How a queue stands. */
export interface QueueState {
  readonly page: number;
  /** log2 of its entries. */
  readonly bits: number;
  /** False where its registers are indexes only, so that one slot always stays free. */
  readonly hasWrapBit: boolean;
  readonly overflow: boolean;
}

/** What the entry of a PASID says. */
export interface EntryLook {
  readonly isQuiet: boolean;
  /** Page of the root that it leads to. */
  readonly root: number;
  readonly tag: number;
  readonly isShared: boolean;
}

/** What things are called. */
export interface Terms {
  /** SMMUv3, RISC-V IOMMU. */
  readonly kind: string;
  /** The table of devices and that of PASIDs, an entry of each in short, and what an entry of the latter is. */
  readonly streams: string;
  readonly stream: string;
  readonly pasids: string;
  readonly entry: string;
  /** The same in full, for instance context descriptor, and the address of a device. */
  readonly streamName: string;
  readonly entryName: string;
  readonly streamId: string;
  /** What a PASID is called in it, and the tag of an address space in the IOTLB. */
  readonly pasid: string;
  readonly tag: string;
  /** An entry that leads nowhere. */
  readonly quiet: string;
}

export interface SiliconLook {
  readonly terms: Terms;
  readonly queues: readonly QueueLook[];
  queueState(world: World, iommu: number, role: QueueRole): QueueState;
  readonly registers: readonly RegisterLook[];
  /** Pages that the registers of an IOMMU lie in. */
  readonly registerPages: number;
  /** The entry of a device: where it stands, null if it never had a place, and what it says. */
  streamPlace(world: World, iommu: number, sid: number): Place | null;
  streamLayout(world: World, iommu: number): Layout;
  streamInWords(words: Uint32Array): string;
  /** The entry of a PASID. */
  entryPlace(world: World, table: PasidTable, pasid: number): Place | null;
  readonly entryLayout: Layout;
  /** What an entry says, null for one that is not valid. */
  entryLook(world: World, table: PasidTable, words: Uint32Array): EntryLook | null;
  /** The first entry above those of PASIDs, null where the table has one level. */
  levelAbove(world: World, table: PasidTable): Place | null;
  /** Cached entries of devices, by `sid`; those of PASIDs are in `siliconOf(world).pasidTables.cached`. */
  cachedStreams(world: World, iommu: number): readonly { readonly sid: number }[];
  stalls(world: World, iommu: number): { readonly limit: number; readonly held: readonly StallView[] };
}
