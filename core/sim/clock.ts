import type { Brand } from '../lib/brand.ts';
import { readWord, writeWord } from '../world/memory.ts';
import { LEDGER_FIRST } from '../world/page-frame.ts';
import type { World } from '../world/world.ts';
import { actors, isEnabled, type Move } from './actor.ts';
import { delayOf } from './cost.ts';
import { type StackFrame, stepOf } from './procedure.ts';

/** A moment on the simulated clock, in nanoseconds since the machine was switched on. */
export type Tick = Brand<number, 'Tick'>;

/**
 * The clock keeps its times in ledger memory: journalled, so that they come back with a step back, but not part of the
 * fingerprint, so that worlds that differ only in time are one. Page 0: now and a serial; then four words per actor.
 */
const NOW = LEDGER_FIRST;
const ACTORS_PER_PAGE = 256;
const SERIAL = 8;

function readTick(world: World, page: number, offset: number): Tick {
  return (readWord(world, page, offset + 4) * 2 ** 32 + readWord(world, page, offset)) as Tick;
}

function writeTick(world: World, page: number, offset: number, tick: number): void {
  writeWord(world, page, offset, (tick % 2 ** 32) | 0);
  writeWord(world, page, offset + 4, Math.floor(tick / 2 ** 32));
}

export function now(world: World): Tick {
  return readTick(world, NOW, 0);
}

const pageOf = (actor: number): number => NOW + 1 + Math.floor(actor / ACTORS_PER_PAGE);
const offsetOf = (actor: number): number => (actor % ACTORS_PER_PAGE) * 16;

/** When the actor's next step is due; 0 while it waits or has nothing to do. */
export function dueOf(world: World, actor: number): Tick {
  return readTick(world, pageOf(actor), offsetOf(actor));
}

/** The number of the event that made the actor's next step possible. */
export function causeOf(world: World, actor: number): number {
  return readWord(world, pageOf(actor), offsetOf(actor) + 12);
}

/** Notes which actors became able to move, or no longer are, since the last event; `moved` starts anew. */
export function refreshClock(world: World, event: number, moved: number): void {
  actors.slots(world).forEach((actor, id) => {
    const isDue = dueOf(world, id) !== 0;
    if (actor === undefined || actor.frame === null || !isEnabled(world, actor)) {
      if (isDue) writeTick(world, pageOf(id), offsetOf(id), 0);
    } else if (!isDue || id === moved) schedule(world, id, actor.frame, event);
  });
}

function schedule(world: World, id: number, frame: StackFrame, event: number): void {
  const serial = readWord(world, NOW, SERIAL) + 1;
  writeWord(world, NOW, SERIAL, serial);
  writeTick(world, pageOf(id), offsetOf(id), now(world) + delayOf(stepOf(frame).notes.cost ?? 'code'));
  writeWord(world, pageOf(id), offsetOf(id) + 8, serial);
  writeWord(world, pageOf(id), offsetOf(id) + 12, event);
}

/** The move that the clock makes: earliest due first, ties by who became able first. Null when all wait. */
export function earliest(world: World): Move | null {
  let best = -1;
  let bestDue = 0;
  let bestSerial = 0;
  for (const actor of actors.slots(world)) {
    if (actor === undefined) continue;
    const due = dueOf(world, actor.id);
    if (due === 0) continue;
    const serial = readWord(world, pageOf(actor.id), offsetOf(actor.id) + 8);
    if (best < 0 || due < bestDue || (due === bestDue && serial < bestSerial)) {
      best = actor.id;
      bestDue = due;
      bestSerial = serial;
    }
  }
  return best < 0 ? null : { actor: best, choice: 0 };
}

/** Moves the clock to when the actor's step is due; a person may have chosen it out of order, then time stands. */
export function advanceTo(world: World, actor: number): void {
  const due = dueOf(world, actor);
  if (due > now(world)) writeTick(world, NOW, 0, due);
}
