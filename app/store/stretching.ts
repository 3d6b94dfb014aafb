import { insideOf, type Stretch } from '../draw/stretch.ts';
import type { Engine } from '../engine/contract.ts';
import type { AskedFocus } from '../link-focus.ts';
import { words } from '../words.ts';
import { undoably } from './arranging.ts';
import type { Desk } from './desk.ts';
import type { PageState, PageStore } from './state.ts';

/** The moments at which the chapter of a moment begins and ends. */
function chapterAt({ run, moment }: Pick<PageState, 'run' | 'moment'>): Pick<Stretch, 'first' | 'last'> {
  const [at, events] = [moment?.at ?? 0, run?.events ?? 0];
  const begins = [0, ...(run?.chapters ?? []).map(({ event }) => event), events];
  const first = begins.findLast((event) => event < Math.max(1, at)) ?? 0;
  return { first, last: begins.find((event) => event > first) ?? events };
}

const stretchTo = (last: number, only: readonly number[]): Stretch => ({ first: (only[0] ?? 1) - 1, last, only });

/** The actions that narrow all that is told of the run to a part of it. */
export function stretchingOf(engine: Engine, store: PageStore, desk: Desk, tell: (texts: readonly string[]) => void) {
  const narrow = (stretch: Stretch | null, by: 'person' | 'link' = 'person') =>
    desk.inTurn(async () => {
      store.setState((page) => (by === 'link' ? { stretch } : undoably(page, { stretch })));
      desk.books.asked = insideOf(stretch, store.getState().moment?.at ?? 0);
      await desk.fetch(desk.books.asked, 'jump');
    });
  return {
    /** Looks at the events between two moments alone, in whichever order they are given. */
    focusOn: (one: number, other: number) =>
      one === other
        ? Promise.resolve()
        : narrow({ first: Math.min(one, other), last: Math.max(one, other), only: null }),
    /** Looks at the chapter of the moment alone, or else at the whole run again. */
    toggleFocus: () => {
      const state = store.getState();
      return narrow(state.stretch === null ? { ...chapterAt(state), only: null } : null);
    },
    /** Looks at what led to the event of the moment alone. */
    focusOnCauses: async () => {
      const at = store.getState().moment?.at ?? 0;
      if (at === 0) return;
      await narrow(stretchTo(at, await engine.causes(at)));
    },
    showAll: () => narrow(null),
    /** The moment at which the step of the chosen granularity began that leads to another. */
    stepBegin: async (at: number): Promise<number> => {
      const { granularity } = store.getState();
      return granularity === 'step' ? at - 1 : engine.target(at, -1, granularity);
    },
    /** Looks at what a link asks for, or says that this run has no such part. */
    focusAsked: async (asked: AskedFocus) => {
      const events = store.getState().run?.events ?? 0;
      const last = 'causes' in asked ? asked.causes : asked.last;
      if (last > events) return tell([words.stretch.gone(asked, events)]);
      if (!('causes' in asked)) return narrow({ ...asked, only: null }, 'link');
      await narrow(stretchTo(last, await engine.causes(last)), 'link');
    },
  };
}
