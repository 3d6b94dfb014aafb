import type { Engine, Offer } from '../engine/contract.ts';
import type { Desk } from './desk.ts';
import { takeIn } from './scheduling.ts';
import type { ConsoleLine, PageStore } from './state.ts';

/** Lines that the console keeps. */
const LINES_KEPT = 500;

/** The console's actions. */
export function consoleOf(engine: Engine, store: PageStore, desk: Desk) {
  let serial = 0;

  const write = (kind: ConsoleLine['kind'], texts: readonly string[]) => {
    const fresh = texts.map((text): ConsoleLine => ({ id: serial++, kind, text }));
    store.setState(({ lines }) => ({ lines: [...lines, ...fresh].slice(-LINES_KEPT) }));
  };

  return {
    /** Does a line at the moment shown, and shows what came of it. */
    command: (line: string) =>
      desk.inTurn(async () => {
        store.setState({ playing: false });
        write('typed', [line]);
        await takeIn(store, desk, async () => {
          const spoken = await engine.command(line);
          write(spoken.refused ? 'refused' : 'said', spoken.output);
          return spoken;
        });
      }),
    complete: (text: string, cursor: number): Promise<readonly Offer[]> => engine.complete(text, cursor),
  };
}
