import { Ints } from '../world/ints.ts';
import { brokenBy } from './claims.ts';
import { apply, type Effect, revert } from './effects.ts';
import { bugAt, type Flaw, standstillAt } from './flaws.ts';
import { eachMove, type Ground, type Hearer } from './ground.ts';
import { bytesOfLevels, createLevels, cut, type Level, leave, lookAt, save } from './levels.ts';
import type { Part } from './programs.ts';

/** The way into a state: from which, by which move. All ways are kept, to tell stories well and to find states without an end. */
export interface Edges {
  readonly from: Ints;
  readonly to: Ints;
  readonly move: Ints;
}

/** States of a level that are looked at one after another, and what comes of it: a search, or one worker's share of it. */
export interface Expansion extends Ground {
  readonly edges: Edges;
  level: Level;
  /** Those that are found, to be looked at next. */
  next: Level;
  /** The next state of the level to be looked at. */
  position: number;
  /** All states that are known. */
  states: number;
  transitions: number;
  /** States where all is done. */
  readonly ends: number[];
  readonly flaws: Flaw[];
}

export function createExpansion(ground: Ground): Expansion {
  const [level, next] = createLevels();
  return {
    ...ground,
    edges: { from: new Ints(), to: new Ints(), move: new Ints() },
    ...{ level, next, position: 0, states: 0, transitions: 0 },
    ...{ ends: [], flaws: [] },
  };
}

/** Makes each move that is possible in a state of the level, whose number is `state`. */
export function expand(
  expansion: Expansion,
  index: number,
  state: number,
  arrive: (part: number, effect: Effect, move: number) => void,
): void {
  leave(expansion.level, index - 1);
  const part = lookAtState(expansion, index);
  const hearer: Hearer = {
    move: (move, effect, after) => {
      expansion.transitions++;
      arrive(after, effect, move);
    },
    bug: (move, rule) => note(expansion, bugAt(state, move, rule)),
  };
  if (eachMove(expansion, part, hearer) > 0) return;
  const flaw = standstillAt(expansion, state);
  if (flaw === null) expansion.ends.push(state);
  else note(expansion, flaw);
}

/** Looks at a state of the level; its part of the script. */
export const lookAtState = ({ columns, level }: Expansion, index: number): number => lookAt(level, columns, index);

/** The state that an effect leads to from the one that is looked at is new, and has this number: keeps it, and says what is wrong in it. */
export function enter(expansion: Expansion, part: number, effect: Effect, state: number): void {
  const { columns } = expansion;
  apply(columns, effect);
  save(expansion.next, columns, part);
  for (const { id, claim, detail } of brokenBy(expansion.claims, effect))
    note(expansion, { kind: 'invariant', id, claim, detail, state, move: null });
  revert(columns, effect);
}

/** The fingerprint of the state that an effect leads to from the one that is looked at. */
export function fingerprintAfter({ columns, parts }: Ground, part: number, effect: Effect): readonly [number, number] {
  const own = parts.list[part] as Part;
  if (effect.rings.length === 0) return [(columns.all0 + effect.h0 + own.h0) | 0, columns.all1 ^ effect.h1 ^ own.h1];
  apply(columns, effect);
  const print = fingerprintOf(columns.all0, columns.all1, own);
  revert(columns, effect);
  return print;
}

/** A fingerprint of what the columns sum up to and of how far the script has come. */
export const fingerprintOf = (h0: number, h1: number, part: Part): readonly [number, number] => [
  (h0 + part.h0) | 0,
  h1 ^ part.h1,
];

export function addEdge({ edges }: Expansion, from: number, to: number, move: number): void {
  edges.from.push(from);
  edges.to.push(to);
  edges.move.push(move);
}

/** More flaws of one level are not needed to choose the best among them. */
const MOST_FLAWS = 1_000;

export function note({ flaws }: Expansion, flaw: Flaw): void {
  if (flaws.length < MOST_FLAWS) flaws.push(flaw);
}

/** Makes the states that were found the ones to look at. */
export function turnLevel(expansion: Expansion): void {
  [expansion.level, expansion.next] = [expansion.next, expansion.level];
  cut(expansion.next, 0);
  expansion.position = 0;
}

/** Bytes that are kept for states to be looked at, ways and answers. */
export function bytesOfExpansion({ edges, level, turns }: Expansion): number {
  const ways = edges.from.bytes + edges.to.bytes + edges.move.bytes;
  return ways + bytesOfLevels(level) + turns.memo.answers.cells.byteLength;
}
