/**
 * A device that streams millions of accesses through its ATC and the IOMMU, with nothing of interest in between: the same
 * look-ups and the same words in caches and tables as step by step, without a step. A fault is counted and not resolved,
 * as for a device without PRI. Data does not move.
 */

import type { BulkUnit } from '../hardware/bulk.ts';
import { HITS, MISSES, READS } from '../hardware/bulk-plain.ts';
import { type BulkTlb, findIn, outputIn, rightsIn, storeTlb, touchIn } from '../hardware/bulk-tlb.ts';
import { RIGHT } from '../hardware/tlb.ts';
import { delayOf } from '../sim/cost.ts';
import type { World } from '../world/world.ts';
import { keep } from './atc.ts';
import { nextOffset, type Walker } from './pattern.ts';
import { runPlain } from './plain.ts';

/** What has happened so far. */
export interface StreamCounts {
  accesses: number;
  /** In the ATC of the device; both 0 without one. */
  atcHits: number;
  atcMisses: number;
  /** Accesses that found no translation, or none that grants them. */
  faults: number;
  /** Mixed from the physical page of each access: two streams that went the same ways have the same. */
  check: number;
}

export interface Stream {
  readonly world: World;
  readonly unit: BulkUnit;
  readonly walker: Walker;
  readonly write: boolean;
  /** Null: a device without ATS, whose requests the IOMMU translates one by one. */
  readonly atc: BulkTlb | null;
  /** By place: the PASIDs that take turns, and the first page of the working set of each. */
  readonly pasids: Int32Array;
  readonly firsts: Int32Array;
  readonly counts: StreamCounts;
  /** Whose turn it is. */
  turn: number;
  /** Pages of the accesses that are next. */
  readonly batch: Int32Array;
}

/** Accesses whose pages are drawn at once. */
export const BATCH = 1024;

/** Lets the device make so many accesses more. */
export function runStream(stream: Stream, accesses: number): void {
  const { batch, firsts, walker } = stream;
  for (let done = 0; done < accesses; done += BATCH) {
    const count = Math.min(BATCH, accesses - done);
    let { turn } = stream;
    for (let next = 0; next < count; next++) {
      batch[next] = (firsts[turn] as number) + nextOffset(walker);
      turn = turn + 1 === firsts.length ? 0 : turn + 1;
    }
    for (let at = 0; at < count; at++) {
      at = runPlain(stream, at, count);
      if (at < count) runWithCare(stream, batch[at] as number);
    }
  }
  stream.counts.accesses += accesses;
  takeTally(stream.unit);
}

/** One access by all rules: of superpages, damaged tables, a page that no walk has come to yet. */
export function runWithCare(stream: Stream, page: number): void {
  const { counts, firsts, atc, unit, turn } = stream;
  stream.turn = turn + 1 === firsts.length ? 0 : turn + 1;
  const output = atc === null ? untranslated(unit, turn, page) : translated(stream, atc, turn, page);
  if (output < 0) counts.faults++;
  counts.check = (Math.imul(counts.check, 31) + output) | 0;
}

function takeTally({ counts, tally }: BulkUnit): void {
  counts.hits += tally[HITS] as number;
  counts.misses += tally[MISSES] as number;
  counts.reads += tally[READS] as number;
  tally.fill(0);
}

function untranslated(unit: BulkUnit, place: number, page: number): number {
  return unit.look(place, page) ? unit.leaf.output : -1;
}

/** By its ATC, and on a miss by a translation request, whose answer the ATC keeps. */
function translated(stream: Stream, atc: BulkTlb, place: number, page: number): number {
  const { counts, unit } = stream;
  const pasid = stream.pasids[place] as number;
  const needed = stream.write ? RIGHT.write : RIGHT.read;
  const known = findIn(atc, pasid, page);
  if (known >= 0 && (rightsIn(atc, known) & needed) !== 0) {
    counts.atcHits++;
    touchIn(atc, known);
    return outputIn(atc, known, page);
  }
  counts.atcMisses++;
  if (!unit.look(place, page)) return -1;
  const { leaf } = unit;
  leaf.rights &= RIGHT.read | RIGHT.write;
  if (leaf.rights === 0) return -1;
  keep(atc, pasid, page, leaf);
  return (leaf.rights & needed) === 0 ? -1 : leaf.output;
}

/** Puts the caches back into the machine. */
export function endStream({ world, unit, atc }: Stream): void {
  storeTlb(world, unit.tlb);
  if (atc !== null) storeTlb(world, atc);
}

/** Share of the accesses that the nearest cache answers: the ATC where there is one, else the IOTLB. */
export function hitRate({ counts, unit, atc }: Stream): number {
  const hits = atc === null ? unit.counts.hits : counts.atcHits;
  return counts.accesses === 0 ? 0 : hits / counts.accesses;
}

/** Nanoseconds that an access takes on average until it is translated, by the cost model. */
export function latencyOf({ counts, unit, atc }: Stream): number {
  const { hits, misses, reads } = unit.counts;
  // Each look-up in the IOMMU asks two configuration caches and the IOTLB.
  const inUnit = (hits + misses) * 3 * delayOf('cached') + reads * delayOf('access');
  const onTheWay = atc === null ? 0 : counts.accesses * delayOf('atc') + counts.atcMisses * 2 * delayOf('link');
  return counts.accesses === 0 ? 0 : (inUnit + onTheWay) / counts.accesses;
}
