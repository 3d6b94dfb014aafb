import type { Brand } from '../lib/brand.ts';
import { wordsOf } from '../world/memory.ts';
import { LEDGER_FIRST } from '../world/page-frame.ts';
import type { World } from '../world/world.ts';
import { actors, type Move } from './actor.ts';
import { beginRound, canMove } from './guards.ts';
import { type StackFrame, stepOf } from './procedure.ts';

/** A moment on the simulated clock, in nanoseconds since the machine was switched on. */
export type Tick = Brand<number, 'Tick'>;

/**
 * The clock keeps its times in ledger memory: journalled, so that they come back with a step back, but not part of the
 * fingerprint, so that worlds that differ only in time are one. An entry is four words: a moment (low word first), a
 * serial and the number of an event. The first entry is now and the last serial given; then one for each actor: when
 * its next step is due, in which order it became able to move, and the event that made it so.
 */
const ENTRY_WORDS = 4;
const ENTRY_BITS = 8;
const SERIAL = 2;
const CAUSE = 3;
const NOW = 0;

const pageOf = (entry: number): number => LEDGER_FIRST + (entry >>> ENTRY_BITS);
const firstWordOf = (entry: number): number => (entry & ((1 << ENTRY_BITS) - 1)) * ENTRY_WORDS;
const entryOf = (actor: number): number => actor + 1;

function wordOf(world: World, entry: number, word: number): number {
  return (wordsOf(world, pageOf(entry))[firstWordOf(entry) + word] as number) >>> 0;
}

function tickOf(world: World, entry: number): Tick {
  return tickAt(wordsOf(world, pageOf(entry)), firstWordOf(entry));
}

function tickAt(words: Int32Array, first: number): Tick {
  return ((words[first + 1] as number) * 2 ** 32 + ((words[first] as number) >>> 0)) as Tick;
}

function setTick(world: World, entry: number, tick: number): void {
  const slot = world.slots.claim(pageOf(entry));
  const first = firstWordOf(entry);
  world.writeSlot(slot, first, tick);
  world.writeSlot(slot, first + 1, Math.floor(tick / 2 ** 32));
}

export function now(world: World): Tick {
  return tickOf(world, NOW);
}

/** When the actor's next step is due; 0 while it waits or has nothing to do. */
export function dueOf(world: World, actor: number): Tick {
  return tickOf(world, entryOf(actor));
}

/** The number of the event that made the actor's next step possible. */
export function causeOf(world: World, actor: number): number {
  return wordOf(world, entryOf(actor), CAUSE);
}

/** Notes which actors became able to move, or no longer are, since the last event; `moved` starts anew. */
export function refreshClock(world: World, event: number, moved: number): void {
  const slots = actors.slots(world);
  const guards = beginRound(world);
  let serial = wordOf(world, NOW, SERIAL);
  for (let id = 0; id < slots.length; id++) {
    const frame = slots[id]?.frame ?? null;
    const isDue = dueOf(world, id) !== 0;
    if (!canMove(world, guards, id, frame)) {
      if (isDue) setTick(world, entryOf(id), 0);
    } else if (frame !== null && (!isDue || id === moved)) schedule(world, id, frame, event, ++serial);
  }
  world.writeSlot(world.slots.claim(pageOf(NOW)), SERIAL, serial);
}

function schedule(world: World, id: number, frame: StackFrame, event: number, serial: number): void {
  const entry = entryOf(id);
  setTick(world, entry, now(world) + stepOf(frame).delay);
  const slot = world.slots.claim(pageOf(entry));
  world.writeSlot(slot, firstWordOf(entry) + SERIAL, serial);
  world.writeSlot(slot, firstWordOf(entry) + CAUSE, event);
}

/** The move that the clock makes: earliest due first, ties by who became able first. Null when all wait. */
export function earliest(world: World): Move | null {
  const actorCount = actors.slots(world).length;
  let words = wordsOf(world, pageOf(NOW));
  let best = -1;
  let bestDue = 0;
  for (let id = 0; id < actorCount; id++) {
    const first = firstWordOf(entryOf(id));
    if (first === 0) words = wordsOf(world, pageOf(entryOf(id)));
    const due = tickAt(words, first);
    if (due === 0 || (best >= 0 && due > bestDue)) continue;
    if (best >= 0 && due === bestDue && serialOf(world, id) > serialOf(world, best)) continue;
    best = id;
    bestDue = due;
  }
  return best < 0 ? null : { actor: best, choice: 0 };
}

function serialOf(world: World, actor: number): number {
  return wordOf(world, entryOf(actor), SERIAL);
}

/** Moves the clock to when the actor's step is due; a person may have chosen it out of order, then time stands. */
export function advanceTo(world: World, actor: number): void {
  const due = dueOf(world, actor);
  if (due > now(world)) setTick(world, NOW, due);
}
