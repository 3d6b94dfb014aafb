import { type Outcome, outcomeOf } from '../explore/exploration.ts';
import type { Standing } from '../explore/merge.ts';
import type { SearchState } from '../explore/search.ts';
import type { Start } from '../explore/start.ts';
import { type Job, joinCrew, type Line } from './crew.ts';
import { connect, leadCrew } from './crew-leader.ts';

/** Starts a worker with each of these seats; `fail` hears why one will not go on. The answer ends them all. */
export type Hire = (seats: readonly Seat[], fail: (reason: Error) => void) => () => void;

/** What one worker of a search is told when it starts. */
export interface Seat {
  readonly job: Job;
  readonly line: Line<MessagePort>;
}

/** A search by several workers, under way. */
export interface Together {
  state(): SearchState;
  standing(): Pick<Standing, 'states' | 'transitions' | 'bytes'> & { readonly depth: number; readonly left: number };
  /** Lets them search on for so many milliseconds, or until it is over. */
  wait(milliseconds: number): Promise<void>;
  /** What came of it; one that is still under way is ended. */
  outcome(): Promise<Outcome>;
}

export function searchTogether(hire: Hire, job: Omit<Job, 'index'>, start: Start, workers: number): Together {
  const { lines, ports } = connect(workers, () => new MessageChannel());
  let [state, isEnded, depth]: [SearchState, boolean, number] = ['searching', false, 0];
  let standings: readonly Standing[] = [];
  let fail: (reason: Error) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  const dismiss = hire(
    lines.map((line, index) => ({ job: { ...job, index }, line })),
    fail,
  );
  const hear = (heard: readonly Standing[]): void => {
    standings = heard;
    depth = Math.max(...heard.map((each) => each.depth));
  };
  const over = Promise.race([leadCrew(ports, start, job.limits, hear), failed]).then(({ search, stop }) => {
    dismiss();
    const isOver = !isEnded || search.state !== 'stopped';
    if (isOver) state = search.state;
    return outcomeOf(search, isOver ? stop : null);
  });
  over.catch(() => undefined);
  const sumOf = (of: (standing: Standing) => number): number => standings.reduce((sum, each) => sum + of(each), 0);
  return {
    state: () => state,
    standing: () => {
      const [states, transitions] = [sumOf((each) => each.states), sumOf((each) => each.transitions)];
      return { states, transitions, bytes: sumOf((each) => each.bytes), depth, left: sumOf(({ found }) => found) };
    },
    wait: async (milliseconds) => {
      await Promise.race([over, new Promise((resolve) => setTimeout(resolve, milliseconds))]);
    },
    outcome: async () => {
      isEnded = state === 'searching';
      for (const port of ports) port.postMessage('stop');
      return over;
    },
  };
}

/** Lets all that has come in be heard before what is said next. */
export function turnOfEvents(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return () =>
    new Promise((resolve) => {
      port1.onmessage = () => resolve();
      port2.postMessage(null);
    });
}

/** Workers that take turns in the thread that asks, for a page that may start no others. */
export const hireNobody: Hire = (seats) => {
  for (const { job, line } of seats) joinCrew(job, line, turnOfEvents());
  return () => undefined;
};
