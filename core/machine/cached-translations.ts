import { atcOf, devices } from '../devices/device.ts';
import { smmuDomains } from '../drivers/arm-smmu-v3/domain.ts';
import { CPU_TLB } from '../hardware/arm64/cpu-mmu.ts';
import { iotlb, smmus } from '../hardware/smmuv3/smmu.ts';
import { entryAt, nextEntry, RIGHT, type TlbEntry, type TlbShape } from '../hardware/tlb.ts';
import { processWithPasid } from '../iommu/process.ts';
import { hex } from '../lib/format.ts';
import { frames } from '../process/frame.ts';
import { type Mm, mms } from '../process/mm.ts';
import { isValid, isWritable, pfnOf, readPte } from '../process/page-table.ts';
import { canRead, isFree } from '../sim/lock.ts';
import { isMemory } from '../world/memory.ts';
import type { World } from '../world/world.ts';

/** What is wrong with an entry of a cache, null if nothing. */
type Flaw = (world: World, entry: TlbEntry) => string | null;

/** The first entry of any cache in which something is wrong; `ofAsid` looks at caches tagged so, `ofPasid` at ATCs. */
function firstFlaw(world: World, ofAsid: Flaw, ofPasid: Flaw): string | null {
  const inTlb = flawIn(world, CPU_TLB, ofAsid);
  if (inTlb !== null) return `the TLB ${inTlb}`;
  for (const { id, name } of smmus.all(world)) {
    const flaw = flawIn(world, iotlb(world, id), ofAsid);
    if (flaw !== null) return `the IOTLB of ${name} ${flaw}`;
  }
  for (const { id, name } of devices.all(world)) {
    const flaw = flawIn(world, atcOf(world, id), ofPasid);
    if (flaw !== null) return `the ATC of ${name} ${flaw}`;
  }
  return null;
}

function flawIn(world: World, cache: TlbShape, flawOf: Flaw): string | null {
  for (let index = nextEntry(world, cache, 0); index >= 0; index = nextEntry(world, cache, index + 1)) {
    const entry = entryAt(world, cache, index);
    const flaw = entry === null ? null : flawOf(world, entry);
    if (flaw !== null) return flaw;
  }
  return null;
}

/** An entry that leads to memory of nobody. */
export function danglingTranslation(world: World): string | null {
  return firstFlaw(world, intoNothing, intoNothing);
}

function intoNothing(world: World, { page, output }: TlbEntry): string | null {
  if (!isMemory(world, output) || frames.find(world, output - world.slots.ramFirst) !== undefined) return null;
  return `maps page 0x${hex(page)} to 0x${hex(output)}, which is free`;
}

/** An entry that the page tables do not bear out, or whose tag is nobody's. */
export function staleTranslation(world: World): string | null {
  return firstFlaw(world, staleByAsid, staleByPasid);
}

function staleByAsid(world: World, entry: TlbEntry): string | null {
  const mm = mms.first(world, (row) => row.asid === entry.asid);
  if (mm !== undefined) return disagreement(world, mm, entry);
  const isPrivate = smmuDomains.first(world, (row) => row.asid === entry.asid) !== undefined;
  return isPrivate ? null : `has page 0x${hex(entry.page)} for ASID ${entry.asid}, which is nobody's`;
}

function staleByPasid(world: World, entry: TlbEntry): string | null {
  if (entry.asid < 0) return null;
  const process = processWithPasid(world, entry.asid);
  if (process === undefined) return `has page 0x${hex(entry.page)} for PASID ${entry.asid}, which is nobody's`;
  return disagreement(world, mms.get(world, process.mm), entry);
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
