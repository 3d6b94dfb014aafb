import type { World } from '../world/world.ts';
import { type StackFrame, stepOf } from './procedure.ts';

/** What the guard of a frame said when it was asked last, and the tables and frames of memory that it looked at. */
interface Answer {
  frame: StackFrame | null;
  holds: boolean;
  tables: number;
  frames: number;
}

/** Answers by actor. They belong to no world's state: without them the same guards say the same again. */
export interface Guards {
  readonly answers: Answer[];
  /** What was written since the answers were true. */
  tables: number;
  frames: number;
  /** What was written since somebody took note of it. */
  readonly writes: { tables: number; frames: number };
}

/** Tables and frames of memory, a bit each, shared by every 32nd. */
export interface Writes {
  readonly tables: number;
  readonly frames: number;
}

const guards = new WeakMap<World, Guards>();

/**
 * Begins a round that asks for every actor. A guard reads rows and words and nothing else, so one that looked at
 * nothing written since the last round says what it said then, and most of them wait for what seldom comes.
 */
export function beginRound(world: World): Guards {
  let known = guards.get(world);
  if (known === undefined) {
    known = { answers: [], tables: 0, frames: 0, writes: { tables: ~0, frames: ~0 } };
    guards.set(world, known);
  }
  known.tables = world.writtenTables;
  known.frames = world.writtenFrames;
  known.writes.tables |= known.tables;
  known.writes.frames |= known.frames;
  world.writtenTables = 0;
  world.writtenFrames = 0;
  return known;
}

/** What was written up to the last round since this was asked before; everything may have been, where nobody asked yet. */
export function takeWrites(world: World): Writes {
  const known = guards.get(world);
  if (known === undefined) return { tables: ~0, frames: ~0 };
  const { tables, frames } = known.writes;
  known.writes.tables = 0;
  known.writes.frames = 0;
  return { tables, frames };
}

/** Whether an actor with this frame can move, as `isEnabled` says; null has nothing to do. */
export function canMove(world: World, known: Guards, actor: number, frame: StackFrame | null): boolean {
  const answer = answerOf(known, actor);
  const when = frame === null ? null : stepOf(frame).when;
  if (frame === null || when === null) {
    // What is written from here on is not noted for the old answer: it is worth nothing now.
    answer.frame = null;
    return frame !== null;
  }
  const isFresh = (answer.tables & known.tables) === 0 && (answer.frames & known.frames) === 0;
  if (answer.frame === frame && isFresh) return answer.holds;
  world.readTables = 0;
  world.readFrames = 0;
  answer.holds = when(world, frame.locals);
  answer.frame = frame;
  answer.tables = world.readTables;
  answer.frames = world.readFrames;
  return answer.holds;
}

function answerOf({ answers }: Guards, actor: number): Answer {
  const known = answers[actor];
  if (known !== undefined) return known;
  const fresh = { frame: null, holds: false, tables: 0, frames: 0 };
  answers[actor] = fresh;
  return fresh;
}
