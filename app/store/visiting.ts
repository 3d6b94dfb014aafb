import { typeset } from '../draw/text.ts';
import type { Engine, Exhibit, Source } from '../engine/contract.ts';
import { words } from '../words.ts';
import { NO_BUG } from './comparing.ts';
import type { Desk } from './desk.ts';
import type { PageStore } from './state.ts';

interface Opening {
  readonly open: (source: Source) => Promise<void>;
  readonly tell: (texts: readonly string[]) => void;
}

/** What a visitor of the bug museum can do. */
export function visitingOf(engine: Engine, store: PageStore, desk: Desk, { open, tell }: Opening) {
  let visit = 0;

  /** Asks for one picture after another while somebody looks: what else is asked meanwhile is not kept waiting for all of them. */
  const draw = async (own: number): Promise<void> => {
    for (const { id } of store.getState().exhibits) {
      if (own !== visit) return;
      if (store.getState().pictures.has(id)) continue;
      const view = typeset(await engine.exhibit(id));
      if (view !== null) store.setState(({ pictures }) => ({ pictures: new Map([...pictures, [id, view]]) }));
    }
  };

  return {
    visitMuseum: async (): Promise<void> => {
      visit += 1;
      const own = visit;
      await desk.work(async () => {
        if (store.getState().exhibits.length === 0) store.setState({ exhibits: await engine.exhibits() });
      });
      await draw(own).catch((error: unknown) => desk.die(error instanceof Error ? error.message : String(error)));
    },
    leaveMuseum: () => {
      visit += 1;
    },
    /** Opens the script of an exhibit under the kernel without its bug, and says what that is and that nothing breaks. */
    mend: async ({ scenario, cause, after }: Exhibit): Promise<void> => {
      await open({ scenario, ...(cause.kind === 'bug' ? { bug: NO_BUG } : { policy: cause.repaired }) });
      if (store.getState().run?.report === null) tell([words.museum.mended(after)]);
    },
  };
}
