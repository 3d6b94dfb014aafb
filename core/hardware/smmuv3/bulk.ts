/** An SMMU while a device streams through it: the contexts of its PASIDs, read once, then IOTLB and walk. SMMUv3 3.3. */
import { err, ok, type Result } from '../../lib/result.ts';
import type { World } from '../../world/world.ts';
import { ACCESSED, type BulkWalk, READ_ONLY, walkFor } from '../arm64/bulk-walk.ts';
import { LEAF_LEVEL } from '../arm64/walk.ts';
import type { BulkAccess, BulkUnit } from '../bulk.ts';
import { tablesOf } from '../bulk-tables.ts';
import { copyTlb, emptyLeaf, findIn, insertIn, outputIn, RIGHTS_SHIFT, rightsIn, touchIn } from '../bulk-tlb.ts';
import { emptyTrail, learn, TRAIL_PAGES } from '../bulk-trail.ts';
import type { Message } from '../pcie/link.ts';
import { RIGHT } from '../tlb.ts';
import {
  findContext,
  findStream,
  type Lookup,
  permitOf,
  readCd,
  readContextLeaf,
  readSte,
  readStreamArray,
  release,
} from './configuration.ts';
import { cdField } from './context.ts';
import { outputBits } from './registers.ts';
import { iotlb } from './smmu.ts';
import { lookupInWords } from './story.ts';

/** The lower half of an address space, as its CD says. */
interface BulkSpace {
  readonly asid: number;
  readonly root: number;
  /** The level where its walks start. */
  readonly level: number;
  /** First page beyond the half; 0 where its walks are off. */
  readonly end: number;
  readonly isPrivate: boolean;
  readonly how: BulkWalk;
}

/**
 * Reads stream table entry and context descriptors of a device's PASIDs as its first accesses would, and takes the IOTLB
 * as it is. The error says which of them stops the device.
 */
export function bulkSmmu(
  world: World,
  smmu: number,
  link: number,
  pasids: readonly number[],
  access: BulkAccess,
): Result<BulkUnit, string> {
  const spaces: BulkSpace[] = [];
  for (const pasid of pasids) {
    const space = spaceOf(world, smmu, link, pasid, access);
    if (!space.ok) return err(`PASID ${pasid}: ${space.error}`);
    spaces.push(space.value);
  }
  return ok(unitOf(world, smmu, spaces, access));
}

function unitOf(world: World, smmu: number, spaces: readonly BulkSpace[], { write, isAsking }: BulkAccess): BulkUnit {
  const tlb = copyTlb(world, iotlb(world, smmu));
  const tables = tablesOf(world);
  const levels = spaces.map(({ level }) => LEAF_LEVEL + 1 - level);
  const leaf = emptyLeaf();
  const counts = { hits: 0, misses: 0, reads: 0, faults: 0 };
  const wanted = isAsking ? RIGHT.read | (write ? RIGHT.write : 0) : write ? RIGHT.write : RIGHT.read;
  const trail = emptyTrail({ levels, shift: 12, flags: wanted << RIGHTS_SHIFT, lo: 0 });
  return {
    ...{ tlb, leaf, counts, trail },
    asids: Int32Array.from(spaces, ({ asid }) => asid),
    ends: Int32Array.from(spaces, ({ end }) => Math.min(end, TRAIL_PAGES)),
    ...{ tellsGlobal: false, tally: new Int32Array(3) },
    look: (place, page) => {
      const space = spaces[place] as BulkSpace;
      const known = findIn(tlb, space.asid, page);
      if (known >= 0 && (rightsIn(tlb, known) & wanted) === wanted) {
        counts.hits++;
        touchIn(tlb, known);
        leaf.output = outputIn(tlb, known, page);
        leaf.rights = rightsIn(tlb, known);
        leaf.span = 0;
        leaf.global = false;
        return true;
      }
      counts.misses++;
      const reads = page < space.end ? walkFor(tables, space.root, page, space.level, space.how, leaf) : 0;
      counts.reads += Math.abs(reads);
      if (reads <= 0) {
        counts.faults++;
        return false;
      }
      leaf.isPrivate = space.isPrivate;
      insertIn(tlb, space.asid, page, leaf);
      if (isMarked(leaf.lo, write)) learn(trail, place, page, leaf);
      // A completion of this SMMU is for one page, and for one address space.
      leaf.span = 0;
      leaf.global = false;
      return true;
    },
  };
}

/** Whether a leaf that was read has nothing more to be marked by accesses of this kind. */
function isMarked(lo: number, write: boolean): boolean {
  return (lo & ACCESSED) !== 0 && !(write && (lo & READ_ONLY) !== 0);
}

function spaceOf(
  world: World,
  smmu: number,
  link: number,
  pasid: number,
  access: BulkAccess,
): Result<BulkSpace, string> {
  const message = firstMessage(link, pasid, access);
  let found: Lookup = findStream(world, smmu, message);
  if (found.to === 'level 1') found = readStreamArray(world, smmu, message);
  if (found.to === 'structure') found = readSte(world, smmu, message, found.at);
  if (found.to !== 'line') return err(lookupInWords(found));
  const ste = found.line;
  const permit = permitOf(world, smmu, message, ste);
  if (permit.to !== 'context') return err(lookupInWords(permit));
  found = findContext(world, smmu, message, ste);
  if (found.to === 'level 1') found = readContextLeaf(world, smmu, message, ste);
  if (found.to === 'structure') found = readCd(world, smmu, message, ste, found.at);
  if (found.to !== 'line') return err(lookupInWords(found));
  const space = decodeCd(world, smmu, found.line, access);
  release(world, smmu, ste, found.line);
  return ok(space);
}

function decodeCd(world: World, smmu: number, cd: number, { write, isAsking }: BulkAccess): BulkSpace {
  const field = (name: Parameters<typeof cdField>[3]): number => cdField(world, smmu, cd, name);
  const pageBits = 64 - field('T0SZ') - 12;
  const bits = outputBits(world, smmu, field('IPS'));
  const hardwareAccess = field('HA') === 1;
  return {
    asid: field('ASID'),
    root: Math.floor(field('TTB0') / 256),
    level: 4 - Math.ceil(pageBits / 9),
    end: field('EPD0') === 1 ? 0 : 2 ** pageBits,
    isPrivate: field('ASET') === 1,
    how: {
      ...{ privileged: false, write, asks: isAsking, outputBits: bits, end: 2 ** (bits - 12) },
      ...{ hardwareAccess, hardwareDirty: hardwareAccess && field('HD') === 1 },
      ...{ affd: field('AFFD') === 1, had: field('HAD0') === 1 },
    },
  };
}

/** What the device sends first: its configuration is looked up for that. */
function firstMessage(link: number, pasid: number, { write, isAsking }: BulkAccess): Message {
  return {
    ...{ id: -1, h0: 0, h1: 0, link, up: 1, place: 0, at: 'untranslated', pasid, priv: 0, exec: 0 },
    kind: isAsking ? 'translation-request' : write ? 'write' : 'read',
    ...{ noWrite: write ? 0 : 1, hi: 0, lo: 0, bytes: 0, data: 0, tag: 0, status: '' },
  };
}
