import { assert, present } from '../lib/assert.ts';
import { Ints } from '../world/ints.ts';
import { brokenBy } from './claims.ts';
import { look } from './columns.ts';
import { apply, type Effect, revert } from './effects.ts';
import { bugAt, type Flaw, standstillAt } from './flaws.ts';
import { createGround, eachMove, type Ground, type Hearer } from './ground.ts';
import { createLevel, type Level, save, widen } from './levels.ts';
import type { Part } from './programs.ts';
import type { Stop } from './report.ts';
import { type Edges, type Limits, MOST_FLAWS } from './search.ts';
import { nothingSeen, numberFor, type Seen } from './seen.ts';
import type { Start } from './start.ts';
import {
  effectNumber,
  type Heard,
  hear,
  newWords,
  nothingHeard,
  nothingTold,
  type Told,
  translate,
  type Words,
} from './wire.ts';

/**
 * One worker's share of a search: the states whose fingerprint falls to it. It looks at its own states of a level, keeps those
 * successors that are its own, and sends the others to their owners. A level is over when all have looked at all of theirs.
 */
export interface Shard extends Ground {
  /** Its number among how many. */
  readonly index: number;
  readonly of: number;
  readonly limits: Limits;
  readonly seen: Seen;
  /** Ways into its own states. `from` is a state of some shard: its number there times `of`, and that shard's number. */
  readonly edges: Edges;
  /** By level: its first own state, and the first way that was found from there. */
  readonly firstStates: number[];
  readonly firstEdges: number[];
  readonly ends: number[];
  readonly flaws: Flaw[];
  readonly outboxes: readonly Outbox[];
  /** By sender. */
  readonly inboxes: readonly Inbox[];
  level: Level;
  next: Level;
  position: number;
  states: number;
  transitions: number;
}

/** What waits to be sent to another shard. */
interface Outbox {
  readonly told: Told;
  /** States that it was sent already, in the order in which they were: each is sent once. */
  readonly sent: Seen;
  readonly states: Level;
  /** Three integers each: the fingerprint of the state, and the effect that led to it. */
  readonly keys: Ints;
  /** Three integers each: the place of the state among all that were sent, from where, by which move. */
  readonly edges: Ints;
}

interface Inbox {
  readonly heard: Heard;
  /** By place among all that were sent: its number here. */
  readonly numbers: Ints;
}

/** States and ways on their way from one shard to another. All of it can be cloned; the arrays can be transferred. */
export interface Batch {
  readonly from: number;
  readonly words: Words;
  readonly stride: number;
  readonly states: Int32Array;
  readonly keys: Int32Array;
  readonly edges: Int32Array;
}

const KEY = 3;
const EDGE = 3;

export function createShard(start: Start, limits: Limits, index: number, of: number): Shard {
  const ground = createGround(start, 'once');
  const { columns } = ground;
  const shard: Shard = {
    ...{ ...ground, index, of, limits, seen: nothingSeen(), ends: [], flaws: [] },
    edges: { from: new Ints(), to: new Ints(), move: new Ints() },
    ...{ firstStates: [], firstEdges: [], level: createLevel(columns), next: createLevel(columns) },
    outboxes: Array.from({ length: of }, () => emptyBox(createLevel(columns))),
    inboxes: Array.from({ length: of }, () => ({ heard: nothingHeard(), numbers: new Ints() })),
    ...{ position: 0, states: 0, transitions: 0 },
  };
  const [h0, h1] = keyOf(shard, 0, columns.all0, columns.all1);
  if (ownerOf(h1, of) === index) {
    numberFor(shard.seen, h0, h1, 0);
    save(shard.next, columns, 0);
    shard.states = 1;
  }
  beginLevel(shard);
  return shard;
}

const emptyBox = (states: Level): Outbox => {
  return { told: nothingTold(), sent: nothingSeen(), states, keys: new Ints(), edges: new Ints() };
};

function keyOf({ parts }: Ground, part: number, h0: number, h1: number): readonly [number, number] {
  const own = parts.list[part] as Part;
  return [(h0 + own.h0) | 0, h1 ^ own.h1];
}

/** The other half of the fingerprint finds its place in the tables. */
const ownerOf = (h1: number, of: number): number => (h1 >>> 8) % of;

/** Makes the states found last the ones to look at; false if there are none. */
export function beginLevel(shard: Shard): boolean {
  shard.firstStates.push(shard.states - shard.next.count);
  shard.firstEdges.push(shard.edges.to.length);
  [shard.level, shard.next] = [shard.next, shard.level];
  shard.next.count = 0;
  shard.position = 0;
  return shard.level.count > 0;
}

/** Looks at so many more states of the level; false when it has looked at all, or is over its share of the limits. */
export function lookOn(shard: Shard, states: number): boolean {
  if (stopOfShard(shard) !== null) return false;
  const end = Math.min(shard.level.count, shard.position + states);
  while (shard.position < end) expand(shard, shard.position++);
  return shard.position < shard.level.count;
}

/** The limit of which a shard has its share, null as long as it has not. */
export function stopOfShard(shard: Shard): Stop | null {
  const { of, limits } = shard;
  if (shard.states * of >= limits.states) return 'states';
  return bytesOfShard(shard) * of >= limits.bytes ? 'memory' : null;
}

export function bytesOfShard({ seen, edges, level, next, turns, outboxes, inboxes }: Shard): number {
  const sent = outboxes.reduce((sum, box) => sum + box.sent.cells.byteLength + box.states.words.byteLength, 0);
  const heard = inboxes.reduce((sum, { numbers }) => sum + numbers.bytes, 0);
  const ways = edges.from.bytes + edges.to.bytes + edges.move.bytes;
  const own = seen.cells.byteLength + turns.memo.answers.cells.byteLength;
  return own + ways + sent + heard + level.words.byteLength + next.words.byteLength;
}

function expand(shard: Shard, index: number): void {
  const { columns, level } = shard;
  const state = (shard.firstStates.at(-1) as number) + index;
  widen(level, columns.current.length + 1);
  const at = index * level.stride;
  look(columns, level.words, at + 1);
  const hearer: Hearer = {
    move: (move, effect, part) => arrive(shard, state, part, effect, move),
    bug: (move, rule) => note(shard.flaws, bugAt(state, move, rule)),
  };
  if (eachMove(shard, level.words[at] as number, hearer) > 0) return;
  const flaw = standstillAt(shard, state);
  if (flaw === null) shard.ends.push(state);
  else note(shard.flaws, flaw);
}

function note(flaws: Flaw[], flaw: Flaw): void {
  if (flaws.length < MOST_FLAWS) flaws.push(flaw);
}

/** An effect leads to a successor: it is kept here if it is this shard's own, else put into the outbox of its owner. */
function arrive(shard: Shard, state: number, part: number, effect: Effect, move: number): void {
  const { columns, index, of } = shard;
  shard.transitions++;
  apply(columns, effect);
  const [h0, h1] = keyOf(shard, part, columns.all0, columns.all1);
  const owner = ownerOf(h1, of);
  const from = state * of + index;
  if (owner !== index) post(shard, shard.outboxes[owner] as Outbox, [h0, h1, part, from, move], effect);
  else {
    const number = numberFor(shard.seen, h0, h1, shard.states);
    addEdge(shard, from, number, move);
    if (number === shard.states) keep(shard, part, effect);
  }
  revert(columns, effect);
}

/** Keeps the state that is looked at, which is this shard's own and new, and says what is wrong in it. */
function keep(shard: Shard, part: number, effect: Pick<Effect, 'columns' | 'groups'>): void {
  const state = shard.states++;
  save(shard.next, shard.columns, part);
  for (const { id, claim, detail } of brokenBy(shard.claims, effect))
    note(shard.flaws, { kind: 'invariant', id, claim, detail, state, move: null });
}

function addEdge({ edges }: Shard, from: number, to: number, move: number): void {
  edges.from.push(from);
  edges.to.push(to);
  edges.move.push(move);
}

/** Puts a way into an outbox, and the state that it leads to if that was not sent yet. */
function post(
  shard: Shard,
  { sent, edges, keys, states, told }: Outbox,
  [h0, h1, part, from, move]: readonly [number, number, number, number, number],
  effect: Effect,
): void {
  const fresh = sent.size;
  const place = numberFor(sent, h0, h1, fresh);
  edges.push(place);
  edges.push(from);
  edges.push(move);
  if (place < fresh) return;
  save(states, shard.columns, part);
  keys.push(h0);
  keys.push(h1);
  keys.push(effectNumber(told, effect));
}

/** What there is to send to a shard; null if there are fewer ways than `least`. */
export function batchFor(shard: Shard, to: number, least: number): Batch | null {
  const box = shard.outboxes[to] as Outbox;
  const { states, keys, edges, told } = box;
  if (edges.length === 0 || edges.length < least * EDGE) return null;
  const batch: Batch = {
    ...{ from: shard.index, words: newWords(shard, told), stride: states.stride },
    states: states.words.slice(0, states.count * states.stride),
    ...{ keys: keys.copy(), edges: edges.copy() },
  };
  states.count = 0;
  keys.length = 0;
  edges.length = 0;
  return batch;
}

/** Takes in what another shard has found of this one's states. */
export function takeBatch(shard: Shard, { from: sender, words, stride, states, keys, edges }: Batch): void {
  const { columns } = shard;
  const { heard, numbers } = shard.inboxes[sender] as Inbox;
  hear(shard, heard, words);
  for (let i = 0; i * stride < states.length; i++) {
    const [h0, h1] = [keys[KEY * i] as number, keys[KEY * i + 1] as number];
    const number = numberFor(shard.seen, h0, h1, shard.states);
    numbers.push(number);
    if (number < shard.states) continue;
    const part = heard.parts[states[i * stride] as number] as number;
    look(columns, translate(columns, heard, states, i * stride + 1), 0);
    const [own0, own1] = keyOf(shard, part, columns.all0, columns.all1);
    assert(own0 === h0 && own1 === h1, 'a state that was sent arrives as it was');
    keep(shard, part, present(heard.effects[keys[KEY * i + 2] as number], 'an effect is told before it is named'));
  }
  for (let i = 0; i < edges.length; i += EDGE)
    addEdge(shard, edges[i + 1] as number, numbers.at(edges[i] as number), edges[i + 2] as number);
}
