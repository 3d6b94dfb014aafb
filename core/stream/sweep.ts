import { ok, type Result } from '../lib/result.ts';
import type { StreamPlan } from './plan.ts';
import { startStream } from './start.ts';
import { hitRate, latencyOf, runStream } from './stream.ts';

/** What a stream over one size of working set came to. */
export interface SweepPoint {
  readonly pages: number;
  /** Of the accesses, 0 to 1, that the nearest cache answered. */
  readonly hitRate: number;
  /** Simulated nanoseconds of an access until it is translated, on average. */
  readonly latency: number;
}

/** Sizes of working sets: powers of two of pages, up to the largest. */
export function sizesUpTo(pages: number): number[] {
  const sizes: number[] = [];
  for (let size = 1; size < pages; size *= 2) sizes.push(size);
  return [...sizes, pages];
}

/** Accesses for one size: enough to go round the working set a few times. */
const MOST_ACCESSES = 2 ** 20;
const ROUNDS = 8;

/** The steady state of one size of working set: caches are warm when counting begins. */
export function sweepPoint(plan: StreamPlan): Result<SweepPoint, string> {
  const started = startStream(plan);
  if (!started.ok) return started;
  const stream = started.value;
  const accesses = Math.min(MOST_ACCESSES, Math.max(4096, plan.pages * plan.pasids * ROUNDS));
  runStream(stream, Math.max(accesses, plan.pages * plan.pasids));
  Object.assign(stream.counts, { accesses: 0, atcHits: 0, atcMisses: 0, faults: 0 });
  Object.assign(stream.unit.counts, { hits: 0, misses: 0, reads: 0, faults: 0 });
  runStream(stream, accesses);
  return ok({ pages: plan.pages, hitRate: hitRate(stream), latency: latencyOf(stream) });
}
