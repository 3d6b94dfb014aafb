import { nextWord, type Random, seeded } from '../sim/random.ts';
import { brokenBy } from './claims.ts';
import { lookAtFirst } from './columns.ts';
import { apply, type Effect } from './effects.ts';
import { bugAt, type Flaw, standstillAt } from './flaws.ts';
import { createGround, eachMove, type Ground, type Hearer, splitMove } from './ground.ts';
import type { Part } from './programs.ts';
import type { Limits, SearchState } from './search.ts';
import { nothingSeen, numberFor, type Seen } from './seen.ts';
import type { Start } from './start.ts';

/** How many walks, of how many moves at most, and the seed that says which. */
export interface WalkPlan {
  readonly walks: number;
  readonly depth: number;
  /** 32 bits. */
  readonly seed: number;
}

/** Random walks from one moment on: each goes one way as deep as it leads, and no way back. */
export interface Walks extends Ground {
  readonly plan: WalkPlan;
  readonly limits: Limits;
  /** States that some walk has come through, by fingerprint. */
  readonly seen: Seen;
  /** Walks that were begun. */
  begun: number;
  /** Walks that came to where all is done. */
  ended: number;
  /** Moves of the longest walk. */
  longest: number;
  transitions: number;
  readonly flaws: Flaw[];
  /** The walk under way: its moves, and its place in the script. */
  readonly path: number[];
  part: number;
  dice: Dice;
  /** Its first `path` moves broke something: found; all walks were walked: walked. */
  state: SearchState;
}

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

export function createWalks(start: Start, plan: WalkPlan, limits: Limits): Walks {
  const ground = createGround(start, 'once');
  const walks: Walks = {
    ...{ ...ground, plan, limits, seen: nothingSeen(), flaws: [], path: [], part: FIRST_PART },
    ...{ begun: 1, ended: 0, longest: 0, transitions: 0, dice: diceFor(plan, 0, 0), state: 'searching' },
  };
  see(walks);
  return walks;
}

/** Number of states that some walk came through. */
export const statesOf = ({ seen }: Walks): number => seen.size;

/** Bytes that the walks keep. */
export function bytesOfWalks({ seen, turns }: Walks): number {
  return seen.cells.byteLength + turns.memo.answers.cells.byteLength;
}

/** Walks on until so many moves more have been made, or all is over. */
export function walkOn(walks: Walks, transitions: number): void {
  const goal = walks.transitions + transitions;
  const { limits } = walks;
  while (walks.state === 'searching' && walks.transitions < goal) {
    if (statesOf(walks) >= limits.states || bytesOfWalks(walks) >= limits.bytes) walks.state = 'stopped';
    else if (walks.path.length >= walks.plan.depth || !step(walks)) nextWalk(walks);
  }
}

function nextWalk(walks: Walks): void {
  const { plan, columns, path } = walks;
  if (walks.flaws.length > 0) walks.state = 'found';
  else if (walks.begun === plan.walks) walks.state = 'walked';
  else {
    walks.dice = diceFor(plan, walks.begun++, walks.longest);
    path.length = 0;
    walks.part = FIRST_PART;
    lookAtFirst(columns);
  }
}

interface Option {
  readonly move: number;
  readonly effect: Effect;
  readonly part: number;
}

/** Makes one move of the walk; false where it ends. */
function step(walks: Walks): boolean {
  const { path, flaws, columns } = walks;
  const options: Option[] = [];
  const hearer: Hearer = {
    move: (move, effect, part) => void options.push({ move, effect, part }),
    bug: (move, rule) => void flaws.push(bugAt(path.length, move, rule)),
  };
  if (eachMove(walks, walks.part, hearer) === 0) {
    const flaw = standstillAt(walks, path.length);
    if (flaw === null) walks.ended++;
    else flaws.push(flaw);
  }
  if (flaws.length > 0 || options.length === 0) return false;
  const { move, effect, part } = options[choose(walks, options)] as Option;
  apply(columns, effect);
  walks.part = part;
  walks.transitions++;
  walks.longest = Math.max(walks.longest, path.push(move));
  see(walks);
  for (const { id, claim, detail } of brokenBy(walks.claims, effect))
    flaws.push({ kind: 'invariant', id, claim, detail, state: path.length, move: null });
  return flaws.length === 0;
}

/** Counts the state that is looked at. */
function see({ seen, parts, columns, part }: Walks): void {
  const { h0, h1 } = parts.list[part] as Part;
  numberFor(seen, (columns.all0 + h0) | 0, columns.all1 ^ h1, seen.size);
}

/**
 * Walks take turns. In one each move is as likely as any other. In the next everybody has a rank, whoever is first goes on
 * as long as it can, and falls behind the others at a few moments: with n who move, k moves and f of these moments, a bug that
 * needs f + 1 orders right is met with a probability of at least 1 / (n k^f) (Burckhardt et al., "A Randomized Scheduler with
 * Probabilistic Guarantees of Finding Bugs", ASPLOS 2010). The number of moments is drawn for each walk.
 */
function diceFor({ seed, depth }: WalkPlan, walk: number, longest: number): Dice {
  const random = seeded(nextWord(seeded(seed ^ Math.imul(walk, 0x9e3779b1))));
  if (walk % 2 === 0) return { random, priorities: null, falls: [] };
  const moves = Math.min(depth, Math.max(longest, 1));
  const falls = Array.from({ length: nextWord(random) % (FALLS + 1) }, () => nextWord(random) % moves);
  return { random, priorities: new Map(), falls };
}

/** Which of these moves is made. */
function choose({ dice, path }: Walks, options: readonly Option[]): number {
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
