import { focusOf, NOWHERE } from '../draw/focus.ts';
import { typeset } from '../draw/text.ts';
import type { Diagnostic, Engine } from '../engine/contract.ts';
import type { Desk } from './desk.ts';
import type { openingOf } from './opening.ts';
import { type PageState, type PageStore, treeOfMoment } from './state.ts';

/** Why a file was not opened. */
export interface Refusal {
  readonly diagnostics: readonly Diagnostic[];
  /** It is an event log whose run goes otherwise here: it can be opened all the same. */
  readonly differs: boolean;
}

/** More moments than this are no few pictures. */
const MOST_MOMENTS = 60;

/** The actions that take a run away and bring one in. */
export function takingOf(
  engine: Engine,
  store: PageStore,
  desk: Desk,
  opening: Pick<ReturnType<typeof openingOf>, 'showOpened'>,
) {
  return {
    /** The moments that tell the run in a few pictures: where a chapter ends, and where the script says something. */
    keyMoments: async (): Promise<readonly number[]> => {
      const events = store.getState().run?.events ?? 0;
      const moments: number[] = [];
      for (let at = 0; at < events && moments.length < MOST_MOMENTS; ) {
        at = await engine.target(at, 1, 'chapter');
        moments.push(at);
      }
      return moments;
    },
    /** What the page would know at another moment that nobody goes to. */
    stillAt: async (at: number): Promise<PageState> => {
      const moment = await engine.peek(at);
      const still = { ...moment, now: typeset(moment.now) };
      const page = store.getState();
      return {
        ...page,
        ...{ moment: still, touched: new Set(moment.touched), about: treeOfMoment(still), opened: null },
        ...{ selected: null, named: null, focus: focusOf(still, page.messages, NOWHERE), unfolded: new Set() },
      };
    },
    takeAway: engine.takeAway,
    /** What was said between two events. */
    messages: engine.messages,
    /** Opens what a file holds, an event log or a script; one that is refused leaves all as it is. */
    openFile: (text: string, anyway: boolean): Promise<Refusal | null> =>
      new Promise((resolve) => {
        void desk.inTurn(async () => {
          const answer = await engine.open({ file: text, anyway });
          if (answer.ok) await opening.showOpened(answer.value);
          resolve(answer.ok ? null : { diagnostics: answer.diagnostics, differs: answer.differs === true });
        });
      }),
  };
}
