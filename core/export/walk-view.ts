import { architectureOf, formatOf } from '../hardware/cpus.ts';
import { hex, pageAddress } from '../lib/format.ts';
import type { TraceEntry } from '../machine/trace.ts';
import { mms } from '../process/mm.ts';
import { isPresent, readPte } from '../process/page-table.ts';
import type { World } from '../world/world.ts';
import { pathOf } from './tree-view.ts';
import type { WalkView } from './view.ts';

/** How far back a walk is still the walk of the moment, in events. */
const WINDOW = 64;
const DEVICE_STEPS = ['smmuv3_translation.walk', 'riscv_iommu_translation.walk'];
const CPU_STEPS = ['cpu_load.walk', 'cpu_store.walk'];

/** The walk of the moment in each address space: the last one of the last few events, as long as it still holds. */
export function walkViews(world: World, trace: readonly TraceEntry[], at: number): Map<number, WalkView> {
  const walks = new Map<number, WalkView>();
  const seen = new Set<number>();
  for (let i = at - 1; i >= Math.max(0, at - WINDOW); i--) {
    const entry = trace[i];
    if (entry === undefined || entry.mm === null || seen.has(entry.mm) || !isWalk(entry)) continue;
    seen.add(entry.mm);
    if (mms.find(world, entry.mm) === undefined) continue;
    const walk = walkIn(world, entry, mms.get(world, entry.mm).pgd);
    if (walk !== null) walks.set(entry.mm, walk);
  }
  return walks;
}

const isDeviceStep = (step: string): boolean => DEVICE_STEPS.includes(step);
const isWalk = ({ step }: TraceEntry): boolean => isDeviceStep(step) || CPU_STEPS.includes(step);

/** The walk of the moment in a tree of DMA addresses: devices alone walk it, and a table belongs to one tree. */
export function dmaWalkView(world: World, trace: readonly TraceEntry[], at: number, root: number): WalkView | null {
  for (let i = at - 1; i >= Math.max(0, at - WINDOW); i--) {
    const entry = trace[i];
    if (entry !== undefined && isDeviceStep(entry.step) && entry.mm === null && isIn(world, root, entry))
      return walkIn(world, entry, root);
  }
  return null;
}

function isIn(world: World, root: number, entry: TraceEntry): boolean {
  const { page, pfn } = entry.facts;
  const depth = depthOf(world, entry);
  if (typeof page !== 'number' || depth === null || typeof pfn !== 'number') return false;
  return pathOf(world, root, page, depth + 1)[depth]?.table === hex(pfn);
}

/** Tables that a walk of a device has passed: Arm counts its levels from the root down, RISC-V from the leaves up. */
function depthOf(world: World, { facts: { level } }: TraceEntry): number | null {
  if (typeof level !== 'number') return null;
  return architectureOf(world) === 'riscv' ? formatOf(world).levels - 1 - level : level;
}

function walkIn(world: World, entry: TraceEntry, root: number): WalkView | null {
  const { page } = entry.facts;
  const device = isDeviceStep(entry.step);
  if (typeof page !== 'number') return null;
  const depth = device ? depthOf(world, entry) : null;
  const most = depth === null ? undefined : depth + 1;
  const path = pathOf(world, root, page, most);
  const end = endOf(entry, device, isPresent(readPte(world, root, page)));
  if (end === null) return null;
  return { event: entry.event, walker: device ? 'device' : 'cpu', who: entry.who, page: pageAddress(page), path, end };
}

/** How a walk ended; null for one that the tables have overtaken: what it found is gone, or what it missed is there. */
function endOf(entry: TraceEntry, device: boolean, present: boolean): WalkView['end'] | null {
  if (device && entry.facts['found'] === 'a table') return 'none';
  const found = device ? entry.facts['found'] === 'a page' : entry.facts['found'] !== 'nothing';
  if (found !== present) return null;
  if (!present) return 'missing';
  return entry.fault ? 'denied' : 'found';
}
