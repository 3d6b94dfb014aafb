import type { Stretch } from '../draw/stretch.ts';
import type { Engine } from '../engine/contract.ts';
import type { Desk } from './desk.ts';
import type { PageState, PageStore } from './state.ts';

/** The moments at which the chapter of a moment begins and ends. */
function chapterAt({ run, moment }: Pick<PageState, 'run' | 'moment'>): Pick<Stretch, 'first' | 'last'> {
  const [at, events] = [moment?.at ?? 0, run?.events ?? 0];
  const begins = [0, ...(run?.chapters ?? []).map(({ event }) => event), events];
  const first = begins.findLast((event) => event < Math.max(1, at)) ?? 0;
  return { first, last: begins.find((event) => event > first) ?? events };
}

/** The actions that narrow the timeline, the chart and the table to a part of the run. */
export function stretchingOf(engine: Engine, store: PageStore, desk: Desk) {
  const narrow = (stretch: Stretch | null) =>
    desk.inTurn(async () => {
      store.setState({ stretch });
      const at = store.getState().moment?.at ?? 0;
      const inside = stretch === null ? at : Math.max(stretch.first, Math.min(at, stretch.last));
      desk.books.asked = inside;
      await desk.fetch(inside, 'jump');
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
      const only = await engine.causes(at);
      await narrow({ first: (only[0] ?? 1) - 1, last: at, only });
    },
    showAll: () => narrow(null),
  };
}
