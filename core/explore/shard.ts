import { Ints } from '../world/ints.ts';
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
import { save } from './levels.ts';
import type { Part } from './programs.ts';
import type { Stop } from './report.ts';
import type { Limits } from './search.ts';
import { forget, nothingSeen, numberFor, type Seen } from './seen.ts';
import type { Start } from './start.ts';

/**
 * One worker's share of a search. It looks at states, and keeps those that it was the first to find. Which are known already is
 * shared out by fingerprint: each worker owns those that fall to it, gives the states their numbers, and answers whoever asks.
 * So states stay where they are found, and what goes from worker to worker are fingerprints and numbers. Most that are asked
 * about are new: so a state is kept before the answer is there, and forgotten where it turns out to be somebody else's.
 *
 * The number of a state is its place among those of its owner times `of`, and the number of the owner.
 */
export interface Shard extends Expansion {
  /** Its number among how many. */
  readonly index: number;
  readonly of: number;
  readonly limits: Limits;
  /** The fingerprints that it owns; `states` says how many. */
  readonly seen: Seen;
  /** Numbers of the states of the level, and of the next: NOBODYS for one that another worker keeps, or may yet keep. */
  numbers: Ints;
  nextNumbers: Ints;
  /** States of the next level that are this worker's to look at. */
  found: number;
  /** States that it owned when it began the level. */
  known: number;
  /** By level: the first state that it owns, and the first way that it found from there. */
  readonly firstStates: number[];
  readonly firstEdges: number[];
  /** By owner: what it asks that one in this level. */
  readonly asked: readonly Asked[];
}

/** What a worker asks another one in a level: each fingerprint once. */
interface Asked {
  /** Fingerprints by place. */
  readonly places: Seen;
  /** Those that wait to be sent, two integers each. */
  readonly unsent: Ints;
  /** By place: where the state stands in the next level. */
  readonly indices: Ints;
  /** By place, as far as there are answers: the number of the state. */
  readonly answers: Ints;
}

const KEY = 2;
/** The number of a state that this worker has not to look at. */
export const NOBODYS = -1;
const FIRST_PART = 0;

export function createShard(start: Start, limits: Limits, index: number, of: number): Shard {
  const shard: Shard = {
    ...createExpansion(createGround(start, 'once')),
    ...{ index, of, limits, seen: nothingSeen(), numbers: new Ints(), nextNumbers: new Ints(), found: 0 },
    ...{ known: 0, firstStates: [], firstEdges: [], asked: Array.from({ length: of }, nothingAsked) },
  };
  const { columns, parts } = shard;
  const [h0, h1] = fingerprintOf(columns.all0, columns.all1, parts.list[FIRST_PART] as Part);
  if (ownerOf(h1, of) === index) {
    shard.nextNumbers.push(numberHere(shard, h0, h1));
    shard.states = 1;
    shard.found = 1;
    save(shard.next, columns, FIRST_PART);
  }
  beginLevel(shard);
  return shard;
}

const nothingAsked = (): Asked => {
  const [unsent, indices, answers] = [new Ints(), new Ints(), new Ints()];
  return { places: nothingSeen(), unsent, indices, answers };
};

/** The other half of the fingerprint finds its place in the tables. */
const ownerOf = (h1: number, of: number): number => (h1 >>> 8) % of;

/** The number of a state with this fingerprint, which is this worker's own. It is new if it comes after all that are known. */
const numberHere = ({ seen, states, of, index }: Shard, h0: number, h1: number): number =>
  numberFor(seen, h0, h1, states) * of + index;

/** Makes the states found last the ones to look at. */
export function beginLevel(shard: Shard): void {
  shard.firstStates.push(shard.known);
  shard.known = shard.states;
  shard.firstEdges.push(shard.edges.to.length);
  turnLevel(shard);
  [shard.numbers, shard.nextNumbers] = [shard.nextNumbers, shard.numbers];
  shard.nextNumbers.length = 0;
  shard.found = 0;
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
  if (shard.states * of >= limits.states) return 'states';
  return bytesOfShard(shard) * of >= limits.bytes ? 'memory' : null;
}

export function bytesOfShard(shard: Shard): number {
  const asked = shard.asked.reduce((sum, { places, indices }) => sum + places.cells.byteLength + indices.bytes, 0);
  const numbers = shard.numbers.bytes + shard.nextNumbers.bytes;
  return bytesOfExpansion(shard) + shard.seen.cells.byteLength + numbers + asked;
}

/** States of the level that are still to be looked at. */
export function leftOf({ numbers, level, position }: Shard): number {
  let left = 0;
  for (let index = position; index < level.count; index++) if (numbers.at(index) !== NOBODYS) left++;
  return left;
}

function lookAtNext(shard: Shard): void {
  const index = shard.position++;
  const state = shard.numbers.at(index);
  if (state === NOBODYS) return;
  expand(shard, index, state, (part, effect, move) => arrive(shard, state, part, effect, move));
}

/** An effect leads to a successor of `state`: whose fingerprint is of another worker's share is asked there whether it is new. */
function arrive(shard: Shard, state: number, part: number, effect: Effect, move: number): void {
  const [h0, h1] = fingerprintAfter(shard, part, effect);
  const owner = ownerOf(h1, shard.of);
  if (owner !== shard.index) {
    addEdge(shard, state, ask(shard, owner, part, effect, h0, h1), move);
    return;
  }
  const fresh = shard.states * shard.of + owner;
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
  shard.nextNumbers.push(NOBODYS);
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
    const fresh = shard.states * shard.of + shard.index;
    const number = numberHere(shard, questions[KEY * i] as number, questions[KEY * i + 1] as number);
    answers[i] = number === fresh ? ~number : number;
    if (number === fresh) shard.states++;
  }
  return answers;
}

/** Takes answers, in the order of the questions: what is new is this worker's to look at. */
export function takeAnswers(shard: Shard, owner: number, answers: Int32Array): void {
  const asked = shard.asked[owner] as Asked;
  for (const answer of answers) {
    const place = asked.answers.length;
    asked.answers.push(answer < 0 ? ~answer : answer);
    if (answer >= 0) continue;
    shard.nextNumbers.set(asked.indices.at(place), ~answer);
    shard.found++;
  }
}

/** Whether it waits for answers. */
export const isWaiting = ({ asked }: Shard): boolean =>
  asked.some(({ places, answers }) => answers.length < places.size);

/** All has been asked and answered in this level: what stands for answers can be replaced by them. */
export function endLevel(shard: Shard): void {
  const { edges, flaws, nextNumbers, of, asked } = shard;
  const answerTo = (awaited: number, by: 'answers' | 'indices'): number =>
    (asked[~awaited % of] as Asked)[by].at(Math.floor(~awaited / of));
  for (let edge = shard.firstEdges.at(-1) as number; edge < edges.to.length; edge++) {
    const to = edges.to.at(edge);
    if (to < 0) edges.to.set(edge, answerTo(to, 'answers'));
  }
  const own = flaws.map((flaw) => {
    return flaw.state < 0 ? { ...flaw, state: nextNumbers.at(answerTo(flaw.state, 'indices')) } : flaw;
  });
  flaws.splice(0, flaws.length, ...own.filter(({ state }) => state !== NOBODYS));
  for (const { places, indices, answers } of asked) {
    forget(places);
    indices.length = 0;
    answers.length = 0;
  }
}
