import type { Outcome } from '../explore/exploration.ts';
import type { SearchState } from '../explore/search.ts';
import type { Start } from '../explore/start.ts';
import { type Job, joinCrew, type Line } from './crew.ts';
import { connect } from './crew-leader.ts';
import { lead, NOTHING_REACHED, type Reached } from './leading.ts';

/** Starts a worker with each of these seats; `fail` hears why one will not go on. The answer ends them all. */
export type Hire = (seats: readonly Seat[], fail: (reason: Error) => void) => () => void;

/** What one worker of a search is told when it starts. */
export interface Seat {
  readonly job: Job;
  readonly line: Line<MessagePort>;
}

/** A search or random walks by several workers, under way. */
export interface Together {
  state(): SearchState;
  reached(): Reached;
  /** Lets them search on for so many milliseconds, or until it is over. */
  wait(milliseconds: number): Promise<void>;
  /** What came of it; one that is still under way is ended. */
  outcome(): Promise<Outcome>;
}

export function exploreTogether(hire: Hire, job: Omit<Job, 'index'>, start: Start, workers: number): Together {
  const { lines, ports } = connect(workers, () => new MessageChannel());
  let [state, isEnded]: [SearchState, boolean] = ['searching', false];
  let reached: Reached = { ...NOTHING_REACHED, walks: job.walks === null ? null : 0 };
  let fail: (reason: Error) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  const dismiss = hire(
    lines.map((line, index) => ({ job: { ...job, index }, line })),
    fail,
  );
  const hear = (heard: Reached): void => {
    reached = heard;
  };
  const over = Promise.race([lead(ports, start, job, hear), failed]).then((led) => {
    dismiss();
    const isOver = !isEnded || led.state !== 'stopped';
    if (isOver) state = led.state;
    return led.outcome(isOver ? led.stop : null);
  });
  over.catch(() => undefined);
  return {
    state: () => state,
    reached: () => reached,
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
