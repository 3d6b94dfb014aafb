import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Outcome } from '../explore/exploration.ts';
import { outcomeOf } from '../explore/exploration.ts';
import { endOfLevel, merged, type ShardReport, type Standing } from '../explore/merge.ts';
import type { Limits } from '../explore/search.ts';
import type { Start, StartOptions } from '../explore/start.ts';

/** What a thread is told when it starts: its share, and how it speaks with the others. */
export interface Job {
  readonly text: string;
  readonly options: StartOptions;
  readonly limits: Limits;
  readonly index: number;
  /** By number of the thread; null in its own place. */
  readonly peers: readonly (MessagePort | null)[];
  /** When it has to be over, in ms since 1970. */
  readonly until: number;
}

/** level: looks at all of its states of the next level, the first one at first; report: says what it found. */
export type Order = 'level' | 'report';

/** One search by several threads of this process, each with a machine and a share of the states of its own. */
export async function searchTogether(
  job: Pick<Job, 'text' | 'options' | 'limits' | 'until'>,
  start: Start,
  threads: number,
): Promise<Outcome> {
  const crew = startCrew(job, threads);
  try {
    for (;;) {
      const standings = await ask<Standing>(crew, 'level');
      const end = endOfLevel(standings);
      if (end === 'next') continue;
      const reports = await ask<ShardReport>(crew, 'report');
      const stop = standings.find((standing) => standing.stop !== null)?.stop ?? null;
      return outcomeOf(merged(start, job.limits, reports, end), end === 'stopped' ? stop : null);
    }
  } finally {
    await Promise.all(crew.map((worker) => worker.terminate()));
  }
}

function startCrew(job: Pick<Job, 'text' | 'options' | 'limits' | 'until'>, threads: number): Worker[] {
  const ports = Array.from({ length: threads }, (): (MessagePort | null)[] => Array(threads).fill(null));
  for (let one = 0; one < threads; one++) {
    for (let other = one + 1; other < threads; other++) {
      const { port1, port2 } = new MessageChannel();
      (ports[one] as (MessagePort | null)[])[other] = port1;
      (ports[other] as (MessagePort | null)[])[one] = port2;
    }
  }
  return ports.map((peers, index) => {
    const transferList = peers.filter((port) => port !== null);
    return new Worker(new URL(import.meta.url), { workerData: { ...job, index, peers } satisfies Job, transferList });
  });
}

/** Gives an order to all, and waits for the answer of each. One that fails ends the search. */
function ask<Answer>(crew: readonly Worker[], order: Order): Promise<Answer[]> {
  const answers = crew.map(
    (worker) =>
      new Promise<Answer>((resolve, reject) => {
        worker.removeAllListeners();
        worker.once('message', resolve);
        worker.once('error', reject);
      }),
  );
  for (const worker of crew) worker.postMessage(order);
  return Promise.all(answers);
}
