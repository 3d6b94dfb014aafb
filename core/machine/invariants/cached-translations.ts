import { atcOf, devices } from '../../devices/device.ts';
import { CPU_TLB } from '../../hardware/cpu-mmu.ts';
import { entryAt, nextEntry, RIGHT, type TlbEntry, type TlbShape } from '../../hardware/tlb.ts';
import { domainOf } from '../../iommu/group.ts';
import { isBeingUnmapped } from '../../iommu/map.ts';
import { processWithPasid } from '../../iommu/process.ts';
import { siliconOf } from '../../iommu/silicon.ts';
import { NO_SPACE, spaceInWords, spaceWithPasid } from '../../iommu/space.ts';
import { hex, pageAddress } from '../../lib/format.ts';
import { frames } from '../../process/frame.ts';
import { type Mm, mms } from '../../process/mm.ts';
import { isValid, isWritable, pfnOf, readPte } from '../../process/page-table.ts';
import { canRead, isFree } from '../../sim/lock.ts';
import { isMemory } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import type { Verdict } from './invariant.ts';

/** What is wrong with an entry of a cache, null if nothing. */
type Flaw = (world: World, entry: TlbEntry) => string | null;

/** The same for the ATC of a device. */
type FlawOfDevice = (world: World, entry: TlbEntry, device: number) => string | null;

/** What may be wrong with an entry of each kind of cache. */
interface Flaws {
  readonly ofTlb: Flaw;
  readonly ofIotlb: Flaw;
  readonly ofAtc: FlawOfDevice;
}

/** Looks at all entries of all caches. */
function lookAtAll(world: World, { ofTlb, ofIotlb, ofAtc }: Flaws): Verdict {
  const inTlb = lookAt(world, CPU_TLB, ofTlb);
  if (typeof inTlb === 'string') return `the TLB ${inTlb}`;
  const { iommus, iotlb } = siliconOf(world);
  let looked = inTlb;
  for (const { id, name } of iommus.all(world)) {
    const verdict = lookAt(world, iotlb(world, id), ofIotlb);
    if (typeof verdict === 'string') return `the IOTLB of ${name} ${verdict}`;
    looked += verdict;
  }
  for (const { id, name } of devices.all(world)) {
    const verdict = lookAt(world, atcOf(world, id), (w, entry) => ofAtc(w, entry, id));
    if (typeof verdict === 'string') return `the ATC of ${name} ${verdict}`;
    looked += verdict;
  }
  return looked;
}

function lookAt(world: World, cache: TlbShape, flawOf: Flaw): Verdict {
  let looked = 0;
  for (let index = nextEntry(world, cache, 0); index >= 0; index = nextEntry(world, cache, index + 1)) {
    const entry = entryAt(world, cache, index);
    if (entry === null) continue;
    const flaw = flawOf(world, entry);
    if (flaw !== null) return flaw;
    looked++;
  }
  return looked;
}

/** An entry that leads to memory of nobody. */
export function danglingTranslation(world: World): Verdict {
  return lookAtAll(world, { ofTlb: intoNothing, ofIotlb: intoNothing, ofAtc: intoNothing });
}

function intoNothing(world: World, { page, output }: TlbEntry): string | null {
  if (!isMemory(world, output) || frames.find(world, output - world.slots.ramFirst) !== undefined) return null;
  return `maps page 0x${hex(page)} to 0x${hex(output)}, which is free`;
}

/** An entry that the page tables do not bear out, or whose tag is nobody's. */
export function staleTranslation(world: World): Verdict {
  return lookAtAll(world, { ofTlb: staleInTlb, ofIotlb: staleInIotlb, ofAtc: staleByPasid });
}

function staleInTlb(world: World, entry: TlbEntry): string | null {
  const mm = mms.first(world, (row) => row.asid === entry.asid && row.current === 1);
  return mm === undefined ? ofNobody(entry) : disagreement(world, mm, entry);
}

/** What the tags of the IOTLBs mean is written in the map of the driver. */
function staleInIotlb(world: World, entry: TlbEntry): string | null {
  const owner = siliconOf(world).ownerOfTag(world, entry.asid);
  if (owner === undefined) return ofNobody(entry);
  if (owner.mm < 0) return ioDisagreement(world, owner.domain, owner.space, entry);
  return disagreement(world, mms.get(world, owner.mm), entry);
}

const ofNobody = ({ page, asid }: TlbEntry): string => `has page 0x${hex(page)} for ASID ${asid}, which is nobody's`;

function staleByPasid(world: World, entry: TlbEntry, device: number): string | null {
  if (entry.asid < 0) return withoutPasid(world, entry, domainOf(world, device));
  const process = processWithPasid(world, entry.asid);
  if (process !== undefined) return disagreement(world, mms.get(world, process.mm), entry);
  const space = spaceWithPasid(world, entry.asid);
  if (space !== undefined) return ioDisagreement(world, space.domain, space.id, entry);
  return `has page 0x${hex(entry.page)} for PASID ${entry.asid}, which is nobody's`;
}

/**
 * Who changes descriptors so that caches must forget holds mmap_lock for writing, or the page table lock, until all
 * have; an mm without users is taken down without locks.
 */
function disagreement(world: World, mm: Mm, { page, output, rights }: TlbEntry): string | null {
  if (mm.users === 0 || !canRead(world, mm.mmapLock) || !isFree(world, mm.pageTableLock)) return null;
  const pte = readPte(world, mm.pgd, page);
  if (!isValid(pte)) return `has page 0x${hex(page)} of ${mm.name}, which is not mapped`;
  if (pfnOf(pte) !== output) return `maps page 0x${hex(page)} of ${mm.name} to 0x${hex(output)}, another frame`;
  const mayWrite = (rights & RIGHT.write) === 0 || isWritable(pte);
  return mayWrite ? null : `grants writes to page 0x${hex(page)} of ${mm.name}, which is read-only`;
}

function withoutPasid(world: World, entry: TlbEntry, domain: number): string | null {
  if (domain >= 0) return ioDisagreement(world, domain, NO_SPACE, entry);
  return `has DMA address ${pageAddress(entry.page)} although the device is attached to no domain`;
}

/** Who unmaps a DMA address takes no lock; until the flush is over, its page waits to be freed. */
function ioDisagreement(
  world: World,
  domain: number,
  space: number,
  { page, output, rights }: TlbEntry,
): string | null {
  if (isBeingUnmapped(world, domain, space, page)) return null;
  const what = `DMA address ${pageAddress(page)} of ${spaceInWords(world, domain, space)}`;
  const pte = readPte(world, siliconOf(world).ioTables(world, domain, space).pgd, page);
  if (!isValid(pte)) return `has ${what}, which is not mapped`;
  if (pfnOf(pte) !== output) return `maps ${what} to 0x${hex(output)}, another frame`;
  const mayWrite = (rights & RIGHT.write) === 0 || isWritable(pte);
  return mayWrite ? null : `grants writes to ${what}, which is read-only`;
}
