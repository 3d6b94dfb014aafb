import { actors, isEnabled } from '../../sim/actor.ts';
import { type Lock, locks } from '../../sim/lock.ts';
import { stepOf } from '../../sim/procedure.ts';
import type { World } from '../../world/world.ts';
import { every, type Invariant } from './invariant.ts';

export const LOCK_INVARIANTS: readonly Invariant[] = [
  {
    id: 'atomic-sleep',
    stands: ['I33'],
    claim: 'Nobody sleeps while holding a spinlock.',
    cases: 'spinlocks that are held',
    check: (world) => every(heldSpinlocks(world), (lock) => sleepingHolder(world, lock)),
  },
];

const heldSpinlocks = (world: World): Lock[] =>
  locks.all(world).filter(({ kind, owner }) => kind === 'spin' && owner >= 0);

function sleepingHolder(world: World, { name, owner }: Lock): string | null {
  const holder = actors.get(world, owner);
  if (holder.frame === null) return `${holder.name} went away with ${name}`;
  const { notes } = stepOf(holder.frame);
  return notes.wait === 'sleep' && !isEnabled(world, holder) ? `${holder.name} sleeps with ${name}` : null;
}
