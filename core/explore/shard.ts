import { Ints } from '../world/ints.ts';
import type { Ahead } from './ahead.ts';
import { type Asked, bytesOfAsked, forgetAsked, NOBODYS, nothingAsked, UNANSWERED } from './asked.ts';
import type { Effect } from './effects.ts';
import {
  addEdge,
  bytesOfExpansion,
  createExpansion,
  type Expansion,
  enter,
  expand,
  fingerprintAfter,
  fingerprintOf,
  turnLevel,
} from './expansion.ts';
import { createGround } from './ground.ts';
import { cut, leave, save } from './levels.ts';
import type { Part } from './programs.ts';
import type { Stop } from './report.ts';
import type { Limits } from './search.ts';
import { findNumber, nothingSeen, numberFor, type Seen } from './seen.ts';
import type { Start } from './start.ts';

/**
 * One worker's share of a search. It looks at states, and keeps those that it was the first to find. Which are known already is
 * shared out by fingerprint: each worker owns those that fall to it, gives the states their numbers, and answers whoever asks.
 * So states stay where they are found, and what goes from worker to worker are fingerprints and numbers. Most that are asked
 * about are new: so a state is kept before the answer is there, and forgotten where it turns out to be somebody else's.
 *
 * At first, while levels are small, each worker looks at all states for itself: it meets the same rows, asks the machine the same and is compiled
 * meanwhile, so that nobody waits. What all have found then counts as the first one's. When it is worth it, each goes on with a part of the level.
 *
 * The number of a state is its place among those of its owner times `of`, and the number of the owner.
 */
export interface Shard extends Expansion {
  /** Its number among how many. */
  readonly index: number;
  readonly of: number;
  readonly limits: Limits;
  /** It looks at all states, as each of the others does for itself, as long as that is worth it. */
  alone: boolean;
  readonly worth: Worth;
  /** States that all have found for themselves. */
  common: number;
  /** States of the fingerprints that it owns, and of those that all have found; `states` says how many count as its own. */
  readonly seen: Seen;
  /** Numbers of the states of the level, and of the next, or what stands for one. */
  numbers: Ints;
  nextNumbers: Ints;
  /** States of the next level that are this worker's to look at. */
  found: number;
  /** It looks at the next level already, though this one is not over; null while it looks at this one. */
  ahead: Ahead | null;
  /** States that it owned when it began the level. */
  known: number;
  /** By level: the first state that it owns, and the first way that it found from there. */
  readonly firstStates: number[];
  readonly firstEdges: number[];
  /** By owner: what it asks that one in the level that it looks at, and what it asked in the level before. */
  asked: readonly Asked[];
  askedBefore: readonly Asked[];
}

/** From so many states of a level on, or so many in all, it is worth it to share them out. */
interface Worth {
  readonly found: number;
  readonly states: number;
}

const WORTH: Worth = { found: 500, states: 20_000 };
const KEY = 2;
const FIRST_PART = 0;

export function createShard(start: Start, limits: Limits, index: number, of: number, worth = WORTH): Shard {
  const shard: Shard = {
    ...createExpansion(createGround(start, 'once')),
    ...{ index, of, limits, seen: nothingSeen(), numbers: new Ints(), nextNumbers: new Ints(), found: 1 },
    ...{ known: 0, firstStates: [], firstEdges: [], ahead: null, alone: true, worth, common: 0 },
    ...{ asked: Array.from({ length: of }, nothingAsked), askedBefore: Array.from({ length: of }, nothingAsked) },
  };
  const { columns, parts } = shard;
  const [h0, h1] = fingerprintOf(columns.all0, columns.all1, parts.list[FIRST_PART] as Part);
  shard.nextNumbers.push(numberHere(shard, h0, h1));
  shard.states = 1;
  save(shard.next, columns, FIRST_PART);
  beginLevel(shard);
  return shard;
}

/** The other half of the fingerprint finds its place in the tables. */
const ownerOf = ({ alone, index, of }: Shard, h1: number): number => (alone ? index : (h1 >>> 8) % of);

/** The number of a state that is new now and this worker's own. */
const freshNumber = ({ alone, states, of, index }: Shard): number => states * of + (alone ? 0 : index);

/** The number of a state with this fingerprint, which is this worker's own. */
const numberHere = (shard: Shard, h0: number, h1: number): number => numberFor(shard.seen, h0, h1, freshNumber(shard));

/** Makes the states found last the ones to look at. What was done ahead counts from here on. */
export function beginLevel(shard: Shard): void {
  if (shard.ahead === null) turnShard(shard);
  shard.ahead = null;
  shard.found = 0;
  shard.firstStates.push(shard.known);
  shard.known = shard.states;
  const questions = questionsFor(shard, shard.index, 1);
  if (questions !== null) takeAnswers(shard, shard.index, answersTo(shard, questions));
}

/** Turns to the next level, whose states are not all known yet if others still look at this one. */
export function turnShard(shard: Shard): void {
  shard.firstEdges.push(shard.edges.to.length);
  turnLevel(shard);
  [shard.numbers, shard.nextNumbers] = [shard.nextNumbers, shard.numbers];
  [shard.asked, shard.askedBefore] = [shard.askedBefore, shard.asked];
  shard.nextNumbers.length = 0;
}

/** Whether there is a next level to look at, and it is not worth it yet to share it out. */
export function goesOnAlone(shard: Shard): boolean {
  const { alone, found, states, flaws, worth } = shard;
  const isSmall = found > 0 && found < worth.found && states < worth.states;
  return alone && isSmall && flaws.length === 0 && stopOfShard(shard) === null;
}

/** Goes on with its part of the level; what all have found until now is the first one's. */
export function partFromOthers(shard: Shard): void {
  const { index, of, level, numbers, edges, firstStates, firstEdges } = shard;
  shard.alone = false;
  shard.common = shard.states;
  shard.position = Math.floor((level.count * index) / of);
  for (let other = 0; other < shard.position; other++) leave(level, other);
  cut(level, Math.floor((level.count * (index + 1)) / of));
  numbers.length = level.count;
  if (index === 0) return;
  for (const list of [edges.from, edges.to, edges.move]) list.length = 0;
  [shard.states, shard.known, shard.transitions, shard.ends.length] = [0, 0, 0, 0];
  firstStates.fill(0);
  firstEdges.fill(0);
}

/** Looks at so many more states of the level; false when it has looked at all, or is over its share of the limits. */
export function lookOn(shard: Shard, states: number): boolean {
  if (stopOfShard(shard) !== null) return false;
  const end = Math.min(shard.level.count, shard.position + states);
  while (shard.position < end) lookAtNext(shard);
  return shard.position < shard.level.count;
}

/** The limit of which a shard has its share, null as long as it has not. */
export function stopOfShard(shard: Shard): Stop | null {
  const { of, limits } = shard;
  if (statesOfAll(shard) >= limits.states) return 'states';
  return bytesOfShard(shard) * of >= limits.bytes ? 'memory' : null;
}

/** States of all workers, if each has found as many as this one since they share them out. */
export function statesOfAll({ alone, states, common, index, of }: Shard): number {
  return alone ? states : common + (index === 0 ? states - common : states) * of;
}

export function bytesOfShard(shard: Shard): number {
  const asked = [...shard.asked, ...shard.askedBefore].reduce((sum, each) => sum + bytesOfAsked(each), 0);
  const numbers = shard.numbers.bytes + shard.nextNumbers.bytes;
  return bytesOfExpansion(shard) + shard.seen.cells.byteLength + numbers + asked;
}

/** States of the level that are still to be looked at. */
export function leftOf({ numbers, level, position }: Shard): number {
  let left = 0;
  for (let index = position; index < level.count; index++) if (numbers.at(index) >= 0) left++;
  return left;
}

export function lookAtNext(shard: Shard): void {
  const index = shard.position++;
  const state = shard.numbers.at(index);
  if (state < 0) return;
  expand(shard, index, state, (part, effect, move) => arrive(shard, state, part, effect, move));
}

/**
 * An effect leads to a successor of `state`: whose fingerprint is of another worker's share is asked there whether it is new. Whoever
 * looks ahead asks itself as well, later: others may still find the state in the level before.
 */
function arrive(shard: Shard, state: number, part: number, effect: Effect, move: number): void {
  const [h0, h1] = fingerprintAfter(shard, part, effect);
  const owner = ownerOf(shard, h1);
  if (owner !== shard.index || (shard.ahead !== null && findNumber(shard.seen, h0, h1) < 0)) {
    addEdge(shard, state, ask(shard, owner, part, effect, h0, h1), move);
    return;
  }
  const fresh = freshNumber(shard);
  const number = numberHere(shard, h0, h1);
  addEdge(shard, state, number, move);
  if (number !== fresh) return;
  shard.states++;
  shard.found++;
  shard.nextNumbers.push(number);
  enter(shard, part, effect, number);
}

/** Asks about the state that an effect leads to, and keeps it meanwhile; a negative number stands for the answer. */
function ask(shard: Shard, owner: number, part: number, effect: Effect, h0: number, h1: number): number {
  const { places, unsent, indices } = shard.asked[owner] as Asked;
  const fresh = places.size;
  const place = numberFor(places, h0, h1, fresh);
  const awaited = ~(place * shard.of + owner);
  if (place < fresh) return awaited;
  unsent.push(h0);
  unsent.push(h1);
  indices.push(shard.next.count);
  shard.nextNumbers.push(UNANSWERED);
  enter(shard, part, effect, awaited);
  return awaited;
}

/** What there is to ask a worker, two integers for each fingerprint; null if there is less than `least`. */
export function questionsFor(shard: Shard, owner: number, least: number): Int32Array | null {
  const { unsent } = shard.asked[owner] as Asked;
  if (unsent.length === 0 || unsent.length < least * KEY) return null;
  const questions = unsent.copy();
  unsent.length = 0;
  return questions;
}

/** The number of each state that another worker asks about; its complement if the state was not known, and is that worker's to keep. */
export function answersTo(shard: Shard, questions: Int32Array): Int32Array {
  const answers = new Int32Array(questions.length / KEY);
  for (let i = 0; i < answers.length; i++) {
    const fresh = freshNumber(shard);
    const number = numberHere(shard, questions[KEY * i] as number, questions[KEY * i + 1] as number);
    answers[i] = number === fresh ? ~number : number;
    if (number === fresh) shard.states++;
  }
  return answers;
}

/** What has been asked in the level that is not over yet, and the numbers of the next one. */
const underWay = ({ ahead, asked, askedBefore, numbers, nextNumbers }: Shard) =>
  ahead === null ? { asked, numbers: nextNumbers } : { asked: askedBefore, numbers };

/** Takes answers, in the order of the questions: what is new is this worker's to look at. */
export function takeAnswers(shard: Shard, owner: number, answers: Int32Array): void {
  const { asked, numbers } = underWay(shard);
  const { indices, answers: known } = asked[owner] as Asked;
  for (const answer of answers) {
    numbers.set(indices.at(known.length), answer < 0 ? ~answer : NOBODYS);
    if (answer < 0) shard.found++;
    known.push(answer < 0 ? ~answer : answer);
  }
}

/** Whether it waits for answers. */
export const isWaiting = (shard: Shard): boolean =>
  underWay(shard).asked.some(({ places, answers }) => answers.length < places.size);

/** All has been asked and answered in this level: what stands for answers can be replaced by them. */
export function endLevel(shard: Shard): void {
  const { edges, flaws, firstEdges, of, ahead } = shard;
  const { asked, numbers } = underWay(shard);
  const answerTo = (awaited: number, by: 'answers' | 'indices'): number =>
    (asked[~awaited % of] as Asked)[by].at(Math.floor(~awaited / of));
  const end = ahead?.edges ?? edges.to.length;
  for (let edge = firstEdges.at(ahead === null ? -1 : -2) as number; edge < end; edge++) {
    const to = edges.to.at(edge);
    if (to < 0) edges.to.set(edge, answerTo(to, 'answers'));
  }
  // Who has found flaws does not go ahead: until then all of them are of this level.
  if (ahead === null) {
    const own = flaws.map((flaw) => {
      return flaw.state < 0 ? { ...flaw, state: numbers.at(answerTo(flaw.state, 'indices')) } : flaw;
    });
    flaws.splice(0, flaws.length, ...own.filter(({ state }) => state !== NOBODYS));
  }
  for (const each of asked) forgetAsked(each);
}
