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
  lookAtState,
} from './expansion.ts';
import { createGround } from './ground.ts';
import { refill, save } from './levels.ts';
import type { Part } from './programs.ts';
import type { Stop } from './report.ts';
import type { Limits } from './search.ts';
import { forget, nothingSeen, numberFor, type Seen } from './seen.ts';
import type { Start } from './start.ts';

/**
 * One worker's share of a search. It looks at states, and keeps those that it was the first to find. Which are known already is
 * shared out by fingerprint: each worker owns those that fall to it, gives the states their numbers, and answers whoever asks.
 * So states stay where they are found, and what goes from worker to worker are fingerprints and numbers.
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
  /** Numbers of the states of the level, and of the next. */
  readonly numbers: Ints;
  readonly nextNumbers: Ints;
  /** By state of the next level: the state of this one in which it was found. */
  readonly parents: Ints;
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
  /** By place: from which state of the level it was found first, with which part of the script, by which effect. */
  readonly indices: Ints;
  readonly parts: Ints;
  readonly effects: Effect[];
  /** By place, as far as there are answers: the number of the state. */
  readonly answers: Ints;
  /** Ways there, three integers each: the place, from where, by which move. */
  readonly edges: Ints;
}

const KEY = 2;
const EDGE = 3;
const FIRST_PART = 0;

export function createShard(start: Start, limits: Limits, index: number, of: number): Shard {
  const shard: Shard = {
    ...createExpansion(createGround(start, 'once')),
    ...{ index, of, limits, seen: nothingSeen(), numbers: new Ints(), nextNumbers: new Ints(), parents: new Ints() },
    ...{ known: 0, firstStates: [], firstEdges: [], asked: Array.from({ length: of }, nothingAsked) },
  };
  const { columns, parts } = shard;
  const [h0, h1] = fingerprintOf(columns.all0, columns.all1, parts.list[FIRST_PART] as Part);
  if (ownerOf(h1, of) === index) {
    shard.nextNumbers.push(numberHere(shard, h0, h1));
    shard.parents.push(0);
    shard.states = 1;
    save(shard.next, columns, FIRST_PART);
  }
  beginLevel(shard);
  return shard;
}

const nothingAsked = (): Asked => {
  const [unsent, indices, parts, answers, edges] = [new Ints(), new Ints(), new Ints(), new Ints(), new Ints()];
  return { places: nothingSeen(), unsent, indices, parts, effects: [], answers, edges };
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
  const { level, next, parents, numbers, nextNumbers } = shard;
  const order = inOrder(parents, level.count);
  refill(level, next, order);
  numbers.length = 0;
  for (const place of order) numbers.push(nextNumbers.at(place));
  shard.position = 0;
  next.count = 0;
  nextNumbers.length = 0;
  parents.length = 0;
}

/**
 * The places of these numbers, each less than `end`, from small to large. States that were found in the same state of the level before stand
 * beside each other then, though some had to be asked about: so little has to be changed to look at one after another.
 */
function inOrder(numbers: Ints, end: number): Int32Array {
  const firsts = new Int32Array(end + 1);
  for (let place = 0; place < numbers.length; place++) {
    const cell = numbers.at(place) + 1;
    firsts[cell] = (firsts[cell] as number) + 1;
  }
  for (let cell = 0; cell < end; cell++) firsts[cell + 1] = (firsts[cell + 1] as number) + (firsts[cell] as number);
  const order = new Int32Array(numbers.length);
  for (let place = 0; place < numbers.length; place++) {
    const cell = numbers.at(place);
    order[firsts[cell] as number] = place;
    firsts[cell] = (firsts[cell] as number) + 1;
  }
  return order;
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
  const asked = shard.asked.reduce((sum, { places, edges }) => sum + places.cells.byteLength + edges.bytes, 0);
  const numbers = shard.numbers.bytes + shard.nextNumbers.bytes;
  return bytesOfExpansion(shard) + shard.seen.cells.byteLength + numbers + asked;
}

function lookAtNext(shard: Shard): void {
  const index = shard.position++;
  const state = shard.numbers.at(index);
  expand(shard, index, state, (part, effect, move) => arrive(shard, { index, state, part, move }, effect));
}

/** A move from a state of the level: of which index and number, with which part of the script then. */
interface Way {
  readonly index: number;
  readonly state: number;
  readonly part: number;
  readonly move: number;
}

/** An effect leads to a successor: whose fingerprint is of another worker's share is asked there whether it is new. */
function arrive(shard: Shard, way: Way, effect: Effect): void {
  const [h0, h1] = fingerprintAfter(shard, way.part, effect);
  const owner = ownerOf(h1, shard.of);
  if (owner !== shard.index) {
    ask(shard.asked[owner] as Asked, h0, h1, way, effect);
    return;
  }
  const fresh = shard.states * shard.of + owner;
  const number = numberHere(shard, h0, h1);
  addEdge(shard, way.state, number, way.move);
  if (number !== fresh) return;
  shard.states++;
  keep(shard, way.index, way.part, effect, number);
}

/** Keeps a new state, to look at it in the next level. */
function keep(shard: Shard, index: number, part: number, effect: Effect, number: number): void {
  shard.parents.push(index);
  shard.nextNumbers.push(number);
  enter(shard, part, effect, number);
}

function ask(asked: Asked, h0: number, h1: number, { index, state, part, move }: Way, effect: Effect): void {
  const { places, unsent, indices, parts, effects, edges } = asked;
  const fresh = places.size;
  const place = numberFor(places, h0, h1, fresh);
  edges.push(place);
  edges.push(state);
  edges.push(move);
  if (place < fresh) return;
  unsent.push(h0);
  unsent.push(h1);
  indices.push(index);
  parts.push(part);
  effects.push(effect);
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

/** Takes answers, in the order of the questions: keeps the states that are new. */
export function takeAnswers(shard: Shard, owner: number, answers: Int32Array): void {
  const asked = shard.asked[owner] as Asked;
  const { indices, parts, effects } = asked;
  let lookedAt = -1;
  for (const answer of answers) {
    const place = asked.answers.length;
    asked.answers.push(answer < 0 ? ~answer : answer);
    if (answer >= 0) continue;
    const index = indices.at(place);
    if (index !== lookedAt) lookAtState(shard, index);
    lookedAt = index;
    keep(shard, index, parts.at(place), effects[place] as Effect, ~answer);
  }
}

/** Whether it waits for answers. */
export const isWaiting = ({ asked }: Shard): boolean =>
  asked.some(({ places, answers }) => answers.length < places.size);

/** All has been asked and answered in this level: the ways to other workers' states can be written down. */
export function endLevel(shard: Shard): void {
  for (const { places, indices, parts, effects, answers, edges } of shard.asked) {
    for (let i = 0; i < edges.length; i += EDGE)
      addEdge(shard, edges.at(i + 1), answers.at(edges.at(i)), edges.at(i + 2));
    forget(places);
    for (const list of [indices, parts, answers, edges]) list.length = 0;
    effects.length = 0;
  }
}
