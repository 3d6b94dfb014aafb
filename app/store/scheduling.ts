import { typeset } from '../draw/text.ts';
import type { Engine, Spoken } from '../engine/contract.ts';
import { keptAfter } from './branching.ts';
import type { Desk } from './desk.ts';
import type { PageStore } from './state.ts';

/** Shows what a line has led to, and keeps the future that it has replaced. */
export async function takeIn(store: PageStore, desk: Desk, say: () => Promise<Spoken>): Promise<Spoken> {
  const before = store.getState();
  const spoken = await say();
  const { run, moment } = spoken;
  const isOther = before.run !== null && run.script !== before.run.script;
  desk.books.asked = moment.at;
  store.setState({ run, comparing: null, stretch: null, ...(isOther && keptAfter(before, run, 'line')) });
  await desk.accept(moment, 'step');
  return spoken;
}

/** The actions of a person who is the scheduler. */
export function schedulingOf(engine: Engine, store: PageStore, desk: Desk) {
  return {
    /** Whether what can be picked is looked up at every moment. */
    setScheduling: (scheduling: boolean) => {
      store.setState({ scheduling, moves: null, pickRefused: null });
      if (!scheduling) return Promise.resolve();
      return desk.inTurn(async () => {
        if (store.getState().run !== null) store.setState({ moves: typeset(await engine.moves()) });
      });
    },
    /** What can be picked at the moment shown, whoever asks. */
    whoCanMove: async () => typeset(await engine.moves()),
    /** Does one of the lines that the moment offers. */
    pick: (line: string) =>
      desk.inTurn(async () => {
        store.setState({ playing: false, pickRefused: null });
        const { refused, output } = await takeIn(store, desk, () => engine.pick(line));
        if (refused) store.setState({ pickRefused: { line, told: output.join(' ') } });
      }),
  };
}
