import { brokenBy } from './claims.ts';
import { lookAtFirst } from './columns.ts';
import { type Counterexample, changesIn, exampleOf, moversOf } from './counterexample.ts';
import { apply, type Effect } from './effects.ts';
import { type Flaw, standstillAt } from './flaws.ts';
import { giftOf } from './gifts.ts';
import { eachMove, type Ground, type Hearer, splitMove } from './ground.ts';
import { actorSlots, effectOfTurn, turnOf, waysOf } from './turns.ts';
import type { Walked } from './walker.ts';

/** A way into a flaw that a walk has found, with what can be left out of it left out. */
export interface Shortened extends Counterexample {
  /** The walk that found it, counted from 1, and how many moves it had made by then. */
  readonly walk: number;
  readonly walked: number;
}

/** Moves that may be made again, to find out what can be left out. */
const MOST_MOVES = 500_000;

interface Trying {
  readonly ground: Ground;
  readonly wanted: Flaw;
  /** Moves that may still be made. */
  left: number;
}

interface Way {
  readonly moves: readonly number[];
  readonly flaw: Flaw;
}

/** What a walk has found, as short and as calm as leaving out and moving together makes it. */
export function shortened(ground: Ground, { walk, path, flaw }: Walked): Shortened | null {
  if (flaw === null) return null;
  const trying: Trying = { ground, wanted: flaw, left: MOST_MOVES };
  const shortest = withoutParts(trying, { moves: path, flaw });
  const calmest = calmed(trying, shortest);
  return { ...exampleOf(ground, calmest.moves, calmest.flaw), walk: walk + 1, walked: path.length };
}

/** Leaves out ever smaller parts, as long as the same flaw is met without them. */
function withoutParts(trying: Trying, found: Way): Way {
  let best = found;
  for (let size = best.moves.length >> 1; size > 0 && trying.left > 0; ) {
    const before = best.moves.length;
    for (let at = 0; at < best.moves.length && trying.left > 0; ) {
      const shorter = playAgain(trying, best.moves.toSpliced(at, size));
      if (shorter !== null && shorter.moves.length < best.moves.length) best = shorter;
      else at += size;
    }
    if (size > 1) size >>= 1;
    else if (best.moves.length === before) break;
  }
  return best;
}

/** Brings together what one does at a time and what it does next, where that leads to the same flaw with fewer changes. */
function calmed(trying: Trying, found: Way): Way {
  const moverOf = moversOf(trying.ground.start);
  let best = found;
  for (let at = 0; trying.left > 0; ) {
    const blocks = blocksOf(best.moves, moverOf);
    const block = blocks[at];
    if (block === undefined) break;
    const next = blocks.findIndex(
      (each, index) => index > at && moverOf(each[0] as number) === moverOf(block[0] as number),
    );
    const together = next < 0 ? [] : [blocks.toSpliced(next, 1).toSpliced(at + 1, 0, blocks[next] as Block)];
    if (next >= 0) together.push(blocks.toSpliced(next, 0, block).toSpliced(at, 1));
    const ways = together.map((order) => playAgain(trying, order.flat()));
    const calmer = ways.find((way) => way !== null && isCalmer(way, best, moverOf)) ?? null;
    if (calmer === null) at++;
    else [best, at] = [calmer, 0];
  }
  return best;
}

const isCalmer = ({ moves }: Way, before: Way, moverOf: (move: number) => number): boolean =>
  moves.length <= before.moves.length && changesIn(moves, moverOf) < changesIn(before.moves, moverOf);

/** Moves that one makes one after another. */
type Block = readonly number[];

function blocksOf(moves: readonly number[], moverOf: (move: number) => number): Block[] {
  const blocks: number[][] = [];
  for (const [at, move] of moves.entries()) {
    if (at > 0 && moverOf(moves[at - 1] as number) === moverOf(move)) blocks.at(-1)?.push(move);
    else blocks.push([move]);
  }
  return blocks;
}

/** Makes these moves from the first state on, but for those that are not possible; the way into the flaw, null if it is not met. */
function playAgain(trying: Trying, moves: readonly number[]): Way | null {
  const { ground, wanted } = trying;
  const { columns } = ground;
  lookAtFirst(columns);
  const made: number[] = [];
  let part = 0;
  for (const move of wanted.move === null ? moves : [...moves, wanted.move]) {
    trying.left--;
    const next = tryMove(ground, part, move);
    if (next === null) continue;
    if (typeof next === 'string') return next === wanted.claim ? { moves: made, flaw: { ...wanted, move } } : null;
    apply(columns, next.effect);
    part = next.part;
    made.push(move);
    const broken = brokenBy(ground.claims, next.effect);
    if (broken.length === 0) continue;
    const same = broken.find(({ id }) => id === wanted.id);
    return same === undefined ? null : { moves: made, flaw: { ...wanted, detail: same.detail } };
  }
  if (wanted.kind !== 'deadlock' || eachMove(ground, part, DEAF) > 0) return null;
  const flaw = standstillAt(ground, made.length);
  return flaw === null ? null : { moves: made, flaw };
}

interface Made {
  readonly effect: Effect;
  readonly part: number;
}

/** What a move does in the state that is looked at; null where it is not possible, a rule of the emulator where that forbids it. */
function tryMove(ground: Ground, part: number, move: number): Made | string | null {
  const { turns, gifts } = ground;
  const { program, actor, choice } = splitMove(move);
  if (program !== null) {
    const gift = giftOf(gifts, part, program);
    return gift === null || typeof gift === 'string' || gift.errno !== 'EBUSY' ? gift : amongAll(ground, part, move);
  }
  const turn = actor < actorSlots(turns.memo.columns) ? turnOf(turns, actor) : null;
  if (turn === null || waysOf(turns, turn) <= choice) return null;
  const effect = effectOfTurn(turns, turn, choice);
  return typeof effect === 'string' ? effect : { effect, part };
}

/** A move that is possible only where no other one is. */
function amongAll(ground: Ground, part: number, wanted: number): Made | null {
  let made: Made | null = null;
  const move: Hearer['move'] = (each, effect, after) => {
    if (each === wanted) made = { effect, part: after };
  };
  eachMove(ground, part, { ...DEAF, move });
  return made;
}

const DEAF: Hearer = { move: () => undefined, bug: () => undefined };
