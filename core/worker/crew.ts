import { lookAhead } from '../explore/ahead.ts';
import { reportOf, type Standing, standingOf } from '../explore/merge.ts';
import type { Limits } from '../explore/search.ts';
import {
  answersTo,
  beginLevel,
  createShard,
  endLevel,
  goesOnAlone,
  isWaiting,
  lookOn,
  partFromOthers,
  questionsFor,
  type Shard,
  takeAnswers,
} from '../explore/shard.ts';
import { type Acquaintance, handOver, type Shipment, strangers, type Transfer, takeOver } from '../explore/sharing.ts';
import { type StartOptions, startAt } from '../explore/start.ts';
import type { WalkPlan } from '../explore/walker.ts';
import { assert } from '../lib/assert.ts';
import { joinWalkers } from './walking.ts';

/** As much of a MessagePort as is needed, of a browser or of Node; what comes in is an event with `data`. */
export interface CrewPort {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  onmessage: ((event: never) => void) | null;
}

export interface Incoming {
  readonly data: unknown;
}

/** What one worker of a search is told when it starts. */
export interface Job {
  readonly text: string;
  readonly options: StartOptions;
  readonly limits: Limits;
  /** Random walks; null for every order. */
  readonly walks: WalkPlan | null;
  /** When the search has to be over, in ms since 1970. */
  readonly until: number;
  readonly index: number;
}

/** How one worker speaks with the others, and lets them speak. */
export interface Line<Port> {
  readonly leader: Port;
  /** By number of the worker; null in its own place. */
  readonly peers: readonly (Port | null)[];
}

/** What the leader says: share the next level out like this and look at all of it; look at no more; or report what was found. */
export type Order = readonly Transfer[] | 'stop' | 'report';

/** What one worker says to another about a level. */
type Letter = { readonly level: number } & (
  | { readonly kind: 'questions'; readonly numbers: Int32Array }
  | { readonly kind: 'answers'; readonly numbers: Int32Array }
  | { readonly kind: 'states'; readonly shipment: Shipment }
  /** It has asked all that it will ask. */
  | { readonly kind: 'end' }
);

interface Member {
  readonly shard: Shard;
  readonly job: Job;
  readonly peers: readonly (CrewPort | null)[];
  readonly known: readonly Acquaintance[];
  /** Lets letters come in. */
  readonly pause: () => Promise<void>;
  /** Letters of a level that this worker has not begun yet, with their senders. */
  early: [Letter, number][];
  level: number;
  isStopped: boolean;
  /** Workers that still have to ask in this level, and those that still have to hand over states. */
  open: number;
  coming: number;
  whenHeard: () => void;
}

/** States between two looks at what others have sent. */
const SLICE = 200;
/** Fewer questions than these wait for more, until the level ends. */
const LEAST = 400;

/** Serves a search as one of its workers. */
export function joinCrew(job: Job, { leader, peers }: Line<CrewPort>, pause: () => Promise<void>): void {
  if (job.walks !== null) {
    joinWalkers(job, job.walks, { leader, peers }, pause);
    return;
  }
  const start = startAt(job.text, job.options);
  assert(start.ok, 'what one worker can begin another can');
  const shard = createShard(start.value, job.limits, job.index, peers.length);
  const state = { early: [], level: -1, isStopped: false, open: 0, coming: 0, whenHeard: () => undefined };
  const member: Member = { shard, job, peers, known: peers.map(strangers), pause, ...state };
  for (const [from, peer] of peers.entries())
    if (peer !== null) peer.onmessage = ({ data }: Incoming) => receive(member, data as Letter, from);
  leader.onmessage = async ({ data }: Incoming) => {
    const order = data as Order;
    if (order === 'stop') member.isStopped = true;
    else if (order !== 'report') {
      leader.postMessage(await goThrough(member, order), []);
      await lookAheadOf(member);
    } else {
      member.level++;
      const report = reportOf(shard);
      leader.postMessage(report, [report.from, report.to, report.move].map(bufferOf));
    }
  };
}

const isLate = ({ isStopped, job }: Member): boolean => isStopped || Date.now() >= job.until;

/** Goes through the first levels, which all go through. */
async function goAlone(member: Member): Promise<Standing> {
  const { shard } = member;
  for (;;) {
    while (!isLate(member) && lookOn(shard, SLICE)) await member.pause();
    endLevel(shard);
    const late = isLate(member);
    if (late || !goesOnAlone(shard)) return standingOf(shard, late);
    beginLevel(shard);
    await member.pause();
  }
}

/** Goes through the next level, and waits for the others. */
async function goThrough(member: Member, transfers: readonly Transfer[]): Promise<Standing> {
  const { shard, job, peers } = member;
  if (++member.level === 0) return goAlone(member);
  beginLevel(shard);
  if (shard.alone) partFromOthers(shard);
  member.open = peers.length - 1;
  member.coming = transfers.filter(({ to }) => to === job.index).length;
  for (const { from, to, count } of transfers) if (from === job.index) ship(member, to, count);
  for (const [letter, from] of member.early.splice(0)) receive(member, letter, from);
  let late = isLate(member);
  for (;;) {
    const more = !late && lookOn(shard, SLICE);
    ask(member, more ? LEAST : 0);
    if (more) await member.pause();
    else if (member.coming > 0) await hear(member);
    else break;
    late = isLate(member);
  }
  for (const to of peers.keys()) send(member, to, { kind: 'end', level: member.level }, []);
  while (member.open > 0 || isWaiting(shard)) {
    if (!isLate(member) && lookAhead(shard, SLICE)) await member.pause();
    else await hear(member);
  }
  endLevel(shard);
  return standingOf(shard, late);
}

/** Until the leader says what is next, a worker looks at what it knows of the next level. */
async function lookAheadOf(member: Member): Promise<void> {
  const { level, shard } = member;
  while (member.level === level && !member.isStopped && lookAhead(shard, SLICE)) await member.pause();
}

const hear = (member: Member): Promise<void> =>
  new Promise((resolve) => {
    member.whenHeard = resolve;
  });

function receive(member: Member, letter: Letter, from: number): void {
  const { shard, level, known } = member;
  if (letter.level > level) {
    member.early.push([letter, from]);
    return;
  }
  if (letter.kind === 'end') member.open--;
  else if (letter.kind === 'answers') takeAnswers(shard, from, letter.numbers);
  else if (letter.kind === 'questions') {
    const numbers = answersTo(shard, letter.numbers);
    send(member, from, { kind: 'answers', level, numbers }, [numbers]);
  } else {
    takeOver(shard, known[from] as Acquaintance, letter.shipment);
    member.coming--;
  }
  member.whenHeard();
}

function ask(member: Member, least: number): void {
  for (const to of member.peers.keys()) {
    const numbers = questionsFor(member.shard, to, least);
    if (numbers !== null) send(member, to, { kind: 'questions', level: member.level, numbers }, [numbers]);
  }
}

function ship(member: Member, to: number, count: number): void {
  const shipment = handOver(member.shard, member.known[to] as Acquaintance, count);
  send(member, to, { kind: 'states', level: member.level, shipment }, [shipment.states, shipment.keys]);
}

const send = ({ peers }: Member, to: number, letter: Letter, arrays: readonly Int32Array[]): void =>
  peers[to]?.postMessage(letter, arrays.map(bufferOf));

const bufferOf = ({ buffer }: Int32Array): ArrayBuffer => buffer as ArrayBuffer;
