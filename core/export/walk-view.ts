import { pageAddress } from '../lib/format.ts';
import type { TraceEntry } from '../machine/trace.ts';
import { mms } from '../process/mm.ts';
import { isPresent, readPte } from '../process/page-table.ts';
import type { World } from '../world/world.ts';
import { pathOf } from './tree-view.ts';
import type { WalkView } from './view.ts';

/** How far back a walk is still the walk of the moment, in events. */
const WINDOW = 64;
const DEVICE_STEP = 'smmuv3_translation.walk';
const CPU_STEPS = ['cpu_load.walk', 'cpu_store.walk'];

/**
 * The walk of the moment in each address space: the last one of the last few events. One that found nothing stays
 * until its page is there.
 */
export function walkViews(world: World, trace: readonly TraceEntry[], at: number): Map<number, WalkView> {
  const walks = new Map<number, WalkView>();
  for (let i = at - 1; i >= Math.max(0, at - WINDOW); i--) {
    const entry = trace[i];
    if (entry === undefined || entry.mm === null || walks.has(entry.mm)) continue;
    if (mms.find(world, entry.mm) === undefined) continue;
    const walk = walkOf(world, entry, entry.mm);
    if (walk !== null) walks.set(entry.mm, walk);
  }
  return walks;
}

function walkOf(world: World, entry: TraceEntry, mm: number): WalkView | null {
  const { page, level } = entry.facts;
  const device = entry.step === DEVICE_STEP;
  if (!device && !CPU_STEPS.includes(entry.step)) return null;
  if (typeof page !== 'number') return null;
  const { pgd } = mms.get(world, mm);
  const levels = device && typeof level === 'number' ? level + 1 : 4;
  const present = isPresent(readPte(world, pgd, page));
  const path = pathOf(world, pgd, page, levels);
  const walk = { walker: device ? 'device' : 'cpu', who: entry.who, page: pageAddress(page), path } as const;
  if (device && levels < 4 && entry.facts['found'] === 'a table') return { ...walk, end: 'none' };
  if (!present) return { ...walk, end: 'missing' };
  return { ...walk, end: entry.fault ? 'denied' : 'found' };
}
