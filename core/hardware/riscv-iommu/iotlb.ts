/**
 * The IOATC's translations: leaves by GSCID and PSCID, shared by every device that has them. Only what was valid and used
 * is kept, as the entry of the table itself, so that each use is checked anew. RISC-V IOMMU 2.7.
 */
import type { World } from '../../world/world.ts';
import { addressPage, type Message } from '../pcie/link.ts';
import { touch } from '../replacement.ts';
import type { SvVisit } from '../riscv/walk.ts';
import { entryAt, insert, lookup, outputOf, RIGHT, type TlbKey } from '../tlb.ts';
import { type Held, pscidOf, rightsOf, serves, wantOf } from './first-stage.ts';
import { iotlb, mayCache } from './iommu.ts';

/** A translation: output page, rights of RIGHT and what else is granted, and how much it covers. */
export interface Translation {
  readonly output: number;
  readonly rights: number;
  /** It holds for 2^span pages, aligned. */
  readonly span: number;
}

/** Without a second stage the GSCID is not used. */
function keyOf(world: World, held: Held, message: Message): TlbKey {
  return { kind: 0, vmid: 0, asid: pscidOf(world, held), page: addressPage(message) };
}

/**
 * The cached translation, null on a miss. An entry that does not serve as it is counts as a miss: software may have
 * allowed more since, or A and D have to be set in memory.
 */
export function lookUp(world: World, held: Held, message: Message): Translation | null {
  const tlb = iotlb(world, held.iommu);
  const key = keyOf(world, held, message);
  const index = lookup(world, tlb, key);
  const entry = index < 0 ? null : entryAt(world, tlb, index);
  if (entry === null || !serves(entry.lo, wantOf(world, held, message))) return null;
  touch(world, tlb, index);
  const output = outputOf(world, tlb, index, key.page);
  return { output, rights: rightsOf(entry.lo, entry.hi, entry.global), span: entry.span };
}

/** Rights that an entry shows to those who look in from outside; what is granted follows from its leaf. */
const SHOWN = RIGHT.read | RIGHT.write | RIGHT.execute;

/** Sizes that the IOTLB keeps; of a larger leaf it keeps the part that was asked for. */
const SPANS = [18, 9, 0];

/** Puts a leaf into the IOTLB, unless an invalidation has overtaken the walk. Whether it did. */
export function fill(world: World, held: Held, message: Message, leaf: SvVisit, word: number, isGlobal: boolean) {
  if (!mayCache(world, held.iommu)) return false;
  const span = SPANS.find((size) => size <= leaf.span) ?? 0;
  const { page, ...key } = keyOf(world, held, message);
  const within = page % 2 ** span;
  insert(world, iotlb(world, held.iommu), {
    ...key,
    page: page - within,
    global: isGlobal,
    span,
    output: leaf.next - within,
    rights: rightsOf(word, leaf.hi, false) & SHOWN,
    lo: word,
    hi: leaf.hi,
  });
  return true;
}
