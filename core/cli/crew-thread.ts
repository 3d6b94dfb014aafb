import { isMainThread, type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { reportOf, standingOf } from '../explore/merge.ts';
import { type Batch, batchFor, beginLevel, createShard, lookOn, type Shard, takeBatch } from '../explore/shard.ts';
import { startAt } from '../explore/start.ts';
import { assert, present } from '../lib/assert.ts';
import type { Job, Order } from './crew.ts';

/** States between two looks at what others have sent. */
const SLICE = 200;
/** Fewer ways than these wait for more, until the level ends. */
const LEAST = 400;

/** What one thread sends to another: what it found, and that it has looked at all of its states of a level. */
interface Letter {
  readonly level: number;
  readonly batch: Batch | null;
}

interface Thread {
  readonly shard: Shard;
  readonly job: Job;
  readonly peers: readonly MessagePort[];
  /** Letters of a level that this thread has not begun yet. */
  early: Letter[];
  level: number;
  /** Threads that have come to the end of the level. */
  ended: number;
  whenEnded: () => void;
}

/** Serves a search as one of its threads, if this is one. */
export function serveCrew(): boolean {
  if (isMainThread) return false;
  const job = workerData as Job;
  const port = present(parentPort, 'a thread has a parent');
  const start = startAt(job.text, job.options);
  assert(start.ok, 'what one thread can begin another can');
  const shard = createShard(start.value, job.limits, job.index, job.peers.length);
  const peers = job.peers.filter((peer) => peer !== null);
  const thread: Thread = { shard, job, peers, early: [], level: -1, ended: 0, whenEnded: () => undefined };
  for (const peer of peers) peer.on('message', (letter: Letter) => receive(thread, letter));
  port.on('message', async (order: Order) => {
    if (order === 'level') port.postMessage(standingOf(shard, await goThrough(thread)));
    else {
      const report = reportOf(shard);
      port.postMessage(report, [report.from.buffer, report.to.buffer, report.move.buffer] as ArrayBuffer[]);
    }
  });
  return true;
}

function receive(thread: Thread, letter: Letter): void {
  if (letter.level > thread.level) thread.early.push(letter);
  else if (letter.batch !== null) takeBatch(thread.shard, letter.batch);
  else if (++thread.ended === thread.peers.length) thread.whenEnded();
}

/** Goes through the next level, and waits for the others; true if there was no time for all of it. */
async function goThrough(thread: Thread): Promise<boolean> {
  const { shard, job, peers } = thread;
  if (++thread.level > 0) beginLevel(shard);
  thread.ended = 0;
  for (const letter of thread.early.splice(0)) receive(thread, letter);
  let late = Date.now() >= job.until;
  while (!late && lookOn(shard, SLICE)) {
    send(thread, LEAST);
    await new Promise(setImmediate);
    late = Date.now() >= job.until;
  }
  send(thread, 0);
  for (const peer of peers) peer.postMessage({ level: thread.level, batch: null } satisfies Letter);
  if (thread.ended < peers.length) {
    await new Promise<void>((resolve) => {
      thread.whenEnded = resolve;
    });
  }
  return late;
}

function send({ shard, job, level }: Thread, least: number): void {
  for (const [to, peer] of job.peers.entries()) {
    const batch = peer === null ? null : batchFor(shard, to, least);
    if (peer === null || batch === null) continue;
    const { states, keys, edges } = batch;
    peer.postMessage({ level, batch } satisfies Letter, [states.buffer, keys.buffer, edges.buffer] as ArrayBuffer[]);
  }
}
