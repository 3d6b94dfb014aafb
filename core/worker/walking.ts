import type { Limits } from '../explore/search.ts';
import { type Start, startAt } from '../explore/start.ts';
import {
  beginWalk,
  bytesOfWalker,
  createWalker,
  endWalk,
  type Walked,
  type Walker,
  type WalkPlan,
  walkOn,
} from '../explore/walker.ts';
import { countWalk, createWalks, type Walks } from '../explore/walks.ts';
import { assert } from '../lib/assert.ts';
import type { CrewPort, Incoming, Job, Line } from './crew.ts';

/** Walks to walk, the last one excluded, and how long one is taken to be. */
interface Batch {
  readonly from: number;
  readonly to: number;
  readonly moves: number;
}

/** What one walker has walked. */
interface Report {
  readonly walked: readonly Walked[];
  readonly bytes: number;
  /** It was stopped, or its time is over. */
  readonly late: boolean;
}

/** Moves between two looks at what others have sent. */
const SLICE = 1_000;
const BATCH = 8;

/** Serves random walks as one of their walkers: they need nothing of one another. */
export function joinWalkers(
  job: Job,
  plan: WalkPlan,
  { leader, peers }: Line<CrewPort>,
  pause: () => Promise<void>,
): void {
  const start = startAt(job.text, job.options);
  assert(start.ok, 'what one worker can begin another can');
  const { states, bytes } = job.limits;
  const walker = createWalker(start.value, plan, { states, bytes: bytes / peers.length });
  let isStopped = false;
  const isLate = (): boolean => isStopped || Date.now() >= job.until;
  leader.onmessage = async ({ data }: Incoming) => {
    if (data === 'stop') isStopped = true;
    else {
      const walked = await walkAll(walker, data as Batch, isLate, pause);
      const report: Report = { walked, bytes: bytesOfWalker(walker), late: isLate() };
      leader.postMessage(report, []);
    }
  };
}

/** Walks a batch, or as much of it as there is time for; nothing after a walk that reached a limit or broke something. */
async function walkAll(
  walker: Walker,
  { from, to, moves }: Batch,
  isLate: () => boolean,
  pause: () => Promise<void>,
): Promise<Walked[]> {
  const all: Walked[] = [];
  for (let walk = from; walk < to && !isLate(); walk++) {
    beginWalk(walker, walk, moves);
    let walked = walkOn(walker, SLICE);
    while (walked === null && !isLate()) {
      await pause();
      walked = walkOn(walker, SLICE);
    }
    walked ??= endWalk(walker, 'late');
    all.push(walked);
    if (walked.left !== null || walked.flaw !== null) break;
    await pause();
  }
  return all;
}

/** Hands walks out, the first one alone, and counts them in their order. */
export async function leadWalkers(
  ports: readonly CrewPort[],
  start: Start,
  limits: Limits,
  plan: WalkPlan,
  hear: (walks: Walks) => void,
): Promise<Walks> {
  const walks = createWalks(start, plan, limits);
  const waiting = new Map<number, Walked>();
  const bytes = ports.map(() => 0);
  let [given, isLate] = [0, false];
  const isOver = (): boolean => isLate || walks.state !== 'searching' || given === plan.walks;
  /** One walker, until there is nothing more to walk. */
  const lead = async (port: CrewPort, index: number, most: number): Promise<void> => {
    while (!isOver() && given < most) {
      const from = given;
      given = Math.min(from + BATCH, most, plan.walks);
      const report = await ask(port, { from, to: given, moves: walks.moves });
      isLate ||= report.late;
      bytes[index] = report.bytes;
      for (const walked of report.walked) waiting.set(walked.walk, walked);
      walks.elsewhere = bytes.reduce((sum, each) => sum + each, 0);
      countNext(walks, waiting);
      if (walks.state !== 'searching') for (const each of ports) each.postMessage('stop', []);
      hear(walks);
    }
  };
  await lead(ports[0] as CrewPort, 0, 1);
  await Promise.all(ports.map((port, index) => lead(port, index, plan.walks)));
  // What ended early has left gaps: what was walked counts all the same.
  for (const walk of [...waiting.keys()].sort((one, other) => one - other)) take(walks, waiting, walk);
  return walks;
}

function countNext(walks: Walks, waiting: Map<number, Walked>): void {
  while (walks.state === 'searching' && waiting.has(walks.begun)) take(walks, waiting, walks.begun);
}

function take(walks: Walks, waiting: Map<number, Walked>, walk: number): void {
  const walked = waiting.get(walk);
  waiting.delete(walk);
  if (walked !== undefined && walks.state === 'searching') countWalk(walks, walked);
}

const ask = (port: CrewPort, batch: Batch): Promise<Report> =>
  new Promise((resolve) => {
    port.onmessage = ({ data }: Incoming) => resolve(data as Report);
    port.postMessage(batch, []);
  });
