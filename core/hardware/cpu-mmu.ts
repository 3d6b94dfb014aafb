/** The MMU that all CPUs of the machine share in this model: one TLB, filled by walks from the root (TTBR0, satp) of who runs. */
import { SRAM_FIRST } from '../world/page-frame.ts';
import type { World } from '../world/world.ts';
import { formatOf } from './cpus.ts';
import type { Access, PageFormat, UserWalk, WalkFault } from './page-format.ts';
import { insert, invalidate, lookup, outputOf, RIGHT, rightsOf, type TlbMatch, type TlbShape } from './tlb.ts';

/** 16 entries, tagged by ASID. */
export const CPU_TLB: TlbShape = { page: SRAM_FIRST, sets: 4, ways: 4 };

/** ID_AA64MMFR0_EL1.PARange on arm64: bits of the physical addresses of this machine. */
export const CPU_OUTPUT_BITS = 44;

/** What `translate` answers instead of a page. */
export const TLB_MISS = -1;
export const TLB_DENIED = -2;

/** The output page that the TLB has for a user's access, TLB_MISS, or TLB_DENIED where its entry does not grant it. */
export function translate(world: World, asid: number, page: number, access: Access): number {
  const index = lookup(world, CPU_TLB, { kind: 0, vmid: 0, asid, page });
  if (index < 0) return TLB_MISS;
  if ((rightsOf(world, CPU_TLB, index) & RIGHT[access]) === 0) return TLB_DENIED;
  return outputOf(world, CPU_TLB, index, page);
}

/** Walks from a root table and keeps what was found, or says which fault it met: faults are not kept. */
export function walkAndFill(world: World, root: number, asid: number, page: number, access: Access): WalkFault | null {
  const format = formatOf(world);
  const found = format.walkForUser(world, root, page, access);
  if (found.fault === null) fill(world, format, asid, page, found);
  return found.fault;
}

/** Bits of an address that one table resolves. */
const BITS_PER_LEVEL = 9;

function fill(world: World, { levels }: PageFormat, asid: number, page: number, found: UserWalk): void {
  const span = (levels - 1 - found.depth) * BITS_PER_LEVEL;
  const within = page % 2 ** span;
  const { read, write, execute } = found.permissions;
  insert(world, CPU_TLB, {
    kind: 0,
    vmid: 0,
    asid,
    page: page - within,
    global: found.global,
    span,
    output: found.page - within,
    rights: (read ? RIGHT.read : 0) | (write ? RIGHT.write : 0) | (execute ? RIGHT.execute : 0),
    lo: found.visit.lo,
    hi: found.visit.hi,
  });
}

type Hears = (world: World, match: TlbMatch) => void;
let hears: Hears = () => {};

/** Who else hears TLB invalidations that are broadcast: SMMUs that take part in it. Wired in machine/. */
export function wireBroadcast(listener: Hears): void {
  hears = listener;
}

/**
 * On arm64 a TLBI of the inner shareable domain: it reaches the TLBs of the CPUs, and of whoever else takes part. Harts of
 * RISC-V are told by an interrupt to do their SFENCE.VMA, and nobody else hears of it.
 */
function broadcast(world: World, match: TlbMatch): void {
  invalidate(world, CPU_TLB, match);
  hears(world, match);
}

/** TLBI VMALLE1, or SFENCE.VMA, not broadcast: what a CPU does when ASIDs have rolled over. */
export function flushTlbAll(world: World): void {
  invalidate(world, CPU_TLB, {});
}

/** TLBI VAE1IS, or SFENCE.VMA with address and ASID: drops what translates one page for an ASID. */
export function flushTlbPage(world: World, asid: number, page: number): void {
  broadcast(world, { asid, page });
}

/** The same for each page from `start` up to, not including, `end`: one sweep in the model. */
export function flushTlbRange(world: World, asid: number, start: number, end: number): void {
  for (let page = start; page < end; ) {
    const span = largestSpan(page, end);
    broadcast(world, { asid, page, span });
    page += 2 ** span;
  }
}

function largestSpan(page: number, end: number): number {
  let span = 0;
  while (page % 2 ** (span + 1) === 0 && page + 2 ** (span + 1) <= end) span++;
  return span;
}

/** TLBI ASIDE1IS, or SFENCE.VMA with ASID: drops what is tagged with an ASID; global entries stay. */
export function flushTlbAsid(world: World, asid: number): void {
  broadcast(world, { asid, keepGlobal: true });
}
