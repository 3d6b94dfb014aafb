import { typeset } from '../draw/text.ts';
import type { Engine } from '../engine/contract.ts';
import type { Desk } from './desk.ts';
import type { PageStore } from './state.ts';

/** The questions where a value comes from. */
export function askingOf(engine: Engine, store: PageStore, desk: Desk) {
  /** Asks which event gave a field of a thing its value; null: the thing as a whole. The thing stays picked on the way. */
  const askWhy = (key: string, field: string | null) =>
    desk.inTurn(async () => {
      const answer = typeset(await engine.why(key, field));
      const { moment, selected } = store.getState();
      store.setState({ why: { key, field, asked: moment?.at ?? 0, answer }, playing: false, selected: key });
      if (selected !== key) await desk.inspect();
    });
  return {
    askWhy,
    /** Asks about the thing that is inspected. */
    askWhyOfInspected: () => {
      const key = store.getState().inspection?.key;
      return key === undefined ? Promise.resolve() : askWhy(key, null);
    },
    stopAsking: () => store.setState({ why: null }),
  };
}
