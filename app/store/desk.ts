import type { Engine, Moment } from '../engine/contract.ts';
import { words } from '../words.ts';
import { keepEqual } from './share.ts';
import { mmOfMoment, type PageStore } from './state.ts';

/** How far around the moment messages are asked for: more than a screen of them. */
const MESSAGES_BEFORE = 120;
const MESSAGES_AFTER = 40;
/** Keys of one event that the inspector tries when it follows the moment. */
const KEYS_TRIED = 4;

/** Keeps the books of requests: what was asked for last, and whether anything is still outstanding. */
export interface Desk extends Ledger {
  /** Makes a moment the one that is shown. */
  accept(moment: Moment, how: 'step' | 'jump'): Promise<void>;
  /** Asks for what the inspector shows now. */
  inspect(): Promise<void>;
}

export function createDesk(engine: Engine, store: PageStore): Desk {
  const inspect = inspectorOf(engine, store);

  const hear = async (at: number): Promise<void> => {
    const messages = await engine.messages(Math.max(0, at - MESSAGES_BEFORE), at + MESSAGES_AFTER);
    if (store.getState().moment?.at === at) store.setState((old) => ({ messages: keepEqual(old.messages, messages) }));
  };

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

  return { ...createLedger(store), accept, inspect };
}

interface Ledger {
  readonly books: {
    /** Event that was asked for last. */
    asked: number;
    /** Steps that wait their turn. */
    waiting: number;
  };
  /** Does a piece of work that the page is busy with until it ends. */
  work(job: () => Promise<void>): Promise<void>;
  /** Does it after all that was asked for before. */
  inTurn(job: () => Promise<void>): Promise<void>;
  /** Says that the engine will not answer any more. */
  die(reason: string): void;
}

function createLedger(store: PageStore): Ledger {
  let outstanding = 0;
  let tail: Promise<unknown> = Promise.resolve();
  const die = (reason: string) => store.setState({ dead: reason, playing: false, busy: false });

  const work = async (job: () => Promise<void>): Promise<void> => {
    outstanding += 1;
    store.setState({ busy: true });
    try {
      await job();
    } catch (error) {
      die(error instanceof Error ? error.message : String(error));
    }
    outstanding -= 1;
    if (outstanding === 0) store.setState({ busy: false });
  };

  const inTurn = (job: () => Promise<void>): Promise<void> => {
    const turn = tail.then(job);
    tail = turn.catch(() => undefined);
    return work(() => turn);
  };

  return { books: { asked: 0, waiting: 0 }, work, inTurn, die };
}

/** Fills the inspector with the picked thing, or else with what the moment has changed. */
function inspectorOf(engine: Engine, store: PageStore): () => Promise<void> {
  let serial = 0;
  return async () => {
    serial += 1;
    const own = serial;
    const { selected, inspection, moment } = store.getState();
    const followed = [
      ...(moment === null ? [] : tellingKeys(moment)),
      ...(inspection === null ? [] : [inspection.key]),
    ];
    for (const key of selected === null ? followed : [selected]) {
      const found = await engine.inspect(key);
      if (own !== serial) return;
      if (found !== null) return store.setState({ inspection: keepEqual(inspection, found) });
    }
    store.setState({ inspection: null });
  };
}

/** The few keys of an event that say most: things that are drawn before others, actors last. */
export function tellingKeys({ touched, view }: Pick<Moment, 'touched' | 'view'>): readonly string[] {
  const drawn = keysIn(view);
  const rank = (key: string) => (key.startsWith('actor/') ? 2 : drawn.has(key) ? 0 : 1);
  return [...touched].sort((one, other) => rank(one) - rank(other)).slice(0, KEYS_TRIED);
}

/** Every key in a view. */
function keysIn(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return found;
  if ('key' in value && typeof value.key === 'string') found.add(value.key);
  for (const part of Object.values(value)) keysIn(part, found);
  return found;
}
