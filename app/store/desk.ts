import { keysIn } from '../draw/columns.ts';
import { focusOf } from '../draw/focus.ts';
import { typeset } from '../draw/text.ts';
import type { Engine, InspectionView, MessageView, Moment } from '../engine/contract.ts';
import { words } from '../words.ts';
import { createHearing } from './hearing.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { keepEqual } from './share.ts';
import { type PageStore, treeOfMoment, watchedIn } from './state.ts';

/** Keys of one event that the inspector tries when it follows the moment. */
const KEYS_TRIED = 4;
/** While playing a screen reader is told no more than one moment in this time, in ms, but of every fault. */
const SPEECH_PAUSE = 1500;

/** What the page needs from the world around it. */
export interface Host {
  /** Resolves after so many ms. */
  wait(ms: number): Promise<void>;
  /** Time since some start, in ms. */
  now(): number;
}

/** Keeps the books of requests: what was asked for last, and whether anything is still outstanding. */
export interface Desk extends Ledger {
  /** Asks for an event and all that is shown beside it, and shows that at once; null if a later question overtook it. */
  fetch(at: number, how: 'step' | 'jump'): Promise<Moment | null>;
  /** Makes a moment that has come with an answer the one that is shown. */
  accept(moment: Moment, how: 'step' | 'jump'): Promise<void>;
  /** Asks for what the inspector shows now. */
  inspect(): Promise<void>;
  /** Tells a screen reader of the moment that is shown. */
  speak(): void;
}

export function createDesk(engine: Engine, store: PageStore, host: Host): Desk {
  const inspector = inspectorOf(engine, store);
  const narrator = narratorOf(store, host);
  const hear = createHearing(engine, store);

  const show = async (next: Moment, how: 'step' | 'jump', heard: Promise<readonly MessageView[]>): Promise<void> => {
    const look = inspector.lookAt(next);
    const { watches, scheduling } = store.getState();
    const asked = scheduling ? engine.moves() : null;
    const watching = watches.length === 0 ? [] : engine.watch(...watchedIn(store.getState()));
    const [messages, found, watched, moves] = await Promise.all([heard, look.found, watching, asked]);
    const { moment: old, moves: oldMoves, inspection, about, focus } = store.getState();
    const moment = keepEqual(old, { ...next, now: typeset(next.now) });
    store.setState({
      moment,
      touched: new Set(moment.touched),
      concerned: new Set(moment.concerned),
      stepped: how === 'step',
      about: treeOfMoment(moment) ?? about,
      focus: keepEqual(focus, focusOf(moment, messages, focus)),
      spoken: narrator.spokenAt(moment),
      messages,
      watched,
      moves: keepEqual(oldMoves, typeset(moves)),
      pickRefused: null,
      noStop: null,
      ...(look.isLast() && { inspection: keepEqual(inspection, found) }),
    });
    // Somebody picked another thing meanwhile, perhaps by what the moment before was about.
    if (!look.isLast()) await inspector.inspect();
  };

  const fetch = async (at: number, how: 'step' | 'jump'): Promise<Moment | null> => {
    const heard = hear(at);
    const moment = await engine.seek(at);
    if (moment === null) await heard;
    else await show(moment, how, heard);
    return moment;
  };

  return {
    ...createLedger(store),
    fetch,
    accept: (moment, how) => show(moment, how, hear(moment.at)),
    inspect: inspector.inspect,
    speak: narrator.speak,
  };
}

/** What a screen reader is told: every step of a person, and while playing as much as can be listened to. */
function narratorOf(store: PageStore, host: Host) {
  let last = Number.NEGATIVE_INFINITY;
  const told = (moment: Moment): string => {
    last = host.now();
    return words.now.spoken(moment.at, moment.now);
  };
  return {
    spokenAt: (moment: Moment): string => {
      const { playing, spoken } = store.getState();
      const hush = playing && !moment.now.fault && host.now() - last < SPEECH_PAUSE;
      return hush ? spoken : told(moment);
    },
    speak: () => {
      const { moment } = store.getState();
      if (moment !== null) store.setState({ spoken: told(moment) });
    },
  };
}

/** Finds what the inspector shows: the picked thing, or else what a moment has changed. */
function inspectorOf(engine: Engine, store: PageStore) {
  let serial = 0;

  const firstOf = async (keys: readonly string[], isLast: () => boolean): Promise<InspectionView | null> => {
    if (keys.length === 0) return null;
    const found = await engine.inspect(...keys);
    return isLast() ? typeset(found) : null;
  };

  /** Looks at the picked thing or at what the moment has changed; a later look makes this one worthless. */
  const lookAt = (moment: Moment | null) => {
    serial += 1;
    const own = serial;
    const isLast = () => own === serial;
    const { selected, inspection } = store.getState();
    const followed = [
      ...(moment === null ? [] : tellingKeys(moment)),
      ...(inspection === null ? [] : [inspection.key]),
    ];
    return { isLast, found: firstOf(selected === null ? followed : [selected], isLast) };
  };

  const inspect = async (): Promise<void> => {
    const { found, isLast } = lookAt(store.getState().moment);
    const next = await found;
    if (isLast()) store.setState(({ inspection }) => ({ inspection: keepEqual(inspection, next) }));
  };
  return { lookAt, inspect };
}

/** The few keys of an event that say most: things that are drawn before others, actors last. */
export function tellingKeys({ touched, view }: Pick<Moment, 'touched' | 'view'>): readonly string[] {
  const drawn = keysIn(view);
  const rank = (key: string) => (key.startsWith('actor/') ? 2 : drawn.has(key) ? 0 : 1);
  return [...touched].sort((one, other) => rank(one) - rank(other)).slice(0, KEYS_TRIED);
}
