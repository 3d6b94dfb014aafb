import type { Engine, Granularity, Moment, Opened, Source } from '../engine/contract.ts';
import { FIRST } from '../link.ts';
import { words } from '../words.ts';
import { consoleOf } from './console.ts';
import { keepEqual } from './share.ts';
import { mmOfMoment, type PageStore, type Panel } from './state.ts';

/** How long a moment stays while playing at speed 1, in ms. */
const DWELL: Record<Granularity, number> = { chapter: 2600, call: 1600, transaction: 1300, step: 800 };
/** Steps that may wait their turn: a key held down must not run on after it is let go. */
const STEPS_WAITING = 32;
/** How far around the moment messages are asked for: more than a screen of them. */
const MESSAGES_BEFORE = 120;
const MESSAGES_AFTER = 40;
/** Keys of one event that the inspector tries when it follows the moment. */
const KEYS_TRIED = 4;

/** What the page needs from the world around it. */
export interface Host {
  /** Resolves after so many ms. */
  wait(ms: number): Promise<void>;
}

export type Actions = ReturnType<typeof createActions>;

/** What a person can do, over an engine. Every action leaves the store telling what is shown and whether more is to come. */
export function createActions(engine: Engine, store: PageStore, host: Host) {
  const desk = createDesk(engine, store);
  return {
    ...openingOf(engine, store, desk),
    ...movingOf(engine, store, desk, host),
    ...consoleOf(engine, store, desk),
    /** Inspects a thing; null lets the inspector follow the moment. */
    select: (selected: string | null) => {
      store.setState({ selected });
      return desk.work(desk.inspect);
    },
    openTree: (mm: number) => store.setState(({ about }) => ({ opened: { mm, during: about } })),
    showPanel: (panel: Panel) => store.setState({ panel }),
    setGranularity: (granularity: Granularity) => store.setState({ granularity }),
    setSpeed: (speed: number) => store.setState({ speed }),
    dismiss: (id: number) => store.setState(({ notices }) => ({ notices: notices.filter((one) => one.id !== id) })),
    /** Says that the engine will not answer any more. */
    die: desk.die,
  };
}

export type Desk = ReturnType<typeof createDesk>;

/** Keeps the books of requests: what was asked for last, and whether anything is still outstanding. */
function createDesk(engine: Engine, store: PageStore) {
  let outstanding = 0;
  let inspections = 0;
  let tail: Promise<unknown> = Promise.resolve();
  const books = { asked: 0, waiting: 0, notices: 0 };

  const die = (reason: string) => store.setState({ dead: reason, playing: false, busy: false });

  /** Does a piece of work that the page is busy with until it ends. */
  const work = async (job: () => Promise<void>): Promise<void> => {
    outstanding += 1;
    store.setState({ busy: true });
    try {
      await job();
    } catch (error) {
      die(String(error));
    }
    outstanding -= 1;
    if (outstanding === 0) store.setState({ busy: false });
  };

  /** Does it after all that was asked for before. */
  const inTurn = (job: () => Promise<void>) => {
    const turn = tail.then(job);
    tail = turn.catch(() => undefined);
    return work(() => turn);
  };

  const inspect = async (): Promise<void> => {
    inspections += 1;
    const own = inspections;
    const { selected, touched, inspection } = store.getState();
    const followed = [...[...touched].slice(0, KEYS_TRIED), ...(inspection === null ? [] : [inspection.key])];
    for (const key of selected === null ? followed : [selected]) {
      const found = await engine.inspect(key);
      if (own !== inspections) return;
      if (found !== null) return store.setState({ inspection: keepEqual(inspection, found) });
    }
    store.setState({ inspection: null });
  };

  const hear = async (at: number): Promise<void> => {
    const messages = await engine.messages(Math.max(0, at - MESSAGES_BEFORE), at + MESSAGES_AFTER);
    if (store.getState().moment?.at === at) store.setState((old) => ({ messages: keepEqual(old.messages, messages) }));
  };

  /** Makes a moment the one that is shown. */
  const accept = async (next: Moment, how: 'step' | 'jump'): Promise<void> => {
    const { moment: old, playing, about, spoken } = store.getState();
    const moment = keepEqual(old, next);
    store.setState({
      moment,
      touched: new Set(moment.touched),
      stepped: how === 'step',
      about: mmOfMoment(moment) ?? about,
      spoken: playing ? spoken : words.now.spoken(moment.at, moment.now.sentence),
    });
    await Promise.all([hear(moment.at), inspect()]);
  };

  /** Tells the person something that does not stop the page. */
  const tell = (texts: readonly string[]) => {
    const fresh = texts.map((text) => ({ id: books.notices++, text }));
    store.setState(({ notices }) => ({ notices: [...notices, ...fresh] }));
  };

  return { books, work, inTurn, inspect, accept, tell, die };
}

function openingOf(engine: Engine, store: PageStore, desk: Desk) {
  const show = async ({ run, moment, notices }: Opened): Promise<void> => {
    desk.books.asked = moment.at;
    const fresh = { run, playing: false, selected: null, inspection: null, messages: [], lines: [] };
    store.setState({ ...fresh, moment: null, about: null, opened: null });
    desk.tell(notices);
    await desk.accept(moment, 'jump');
  };

  /** Opens a run; what cannot be opened is told, and leaves the run that is there, or else gives the first scenario. */
  const openNow = async (source: Source): Promise<void> => {
    const answer = await engine.open(source);
    if (answer.ok) return show(answer.value);
    desk.tell(answer.diagnostics.map(words.link.located));
    if (store.getState().run !== null) return;
    desk.tell([words.link.fallback]);
    const fallback = await engine.open(FIRST);
    if (fallback.ok) await show(fallback.value);
    else desk.die(fallback.diagnostics.map(words.link.located).join(' '));
  };

  return {
    /** Opens what a link asks for, as far as it was understood. */
    start: (source: Source, problems: readonly string[]) =>
      desk.inTurn(async () => {
        store.setState({ scenarios: await engine.scenarios() });
        desk.tell(problems);
        await openNow(source);
      }),
    open: (source: Source) => desk.inTurn(() => openNow(source)),
  };
}

function movingOf(engine: Engine, store: PageStore, desk: Desk, host: Host) {
  const { books } = desk;
  let how: 'step' | 'jump' = 'jump';
  let seeking: Promise<void> | null = null;
  let performance = 0;

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

  const stepNow = (direction: 1 | -1) => async (): Promise<void> => {
    how = 'step';
    const at = await engine.target(books.asked, direction, store.getState().granularity);
    if (at !== books.asked) await show(at);
  };

  const step = async (direction: 1 | -1): Promise<void> => {
    if (books.waiting >= STEPS_WAITING) return;
    books.waiting += 1;
    await desk.inTurn(stepNow(direction));
    books.waiting -= 1;
  };

  const seek = (at: number) => {
    how = 'jump';
    return desk.work(() => show(at));
  };

  const atEnd = () => (store.getState().moment?.at ?? 0) >= (store.getState().run?.events ?? 0);

  const play = async (): Promise<void> => {
    if (store.getState().playing) return;
    store.setState({ playing: true });
    performance += 1;
    const own = performance;
    const goesOn = () => own === performance && store.getState().playing;
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
