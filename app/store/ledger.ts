import type { PageStore } from './state.ts';

/** Keeps the books of requests: the page is busy while any is outstanding. */
export interface Ledger {
  readonly books: {
    /** Event that was asked for last. */
    asked: number;
    /** Steps that wait their turn. */
    waiting: number;
  };
  /** Does a piece of work that the page is busy with until it ends; none is begun when nobody answers any more. */
  work(job: () => Promise<void>): Promise<void>;
  /** Does it after all that was asked for before. */
  inTurn(job: () => Promise<void>): Promise<void>;
  /** Says that the engine will not answer any more. */
  die(reason: string): void;
}

export function createLedger(store: PageStore): Ledger {
  let outstanding = 0;
  let tail: Promise<unknown> = Promise.resolve();
  const die = (reason: string) => store.setState({ dead: reason, playing: false, busy: false });

  const work = async (job: () => Promise<void>): Promise<void> => {
    if (store.getState().dead !== null) return;
    outstanding += 1;
    if (!store.getState().busy) store.setState({ busy: true });
    try {
      await job();
    } catch (error) {
      die(error instanceof Error ? error.message : String(error));
    }
    outstanding -= 1;
    if (outstanding === 0) store.setState({ busy: false });
  };

  const inTurn = (job: () => Promise<void>): Promise<void> =>
    work(() => {
      const turn = tail.then(job);
      tail = turn.catch(() => undefined);
      return turn;
    });

  return { books: { asked: 0, waiting: 0 }, work, inTurn, die };
}
