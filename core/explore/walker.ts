import { nextWord, type Random, seeded } from '../sim/random.ts';
import { Ints } from '../world/ints.ts';
import { brokenBy } from './claims.ts';
import { lookAtFirst } from './columns.ts';
import { apply, type Effect } from './effects.ts';
import { bugAt, type Flaw, standstillAt } from './flaws.ts';
import { createGround, eachMove, type Ground, type Hearer, splitMove } from './ground.ts';
import type { Part } from './programs.ts';
import type { Limits } from './search.ts';
import { nothingSeen, numberFor, type Seen } from './seen.ts';
import type { Start } from './start.ts';

/** How many walks, of how many moves at most, and the seed that says which. */
export interface WalkPlan {
  readonly walks: number;
  readonly depth: number;
  /** 32 bits. */
  readonly seed: number;
}

/** Goes random walks from one moment on, smaller numbers before larger ones: each goes one way as deep as it leads, and no way back. */
export interface Walker extends Ground {
  readonly plan: WalkPlan;
  readonly limits: Limits;
  /** States that it has come through in any of its walks, by fingerprint. */
  readonly seen: Seen;
  /** The walk under way, null between two: its moves, its place in the script, and the states that it was the first to come through. */
  walk: number | null;
  readonly path: number[];
  part: number;
  readonly news: Ints;
  dice: Dice;
  ended: boolean;
  readonly flaws: Flaw[];
}

/** What came of one walk, as plain data. Of one that was left before its end, so far. */
export interface Walked {
  /** Counted from 0. */
  readonly walk: number;
  readonly moves: number;
  /** It came to where all is done. */
  readonly ended: boolean;
  /** Why it was left before its end: at a limit, or as there was no more time; null if it was not. */
  readonly left: 'limit' | 'late' | null;
  /** States that no walk of the same walker came through before, three integers each: after how many moves, and the fingerprint. */
  readonly news: Int32Array;
  /** What it broke, and its moves in that case. */
  readonly flaw: Flaw | null;
  readonly path: readonly number[];
  /** Steps that somebody could take on it, and lines of the script that were not refused. */
  readonly taken: readonly number[];
  readonly accepted: readonly number[];
}

export const NEWS = 3;

/** How one walk chooses. */
interface Dice {
  readonly random: Random;
  /** By who moves: the highest that can does. Null in a walk in which each move is as likely as any other. */
  readonly priorities: Map<number, number> | null;
  /** After so many moves, whoever moves then falls behind all others. */
  readonly falls: readonly number[];
}

/** A bug that needs its orders right at so many places and one is met with the probability that is given below. */
const FALLS = 3;
const FIRST_PART = 0;

export function createWalker(start: Start, plan: WalkPlan, limits: Limits): Walker {
  return {
    ...createGround(start, 'once'),
    ...{ plan, limits, seen: nothingSeen(), walk: null, path: [], part: FIRST_PART, news: new Ints() },
    ...{ dice: diceFor(plan, 0, 0), ended: false, flaws: [] },
  };
}

/** Bytes that a walker keeps. */
export function bytesOfWalker({ seen, turns }: Walker): number {
  return seen.cells.byteLength + turns.memo.answers.cells.byteLength;
}

/** Begins a walk. `moves` is how long a walk is taken to be: where it falls behind is drawn from that. */
export function beginWalk(walker: Walker, walk: number, moves: number): void {
  walker.walk = walk;
  walker.dice = diceFor(walker.plan, walk, moves);
  walker.path.length = 0;
  walker.news.length = 0;
  walker.flaws.length = 0;
  walker.ended = false;
  walker.part = FIRST_PART;
  walker.taken.fill(0);
  walker.accepted.fill(0);
  lookAtFirst(walker.columns);
  see(walker);
}

/** Goes on for so many moves; what came of the walk if it is over then, else null. */
export function walkOn(walker: Walker, moves: number): Walked | null {
  const { path, plan } = walker;
  for (let end = path.length + moves; path.length < end; ) {
    if (isFull(walker)) return endWalk(walker, 'limit');
    if (path.length >= plan.depth || !step(walker)) return endWalk(walker, null);
  }
  return null;
}

const isFull = (walker: Walker): boolean =>
  walker.seen.size >= walker.limits.states || bytesOfWalker(walker) >= walker.limits.bytes;

/** What has come of the walk under way, which ends here. */
export function endWalk(walker: Walker, left: Walked['left']): Walked {
  const { walk, path, ended, news, flaws, taken, accepted } = walker;
  const flaw = flaws[0] ?? null;
  walker.walk = null;
  return {
    ...{ walk: walk ?? 0, moves: path.length, ended, left, news: news.copy(), flaw },
    path: flaw === null ? [] : [...path],
    ...{ taken: placesIn(taken), accepted: placesIn(accepted) },
  };
}

const placesIn = (marks: Uint8Array): number[] => [...marks].flatMap((mark, place) => (mark === 1 ? place : []));

interface Option {
  readonly move: number;
  readonly effect: Effect;
  readonly part: number;
}

/** Makes one move of the walk; false where it ends. */
function step(walker: Walker): boolean {
  const { path, flaws, columns } = walker;
  const options: Option[] = [];
  const hearer: Hearer = {
    move: (move, effect, part) => void options.push({ move, effect, part }),
    bug: (move, rule) => void flaws.push(bugAt(path.length, move, rule)),
  };
  if (eachMove(walker, walker.part, hearer) === 0) {
    const flaw = standstillAt(walker, path.length);
    if (flaw === null) walker.ended = true;
    else flaws.push(flaw);
  }
  if (flaws.length > 0 || options.length === 0) return false;
  const { move, effect, part } = options[choose(walker, options)] as Option;
  apply(columns, effect);
  walker.part = part;
  path.push(move);
  see(walker);
  for (const { id, claim, detail } of brokenBy(walker.claims, effect))
    flaws.push({ kind: 'invariant', id, claim, detail, state: path.length, move: null });
  return flaws.length === 0;
}

/** Notes the state that is looked at, if no walk came through it before. */
function see({ seen, parts, columns, part, news, path }: Walker): void {
  const own = parts.list[part] as Part;
  const [h0, h1] = [(columns.all0 + own.h0) | 0, columns.all1 ^ own.h1];
  const known = seen.size;
  if (numberFor(seen, h0, h1, known) < known) return;
  news.push(path.length);
  news.push(h0);
  news.push(h1);
}

/**
 * Walks take turns. In one each move is as likely as any other. In the next everybody has a rank, whoever is first goes on
 * as long as it can, and falls behind the others at a few moments: with n who move, k moves and f of these moments, a bug that
 * needs f + 1 orders right is met with a probability of at least 1 / (n k^f) (Burckhardt et al., "A Randomized Scheduler with
 * Probabilistic Guarantees of Finding Bugs", ASPLOS 2010). The number of moments is drawn for each walk.
 */
function diceFor({ seed, depth }: WalkPlan, walk: number, moves: number): Dice {
  const random = seeded(nextWord(seeded(seed ^ Math.imul(walk, 0x9e3779b1))));
  if (walk % 2 === 0) return { random, priorities: null, falls: [] };
  const most = Math.min(depth, Math.max(moves, 1));
  const falls = Array.from({ length: nextWord(random) % (FALLS + 1) }, () => nextWord(random) % most);
  return { random, priorities: new Map(), falls };
}

/** Which of these moves is made. */
function choose({ dice, path }: Walker, options: readonly Option[]): number {
  const { random, priorities, falls } = dice;
  if (priorities === null) return nextWord(random) % options.length;
  const movers = options.map(({ move }) => moverOf(move));
  for (const mover of movers) if (!priorities.has(mover)) priorities.set(mover, 1 + nextWord(random));
  const rankOf = (mover: number): number => priorities.get(mover) as number;
  const first = (): number => movers.reduce((best, mover) => (rankOf(mover) > rankOf(best) ? mover : best));
  if (falls.includes(path.length)) priorities.set(first(), -path.length);
  const chosen = first();
  const ways = movers.flatMap((mover, at) => (mover === chosen ? at : []));
  return ways[nextWord(random) % ways.length] as number;
}

/** Who makes a move: an actor, or a program, which counts as somebody of its own. */
function moverOf(move: number): number {
  return move < 0 ? move : splitMove(move).actor;
}
