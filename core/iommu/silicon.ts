/**
 * The second half of the seam between what all silicon share and what one has: ops.ts are the operations that a driver
 * provides, and here is what the layers above may ask of it, and have set up by it at once. Each driver provides one;
 * machine/ wires them.
 */
import type { ConfigLine } from '../hardware/config-cache.ts';
import { type Architecture, architectureOf } from '../hardware/cpus.ts';
import type { TlbShape } from '../hardware/tlb.ts';
import { present } from '../lib/assert.ts';
import type { World } from '../world/world.ts';
import type { IoTables, PasidTable } from './pasid-table.ts';

/** One IOMMU, whatever its kind. */
export interface Iommu {
  readonly id: number;
  readonly name: string;
  /** First page of its registers. */
  readonly page: number;
  /** Its translation unit: UNIT.idle is 0. */
  readonly unit: number;
}

/** Whose translations a tag of the IOTLB marks: an mm's, or DMA addresses of a domain or of a private PASID; else -1. */
export interface TagOwner {
  readonly mm: number;
  readonly domain: number;
  readonly space: number;
}

/** A row of the map of tags. */
export interface TagRow {
  /** Table and id, as a key of the inspector. */
  readonly key: string;
  readonly tag: number;
  readonly owner: string;
  /** -1 for DMA addresses. */
  readonly mm: number;
  readonly isShared: boolean;
}

/** A queue that an IOMMU fills, and the thread of the kernel that empties it. */
export interface FilledQueue {
  /** The name of the IOMMU, and of the queue. */
  readonly iommu: string;
  readonly name: string;
  /** It has a record, or lost one. */
  readonly hasWork: boolean;
  readonly irq: number;
  /** Its thread, if that sleeps, for it waits for the interrupt; asked only where it matters, as it looks at all actors. */
  readonly sleeper: () => string | null;
}

/** A table that can be looked into. */
export interface Rows<R> {
  get(world: World, id: number): R;
  find(world: World, id: number): R | undefined;
  all(world: World): R[];
  slots(world: World): readonly (R | undefined)[];
}

/** PASID tables, whatever their words. */
export interface PasidTables {
  readonly rows: Rows<PasidTable>;
  /** That of a device while it is in a domain. */
  of(world: World, device: number, domain?: number): PasidTable;
  /** Root of the page tables that the valid entry of a PASID leads to, QUIET for nowhere, -1 for no valid entry. */
  rootOf(world: World, table: PasidTable, pasid: number): number;
  /** The words of the entry of a PASID, null where it has no place yet. */
  wordsOf(world: World, table: PasidTable, pasid: number): Uint32Array | null;
  /** The tag in those words: an ASID or a PSCID. */
  tagIn(words: Uint32Array): number;
  /** The tag in those words is one of the CPUs. */
  isShared(words: Uint32Array): boolean;
  /** What an IOMMU has cached of the entries of PASIDs; `sid` is that of the link of the device. */
  cached(world: World, iommu: number): readonly ConfigLine[];
}

/** Domains and devices, which are made and attached at once while the machine is set up. */
export interface SetUp {
  /** The largest address of a device, StreamID or device_id, that an IOMMU has a place for. */
  lastStream(world: World, iommu: number): number;
  canStall(world: World, iommu: number): boolean;
  /** Pages side by side that surely hold the tables of a domain for PASIDs of so many bits, and those of a device. */
  domainPages(world: World, iommu: number, pasidBits: number): number;
  readonly devicePages: number;
  createDomain(world: World, name: string, iommu: number, pasidBits: number, stalls: boolean): number;
  /** Gives a device that joins a domain a PASID table of its own, where the design wants it so, and takes it back. */
  createOwnTable(world: World, domain: number, device: number): void;
  freeOwnTable(world: World, device: number): void;
}

export interface Silicon {
  /** How hooks and scripts call it. */
  readonly backend: string;
  /** What its driver is called. */
  readonly driver: string;
  readonly iommus: Rows<Iommu>;
  iotlb(world: World, iommu: number): TlbShape;
  /** The procedure of its translation unit, which has the labels walk and access. */
  readonly translation: {
    readonly name: string;
    readonly steps: readonly { readonly id: number; readonly label: string }[];
  };
  readonly pasidTables: PasidTables;
  readonly setUp: SetUp;

  /** The IOMMU that the devices of a domain stand behind. */
  iommuOfDomain(world: World, domain: number): number;
  /** Translation faults of the devices of a domain stall. */
  isStalling(world: World, domain: number): boolean;
  /** Root and tags of DMA addresses: of a private PASID, or, for NO_SPACE, of the domain. */
  ioTables(world: World, domain: number, space: number): IoTables;
  ownerOfTag(world: World, tag: number): TagOwner | undefined;
  /** Every tag that is in use, with its row, in words whose it is, and whether the CPUs have it too. */
  tags(world: World): readonly TagRow[];
  /** The tag of an mm, -1 for none. */
  tagOfMm(world: World, mm: number): number;

  /** PASIDs of the page requests in its queues that want an answer. */
  queuedPasids(world: World): readonly number[];
  /** Page requests were lost, and the driver has not acknowledged that yet. */
  isOverflowing(world: World, iommu: number): boolean;
  filledQueues(world: World): readonly FilledQueue[];
  /** What of the driver is still under way, in words. */
  underWay(world: World): readonly string[];
  /** What the driver keeps of processes, in words: nothing once all of them are gone. */
  kept(world: World): readonly string[];
}

const providers = new Map<Architecture, Silicon>();

/** Says which silicon stands in front of the memory of a machine with CPUs of this architecture. */
export function wireSilicon(architecture: Architecture, silicon: Silicon): void {
  providers.set(architecture, silicon);
}

/** The silicon of this machine. */
export function siliconOf(world: World): Silicon {
  return present(providers.get(architectureOf(world)), 'each architecture has its silicon');
}
