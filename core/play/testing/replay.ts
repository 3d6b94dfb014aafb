import type { Machine } from '../../machine/machine.ts';
import { seek } from '../../machine/machine.ts';
import type { TraceEntry } from '../../machine/trace.ts';
import { below } from '../../sim/random.ts';
import type { World } from '../../world/world.ts';
import type { Draw } from './draw.ts';
import { accessOf, noteSubmission, type Owners, trespass } from './isolation.ts';
import { difference, type Snapshot, snapshot } from './snapshot.ts';

/** Moments of a run that are kept whole, beside its end. */
const KEPT = 3;

/**
 * Goes back over a whole run and forward again, and says where it does not come out as it was: each fingerprint on the
 * way, every row and word at some moments and at the end, and again when seeking to those moments. On the way forward
 * `see` hears of each event, and every access of a device is checked to be one of its owner's memory.
 */
export function replayFlaw(machine: Machine, draw: Draw, see: (entry: TraceEntry) => void): string | null {
  const { world, trace } = machine;
  const last = world.journal?.at ?? 0;
  const moments = Array.from({ length: KEPT }, () => below(draw, last + 1));
  const kept = new Map<number, Snapshot>([[last, snapshot(world)]]);
  const fingerprints = goBack(world, last, moments, kept);
  const owners: Owners = new Map();
  for (let event = 1; event <= last; event++) {
    const flaw = goForward(world, trace[event - 1] as TraceEntry, owners) ?? compare(world, kept.get(event));
    if (flaw !== null) return `event ${event}: ${flaw}`;
    if (fingerprints[event] !== textOf(world)) return `event ${event}: the fingerprint is another one`;
    see(trace[event - 1] as TraceEntry);
  }
  for (const event of [...moments, last]) {
    seek(machine, event);
    const flaw = compare(world, kept.get(event));
    if (flaw !== null) return `seek to ${event}: ${flaw}`;
  }
  return null;
}

const textOf = (world: World): string => world.fingerprint().join(' ');

function goBack(world: World, last: number, moments: readonly number[], kept: Map<number, Snapshot>): string[] {
  const fingerprints: string[] = [];
  for (let event = last; event >= 0; event--) {
    fingerprints[event] = textOf(world);
    if (moments.includes(event)) kept.set(event, snapshot(world));
    if (event > 0) world.back();
  }
  return fingerprints;
}

function goForward(world: World, entry: TraceEntry, owners: Owners): string | null {
  const message = accessOf(world, entry);
  world.forward();
  noteSubmission(world, owners, entry);
  return message === null ? null : trespass(world, owners, message, Number(entry.facts['pfn']));
}

function compare(world: World, kept: Snapshot | undefined): string | null {
  return kept === undefined ? null : difference(world, kept, 'the same world');
}
