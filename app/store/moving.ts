import type { Engine, Granularity } from '../engine/contract.ts';
import type { Desk } from './desk.ts';
import type { PageStore } from './state.ts';

/** How long a moment stays while playing at speed 1, in ms. */
const DWELL: Record<Granularity, number> = { chapter: 2600, call: 1600, transaction: 1300, step: 800 };
/** Steps that may wait their turn: a key held down must not run on after it is let go. */
const STEPS_WAITING = 32;

/** What the page needs from the world around it. */
export interface Host {
  /** Resolves after so many ms. */
  wait(ms: number): Promise<void>;
}

/** The actions that go through the run. */
export function movingOf(engine: Engine, store: PageStore, desk: Desk, host: Host) {
  const { seek, step } = walkingOf(engine, store, desk);
  const { play, pause } = playingOf(store, host, { seek, step });
  return {
    seek,
    play,
    pause,
    /** One step of the chosen granularity; whoever steps no longer plays. */
    step: (direction: 1 | -1) => {
      pause();
      return step(direction);
    },
    toggle: () => (store.getState().playing ? pause() : play()),
  };
}

interface Walking {
  /** Goes to an event. */
  seek(at: number): Promise<void>;
  step(direction: 1 | -1): Promise<void>;
}

function walkingOf(engine: Engine, store: PageStore, desk: Desk): Walking {
  const { books } = desk;
  let how: 'step' | 'jump' = 'jump';
  let seeking: Promise<void> | null = null;

  const chase = async (): Promise<void> => {
    let aim = books.asked;
    do {
      aim = books.asked;
      const moment = await engine.seek(aim);
      if (moment !== null) await desk.accept(moment, how);
      if (aim === books.asked) books.asked = aim = moment?.at ?? aim;
    } while (aim !== books.asked);
    seeking = null;
  };

  /** Shows a moment; of several asked for at once only the last is sure to be shown. */
  const show = (at: number): Promise<void> => {
    books.asked = at;
    seeking ??= chase();
    return seeking;
  };

  const step = async (direction: 1 | -1): Promise<void> => {
    if (books.waiting >= STEPS_WAITING) return;
    books.waiting += 1;
    await desk.inTurn(async () => {
      how = 'step';
      const at = await engine.target(books.asked, direction, store.getState().granularity);
      if (at !== books.asked) await show(at);
    });
    books.waiting -= 1;
  };

  const seek = (at: number) => {
    how = 'jump';
    return desk.work(() => show(at));
  };
  return { seek, step };
}

function playingOf(store: PageStore, host: Host, { seek, step }: Walking) {
  let performances = 0;
  const atEnd = () => (store.getState().moment?.at ?? 0) >= (store.getState().run?.events ?? 0);

  const play = async (): Promise<void> => {
    if (store.getState().playing) return;
    store.setState({ playing: true });
    performances += 1;
    const own = performances;
    const goesOn = () => own === performances && store.getState().playing;
    if (atEnd()) await seek(0);
    else await step(1);
    while (goesOn() && !atEnd()) {
      const { granularity, speed } = store.getState();
      await host.wait(DWELL[granularity] / speed);
      if (goesOn()) await step(1);
    }
    if (goesOn()) store.setState({ playing: false });
  };
  const pause = () => store.setState({ playing: false });
  return { play, pause };
}
