/** A RISC-V IOMMU while a device streams through it: the contexts of its processes, read once, then IOTLB and walk. */
import { err, ok, type Result } from '../../lib/result.ts';
import type { World } from '../../world/world.ts';
import type { BulkAccess, BulkUnit } from '../bulk.ts';
import { tablesOf } from '../bulk-tables.ts';
import { copyTlb, emptyLeaf, findIn, insertIn, isGlobalIn, lowIn, outputIn, spanIn, touchIn } from '../bulk-tlb.ts';
import { emptyTrail, learn, TRAIL_PAGES } from '../bulk-trail.ts';
import { unpinLine } from '../config-cache.ts';
import { memoryAttributes } from '../memory-attributes.ts';
import { links, type Message } from '../pcie/link.ts';
import { type BulkSvWalk, isUsable, walkFor } from '../riscv/bulk-walk.ts';
import { WANT } from '../riscv/walk.ts';
import { RIGHT } from '../tlb.ts';
import { dcField, dcSays } from './device-context.ts';
import { deviceIdOf, findDevice, type Lookup, readDc, readDdte } from './device-directory.ts';
import { causeName } from './fault-queue.ts';
import { pscidOf, rulesOf, stageOf, tableOf } from './first-stage.ts';
import { ddtCache, iotlb, pdtCache } from './iommu.ts';
import { findProcess, isProcessTooWide, readPc, readPdte } from './process-directory.ts';

/** An address space, as its process context says. */
interface BulkSpace {
  readonly pscid: number;
  readonly root: number;
  /** First page beyond the lower half: above it lies what no process of a user has. */
  readonly end: number;
  readonly how: BulkSvWalk;
}

const [READ, WRITE, EXECUTE, USER, ACCESSED, DIRTY] = [1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 6, 1 << 7];
/** Sizes that the IOTLB keeps; of a larger leaf it keeps the part that was asked for. */
const SPANS = [18, 9, 0];

/**
 * Reads device and process contexts as the first accesses of a device's PASIDs would, and takes the IOTLB as it is. The
 * error says what stops the device.
 */
export function bulkRiscv(
  world: World,
  iommu: number,
  link: number,
  pasids: readonly number[],
  access: BulkAccess,
): Result<BulkUnit, string> {
  if (memoryAttributes.all(world).length > 0) return err('memory that refuses or is poisoned is met step by step only');
  const spaces: BulkSpace[] = [];
  for (const pasid of pasids) {
    const space = spaceOf(world, iommu, link, pasid, access);
    if (!space.ok) return err(`process ${pasid}: ${space.error}`);
    spaces.push(space.value);
  }
  return ok(unitOf(world, iommu, spaces, access));
}

function unitOf(world: World, iommu: number, spaces: readonly BulkSpace[], { write, isAsking }: BulkAccess): BulkUnit {
  const tlb = copyTlb(world, iotlb(world, iommu));
  const levels = spaces.map(({ how }) => how.levels);
  const needed = USER | ACCESSED | (write ? WRITE | DIRTY : 0) | (isAsking || !write ? READ : 0);
  const trail = emptyTrail({ levels, shift: 10, flags: 0, lo: needed });
  const tables = tablesOf(world);
  const leaf = emptyLeaf();
  const counts = { hits: 0, misses: 0, reads: 0, faults: 0 };
  return {
    ...{ tlb, leaf, counts, trail },
    asids: Int32Array.from(spaces, ({ pscid }) => pscid),
    ends: Int32Array.from(spaces, ({ end }) => Math.min(end, TRAIL_PAGES)),
    ...{ tellsGlobal: true, tally: new Int32Array(3) },
    look: (place, page) => {
      const space = spaces[place] as BulkSpace;
      const known = findIn(tlb, space.pscid, page);
      if (known >= 0 && isUsable(lowIn(tlb, known), space.how.want)) {
        counts.hits++;
        touchIn(tlb, known);
        leaf.output = outputIn(tlb, known, page);
        leaf.span = spanIn(tlb, known);
        leaf.global = isGlobalIn(tlb, known);
        leaf.rights = rightsIn(lowIn(tlb, known));
        return true;
      }
      counts.misses++;
      const reads = page < space.end ? walkFor(tables, space.root, page, space.how, leaf) : 0;
      counts.reads += Math.abs(reads);
      if (reads <= 0) {
        counts.faults++;
        return false;
      }
      const { span } = leaf;
      leaf.rights = rightsIn(leaf.lo) | executeIn(leaf.lo);
      leaf.span = span === 0 ? 0 : (SPANS.find((size) => size <= span) ?? 0);
      insertIn(tlb, space.pscid, page, leaf);
      leaf.span = span;
      learn(trail, place, page, leaf);
      leaf.rights &= RIGHT.read | RIGHT.write;
      return true;
    },
  };
}

/** What a leaf grants to an answer that nobody executes from: to write only what is marked dirty. RISC-V IOMMU 2.6. */
function rightsIn(lo: number): number {
  return ((lo & READ) !== 0 ? RIGHT.read : 0) | ((lo & (WRITE | DIRTY)) === (WRITE | DIRTY) ? RIGHT.write : 0);
}

/** What an entry of the IOTLB shows besides. */
function executeIn(lo: number): number {
  return (lo & (READ | EXECUTE)) === (READ | EXECUTE) ? RIGHT.execute : 0;
}

function spaceOf(
  world: World,
  iommu: number,
  link: number,
  pasid: number,
  access: BulkAccess,
): Result<BulkSpace, string> {
  const device = deviceIdOf(links.get(world, link).sid);
  let found: Lookup = findDevice(world, iommu, device);
  while (found.to === 'level') {
    const { table, level } = found;
    found = level === 0 ? readDc(world, iommu, device, table) : readDdte(world, iommu, device, table, level);
  }
  if (found.to === 'fault') return err(causeName(found.cause));
  const dc = found.line;
  const isRefused =
    (access.isAsking && !dcSays(world, iommu, dc, 'tc.EN_ATS')) ||
    isProcessTooWide(dcField(world, iommu, dc, 'fsc.MODE'), pasid);
  const stage = stageOf(world, { iommu, dc }, { at: 'untranslated', pasid, link } as Message);
  if (isRefused || stage.to !== 'process')
    return err('its device context has no ATS, or no process directory for that');
  found = findProcess(world, iommu, dc, stage.tag);
  while (found.to === 'level') {
    const { table, level } = found;
    found = level === 0 ? readPc(world, iommu, stage.tag, table) : readPdte(world, iommu, stage.tag, table, level);
  }
  if (found.to === 'fault') return err(causeName(found.cause));
  const held = { iommu, message: -1, dc, pc: found.line };
  const rules = rulesOf(world, held);
  const want = (access.isAsking || !access.write ? WANT.read : 0) | (access.write ? WANT.write : 0);
  const space = {
    pscid: pscidOf(world, held),
    root: tableOf(world, held).root,
    end: 2 ** (rules.levels * 9 - 1),
    how: { ...rules, want: want | (access.isAsking ? WANT.grants : 0), end: 2 ** (rules.physicalBits - 12) },
  };
  unpinLine(world, ddtCache(world, iommu), dc);
  unpinLine(world, pdtCache(world, iommu), found.line);
  return rules.levels === 0 ? err('its first stage is Bare: nothing is translated') : ok(space);
}
