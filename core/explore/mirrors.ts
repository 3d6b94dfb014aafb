import { actors } from '../sim/actor.ts';
import { Ints } from '../world/ints.ts';
import type { Alike } from './alike.ts';
import { bringWorld, type Columns } from './columns.ts';
import { apply, type Effect, revert } from './effects.ts';
import { eachMove, effectOfMove, type Ground, splitMove } from './ground.ts';
import { bytesOfLevels, createLevels, cut, type Level, lookAt, save } from './levels.ts';

/**
 * The counterparts of the states of a search. Where some threads are told the same, the way into a state and the same way with their names
 * exchanged lead to two states that differ only in who is who, so one of them is looked at. The machine itself goes both
 * ways: nothing has to be known of what a word of memory means.
 */
export interface Mirrors {
  readonly alike: Alike;
  /** By number of a fingerprint: the state times the number of exchanges, and the exchange that makes it that one. */
  readonly variants: Ints;
  /** By way: the exchange that makes the state that it is noted to lead to the one that it leads to. */
  readonly twists: Ints;
  /** By exchange but the first: the counterparts of the states of the level, and of those found. */
  level: Level[];
  next: Level[];
  /** Why those who are told the same are not alike after all; null as long as they are. */
  unlike: string | null;
}

/** A state that is known, and the exchange that makes it the one that was asked about. */
export interface Variant {
  readonly state: number;
  readonly twist: number;
}

/** Numbers a fingerprint of the state that is looked at, or that an effect leads to from there. */
export type NumberAfter = (part: number, effect: Effect) => number;

/** One of so many states is gone on from in all of its counterparts too, which has to come to the same. */
const GONE_THROUGH = 16;

export function createMirrors(alike: Alike, columns: Columns, firstPart: number): Mirrors {
  const pairs = alike.moves.slice(1).map(createLevels);
  const mirrors: Mirrors = {
    ...{ alike, variants: new Ints(), twists: new Ints(), unlike: null },
    ...{ level: pairs.map(([level]) => level), next: pairs.map(([, next]) => next) },
  };
  mirrors.variants.push(0);
  for (const level of mirrors.level) save(level, columns, firstPart);
  return mirrors;
}

export const bytesOfMirrors = ({ variants, twists, level }: Mirrors): number =>
  level.reduce((sum, each) => sum + bytesOfLevels(each), variants.bytes + twists.bytes);

export function variantOf({ variants, alike }: Mirrors, number: number): Variant {
  const variant = variants.at(number);
  const order = alike.moves.length;
  return { state: Math.floor(variant / order), twist: variant % order };
}

export function turnMirrors(mirrors: Mirrors): void {
  [mirrors.level, mirrors.next] = [mirrors.next, mirrors.level];
  for (const level of mirrors.next) cut(level, 0);
}

/** A move leads from the state with this index to one that is new: notes it and goes to each of its counterparts. */
export function mirrorState(
  ground: Ground,
  mirrors: Mirrors,
  { index, move, state }: { readonly index: number; readonly move: number; readonly state: number },
  numberAfter: NumberAfter,
): void {
  const { alike, variants, level, next } = mirrors;
  const { columns } = ground;
  const order = alike.moves.length;
  variants.push(state * order);
  for (let exchange = 1; exchange < order; exchange++) {
    const part = lookAt(level[exchange - 1] as Level, columns, index);
    const moved = alike.moves[exchange]?.(move) as number;
    const made = effectOfMove(ground, part, moved);
    if (made === null) {
      differ(ground, mirrors, moved);
      return;
    }
    const number = numberAfter(made.part, made.effect);
    if (number === variants.length) variants.push(state * order + exchange);
    else if (variantOf(mirrors, number).state !== state) differ(ground, mirrors, moved);
    apply(columns, made.effect);
    save(next[exchange - 1] as Level, columns, made.part);
    revert(columns, made.effect);
  }
}

/** Whether a state is one of those from whose counterparts all moves are made as well. */
export const isGoneThrough = (state: number): boolean => state % GONE_THROUGH === 0;

/** Makes every move in each counterpart of a state: they have to be those of the state, and to lead to counterparts of where those lead. */
export function goThrough(
  ground: Ground,
  mirrors: Mirrors,
  index: number,
  successors: ReadonlyMap<number, number>,
  numberAfter: NumberAfter,
): void {
  const { alike, level, variants } = mirrors;
  for (let exchange = 1; exchange < alike.moves.length; exchange++) {
    const part = lookAt(level[exchange - 1] as Level, ground.columns, index);
    const expected = new Map([...successors].map(([move, to]) => [alike.moves[exchange]?.(move) as number, to]));
    const moved = new Set<number>();
    eachMove(ground, part, {
      move: (move, effect, after) => {
        moved.add(move);
        const number = numberAfter(after, effect);
        const isKnown = number < variants.length;
        if (!isKnown || variantOf(mirrors, number).state !== expected.get(move)) differ(ground, mirrors, move);
      },
      // Told where the state itself is looked at; made there and not here, it is missed below.
      bug: () => undefined,
    });
    for (const move of expected.keys()) if (!moved.has(move)) differ(ground, mirrors, move);
  }
}

/** Those who are told the same differ in this move. Who makes it may be there in one counterpart only. */
function differ({ start, columns }: Ground, mirrors: Mirrors, move: number): void {
  const { program, actor } = splitMove(move);
  bringWorld(columns);
  const mover = program === null ? actors.find(columns.world, actor) : start.programs[program];
  mirrors.unlike ??= `what ${mover?.name ?? 'somebody'} can do is not the same`;
}
