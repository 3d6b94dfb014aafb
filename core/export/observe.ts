import { devices } from '../devices/device.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { type Machine, seek } from '../machine/machine.ts';
import type { TraceEntry } from '../machine/trace.ts';
import { actors, enabled } from '../sim/actor.ts';
import { type Lock, locks } from '../sim/lock.ts';
import type { World } from '../world/world.ts';
import { actorView } from './actor-view.ts';

/** A lock that was taken or given back at an event, as the kernel writes it. */
export interface LockMove {
  readonly lock: string;
  readonly takes: boolean;
  readonly text: string;
}

/** From after one event until its own next one, an actor could not go on. */
export interface Wait {
  readonly actor: number;
  readonly from: number;
  /** The event at which it went on; null if it never did. */
  until: number | null;
  readonly text: string;
}

export interface Observed {
  /** By event. */
  readonly moves: ReadonlyMap<number, readonly LockMove[]>;
  /** How the taking and the giving back of each lock are written, by its name. */
  readonly locks: ReadonlyMap<string, { readonly take: LockMove; readonly release: LockMove }>;
  /** In the order in which they begin. */
  readonly waits: readonly Wait[];
  /** The columns of hardware: IOMMUs, and devices that are or were there. */
  readonly hardware: ReadonlySet<string>;
  /** Nobody can move at the end although somebody waits. */
  readonly stuck: boolean;
}

/** How the kernel writes that a lock of a kind is taken and given back. */
const SPELLED = {
  spin: ['spin_lock', 'spin_unlock'],
  mutex: ['mutex_lock', 'mutex_unlock'],
  rwsem: ['down_write', 'up_write'],
  read: ['down_read', 'up_read'],
} as const;

/** Watches the locks and those who wait over all that happened up to the machine's moment, where it stands again afterwards. */
export function observe(machine: Machine, entries: readonly Pick<TraceEntry, 'event' | 'actor'>[]): Observed {
  const { world } = machine;
  const moves = new Map<number, LockMove[]>();
  const waits: Wait[] = [];
  const waiting = new Map<number, Wait>();
  seek(machine, 0);
  let before = lockStates(world);
  const hardware = new Set(
    siliconOf(world)
      .iommus.all(world)
      .map(({ name }) => name),
  );
  for (const { event, actor } of entries) {
    seek(machine, event);
    const after = lockStates(world);
    const moved = [...after.values()].flatMap((lock) => lockMoves(before.get(lock.id), lock));
    if (moved.length > 0) moves.set(event, moved);
    before = after;
    for (const { name } of devices.all(world)) hardware.add(name);
    follow(world, event, actor, { waits, waiting, hardware });
  }
  const spelled = locks.all(world).map(({ name, kind }) => {
    return [name, { take: spell(name, true, kind), release: spell(name, false, kind) }] as const;
  });
  return { moves, locks: new Map(spelled), waits, hardware, stuck: waiting.size > 0 && enabled(world).length === 0 };
}

function lockStates(world: World): Map<number, Lock> {
  return new Map(locks.all(world).map((lock) => [lock.id, lock]));
}

function lockMoves(before: Lock | undefined, { owner, readers, kind, name }: Lock): LockMove[] {
  const was = before ?? { owner: -1, readers: 0 };
  const moves: LockMove[] = [];
  if (owner !== was.owner) moves.push(spell(name, owner >= 0, kind));
  if (readers !== was.readers) moves.push(spell(name, readers > was.readers, 'read'));
  return moves;
}

function spell(lock: string, takes: boolean, how: keyof typeof SPELLED): LockMove {
  return { lock, takes, text: `${SPELLED[how][takes ? 0 : 1]}(&${inCode(lock)})` };
}

/** `mmap_lock app` is app->mmap_lock: what a lock is, and whose. */
function inCode(name: string): string {
  const [, what, whose] = /^(\w+)(?: of)? (.+)$/.exec(name) ?? [];
  return what === undefined ? name : `${whose}->${what}`;
}

interface Waiters {
  readonly waits: Wait[];
  readonly waiting: Map<number, Wait>;
  readonly hardware: ReadonlySet<string>;
}

/** Hardware waits for its next message all the time: that is nothing to tell. */
function follow(world: World, event: number, acted: number, { waits, waiting, hardware }: Waiters): void {
  const ended = waiting.get(acted);
  if (ended !== undefined) ended.until = event;
  waiting.delete(acted);
  for (const { id, frame, lane } of actors.all(world)) {
    if (frame === null || waiting.has(id) || hardware.has(lane)) continue;
    const view = actorView(world, id);
    if (!view.waiting || view.doing === null) continue;
    const wait: Wait = { actor: id, from: event, until: null, text: `${view.doing}${holderOf(world, view.doing)}` };
    waits.push(wait);
    waiting.set(id, wait);
  }
}

/** Who holds the lock that is waited for, to be said behind it; nothing if it is no lock or is shared. */
function holderOf(world: World, doing: string): string {
  const plain = (text: string): string => text.replace(/^waits for (the )?/, '').replaceAll(/ of |_/g, ' ');
  const owner = locks.first(world, ({ name }) => plain(name) === plain(doing))?.owner ?? -1;
  return owner < 0 ? '' : `, held by ${actors.get(world, owner).name}`;
}
