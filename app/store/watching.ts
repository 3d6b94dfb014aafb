import { isIn } from '../draw/stretch.ts';
import type { Engine, WatchView } from '../engine/contract.ts';
import { undoably } from './arranging.ts';
import type { Desk } from './desk.ts';
import { type PageStore, stopsOf, watchedIn } from './state.ts';

/** The actions on watches, and on the stops that some of them are. */
export function watchingOf(engine: Engine, store: PageStore, desk: Desk, seek: (at: number) => Promise<void>) {
  const look = async () => {
    const watched = await engine.watch(...watchedIn(store.getState()));
    store.setState({ watched });
  };
  return {
    /** Watches an expression from now on; one that cannot be read is not added, and the answer says what is wrong. */
    addWatch: async (given: string): Promise<WatchView['problem']> => {
      const text = given.trim();
      let problem: WatchView['problem'] = null;
      await desk.inTurn(async () => {
        const [view] = await engine.watch([text]);
        problem = view?.problem ?? null;
        const known = store.getState().watches.some((watch) => watch.text === text);
        if (problem !== null || known) return;
        store.setState((page) => undoably(page, { watches: [...page.watches, { text, stops: false }] }));
        await look();
      });
      return problem;
    },
    removeWatch: (text: string) =>
      desk.inTurn(async () => {
        store.setState((page) => undoably(page, { watches: page.watches.filter((watch) => watch.text !== text) }));
        await look();
      }),
    toggleStop: (text: string) =>
      store.setState((page) => ({
        noStop: null,
        ...undoably(page, {
          watches: page.watches.map((watch) => (watch.text === text ? { text, stops: !watch.stops } : watch)),
        }),
      })),
    /** Goes to the nearest event at which a watch stops. */
    runToStop: (direction: 1 | -1) =>
      desk.inTurn(async () => {
        store.setState({ playing: false, noStop: null });
        const found = await engine.stop(stopsOf(store.getState()), desk.books.asked, direction);
        const { stretch } = store.getState();
        const isOutside = found !== null && stretch !== null && !isIn(stretch, found);
        if (found === null || isOutside) store.setState({ noStop: direction });
        else await seek(found);
      }),
  };
}
