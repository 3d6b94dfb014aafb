import type { World } from '../../world/world.ts';
import { CACHE_INVARIANTS } from './caches.ts';
import { CONTEXT_INVARIANTS } from './contexts.ts';
import { DESCRIPTOR_INVARIANTS } from './descriptors.ts';
import { DMA_INVARIANTS } from './dma.ts';
import { FAULT_INVARIANTS } from './faults.ts';
import type { Exception, Invariant } from './invariant.ts';
import { LOCK_INVARIANTS } from './locks.ts';
import { MEMORY_INVARIANTS } from './memory.ts';
import { OBJECT_INVARIANTS } from './objects.ts';
import { PASID_TABLE_INVARIANTS } from './pasid-tables.ts';
import { PASID_INVARIANTS } from './pasids.ts';
import { REQUEST_INVARIANTS } from './requests.ts';
import { STALL_INVARIANTS } from './stalls.ts';

export type { Invariant } from './invariant.ts';

/** What every state of a correct machine satisfies. The kernel's bugs that break them are listed in the references. */
export const INVARIANTS: readonly Invariant[] = [
  ...PASID_INVARIANTS,
  ...CONTEXT_INVARIANTS,
  ...DESCRIPTOR_INVARIANTS,
  ...PASID_TABLE_INVARIANTS,
  ...CACHE_INVARIANTS,
  ...DMA_INVARIANTS,
  ...FAULT_INVARIANTS,
  ...MEMORY_INVARIANTS,
  ...OBJECT_INVARIANTS,
  ...REQUEST_INVARIANTS,
  ...STALL_INVARIANTS,
  ...LOCK_INVARIANTS,
];

export interface Broken {
  readonly id: string;
  readonly claim: string;
  readonly detail: string;
}

/** The answer of the running policy under which an invariant does not apply, undefined if it applies. */
export function exceptionOf(world: World, { exceptions }: Invariant): Exception | undefined {
  return exceptions?.find(({ isMet }) => isMet(world));
}

/** Every invariant that does not hold now. */
export function brokenClaims(world: World): Broken[] {
  const broken: Broken[] = [];
  for (const invariant of INVARIANTS) {
    if (exceptionOf(world, invariant) !== undefined) continue;
    const verdict = invariant.check(world);
    if (typeof verdict === 'string') broken.push({ id: invariant.id, claim: invariant.claim, detail: verdict });
  }
  return broken;
}
