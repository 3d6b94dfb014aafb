import { type RequestGroup, requestGroups } from '../../devices/page-request.ts';
import { actors, isEnabled } from '../../sim/actor.ts';
import { type Lock, locks } from '../../sim/lock.ts';
import { stepOf } from '../../sim/procedure.ts';
import type { World } from '../../world/world.ts';
import { awaited } from '../trace.ts';
import { everySuch, type Invariant, type Verdict } from './invariant.ts';

export const LOCK_INVARIANTS: readonly Invariant[] = [
  {
    id: 'atomic-sleep',
    stands: ['I33'],
    claim: 'Nobody sleeps while holding a spinlock, nor comes to a step that may sleep.',
    cases: 'spinlocks that are held',
    check: (world) => everySuch(locks.slots(world), isSpinning, (lock) => sleepingHolder(world, lock)),
  },
  {
    id: 'deadlock',
    stands: ['I33'],
    claim: 'While a lock is held somebody can move, or the script has a group of page requests to end.',
    cases: 'locks that are held',
    ofStandstills: true,
    check: heldForEver,
  },
];

const isSpinning = ({ kind, owner }: Lock): boolean => kind === 'spin' && owner >= 0;

/** As might_sleep() of the kernel says it: whether what it may sleep for is there already makes no difference. */
function sleepingHolder(world: World, { name, owner }: Lock): string | null {
  const { name: holder, frame } = actors.get(world, owner);
  if (frame === null) return `${holder} went away with ${name}`;
  return stepOf(frame).notes.wait === 'sleep' ? `${holder} sleeps with ${name}` : null;
}

const isHeld = ({ owner, readers }: Lock): boolean => owner >= 0 || readers > 0;

/** A group whose requests are sent by hand is ended by hand, and its credits come back. */
const isForTheScript = ({ job, open }: RequestGroup): boolean => job < 0 && open === 1;

function heldForEver(world: World): Verdict {
  return everySuch(locks.slots(world), isHeld, ({ owner }) => {
    const holder = actors.find(world, owner);
    // Most often the holder goes on.
    if (holder !== undefined && isEnabled(world, holder)) return null;
    if (actors.first(world, (actor) => isEnabled(world, actor)) !== undefined) return null;
    if (requestGroups.first(world, isForTheScript) !== undefined) return null;
    const waiting = holder?.frame ? ` and waits for ${awaited(world, holder.frame)}` : '';
    const held = locks.all(world).filter((lock) => isHeld(lock) && lock.owner === owner);
    return `nobody can move: ${holder?.name ?? 'a reader'} holds ${inARow(held.map(inWords))}${waiting}`;
  });
}

/** A lock of an mm is called by the name of it. */
const inWords = ({ name }: Lock): string => name.replace(/^(mmap_lock|page_table_lock) /, '$1 of ');

/** What is listed, with `and` before the last. */
const inARow = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
