import { isMainThread, MessageChannel, type MessagePort, Worker, workerData } from 'node:worker_threads';
import type { Outcome } from '../explore/exploration.ts';
import type { Start } from '../explore/start.ts';
import { type CrewPort, type Job, joinCrew, type Line } from '../worker/crew.ts';
import { connect } from '../worker/crew-leader.ts';
import { lead, NOTHING_REACHED, type Reached } from '../worker/leading.ts';

interface Seat {
  readonly job: Job;
  readonly line: Line<MessagePort>;
}

/** Hears how far they have come; true ends them. */
export type Listener = (reached: Reached) => boolean;

/** Milliseconds between two times that it is asked. */
const BETWEEN = 200;

/**
 * One search, or random walks, by several threads of this process, each with a machine of its own. One that fails ends the search; so
 * does whoever listens, who gets what was covered.
 */
export async function exploreTogether(
  job: Omit<Job, 'index'>,
  start: Start,
  threads: number,
  listen: Listener = () => false,
): Promise<Outcome> {
  const { lines, ports } = connect(threads, () => new MessageChannel());
  const crew = lines.map((line, index) => {
    const transferList = [line.leader, ...line.peers.filter((port) => port !== null)];
    const seat: Seat = { job: { ...job, index }, line };
    return new Worker(new URL(import.meta.url), { workerData: seat, transferList });
  });
  const failed = new Promise<never>((_resolve, reject) => {
    for (const worker of crew) worker.once('error', reject);
  });
  let [reached, isEnded]: [Reached, boolean] = [NOTHING_REACHED, false];
  const hear = (heard: Reached): void => {
    reached = heard;
  };
  const listening = setInterval(() => {
    if (isEnded || !listen(reached)) return;
    isEnded = true;
    for (const port of ports) port.postMessage('stop');
  }, BETWEEN);
  try {
    const led = await Promise.race([lead(ports as unknown as CrewPort[], start, job, hear), failed]);
    return led.outcome(isEnded && led.state === 'stopped' ? null : led.stop);
  } finally {
    clearInterval(listening);
    for (const port of ports) port.close();
    await Promise.all(crew.map((worker) => worker.terminate()));
  }
}

/** Serves a search as one of its threads, if this is one. */
export function serveCrew(): boolean {
  if (isMainThread) return false;
  const { job, line } = workerData as Seat;
  joinCrew(job, line as unknown as Line<CrewPort>, () => new Promise(setImmediate));
  return true;
}
