import { aimIn } from '../draw/stretch.ts';
import type { Engine, Granularity } from '../engine/contract.ts';
import type { Desk, Host } from './desk.ts';
import { type PageState, type PageStore, stopsOf } from './state.ts';

/** How long a moment stays while playing at speed 1, in ms. */
const DWELL: Record<Granularity, number> = { chapter: 2600, call: 1600, transaction: 1300, step: 800 };
/** Steps that may wait their turn: a key held down must not run on after it is let go. */
const STEPS_WAITING = 32;

/** The actions that go through the run. */
export function movingOf(engine: Engine, store: PageStore, desk: Desk, host: Host) {
  const { seek, step } = walkingOf(engine, store, desk);
  const { play, pause, toggle } = playingOf(store, desk, host, { seek, step });
  return {
    seek,
    play,
    pause,
    /** One step of the chosen granularity; whoever steps no longer plays. */
    step: (direction: 1 | -1) => {
      pause();
      return step(direction);
    },
    toggle,
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
      const moment = await desk.fetch(aim, how);
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

  /** Where a step ends; the next event is found without asking. */
  const targetOf = async (at: number, direction: 1 | -1): Promise<number> => {
    const { granularity, run, stretch } = store.getState();
    const alone = stretch !== null && stretch.only !== null;
    const inRun = () => Math.max(0, Math.min(at + direction, run?.events ?? 0));
    const target = granularity === 'step' || alone ? inRun() : await engine.target(at, direction, granularity);
    return stretch === null ? target : aimIn(stretch, at, target);
  };

  /** While playing, no step goes past a stop: the run rests there. */
  const orStop = async (at: number, target: number): Promise<number> => {
    const stops = stopsOf(store.getState());
    if (!store.getState().playing || stops.length === 0) return target;
    const stop = await engine.stop(stops, at, 1);
    if (stop === null || stop > target) return target;
    store.setState({ playing: false });
    return stop;
  };

  const step = async (direction: 1 | -1): Promise<void> => {
    if (books.waiting >= STEPS_WAITING) return;
    books.waiting += 1;
    await desk.inTurn(async () => {
      how = 'step';
      const at = await orStop(books.asked, await targetOf(books.asked, direction));
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

/** The last moment of what is looked at. */
const endOf = ({ run, stretch }: Pick<PageState, 'run' | 'stretch'>) => stretch?.last ?? run?.events ?? 0;

function playingOf(store: PageStore, desk: Desk, host: Host, { seek, step }: Walking) {
  let performances = 0;
  const atEnd = () => (store.getState().moment?.at ?? 0) >= endOf(store.getState());

  const play = async (): Promise<void> => {
    if (store.getState().playing) return;
    store.setState({ playing: true });
    performances += 1;
    const own = performances;
    const goesOn = () => own === performances && store.getState().playing;
    if (atEnd()) await seek(store.getState().stretch?.first ?? 0);
    else await step(1);
    while (goesOn() && !atEnd()) {
      const { granularity, speed } = store.getState();
      await host.wait(DWELL[granularity] / speed);
      if (goesOn()) await step(1);
    }
    if (goesOn()) rest();
  };
  const pause = () => {
    if (store.getState().playing) store.setState({ playing: false });
  };
  /** Pauses where nothing else follows: what was not told on the way is told now. */
  const rest = () => {
    pause();
    desk.speak();
  };
  return { play, pause, toggle: () => (store.getState().playing ? rest() : play()) };
}
