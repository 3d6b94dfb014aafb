import type { Engine, Granularity } from '../engine/contract.ts';
import { askingOf } from './asking.ts';
import { consoleOf } from './console.ts';
import { createDesk, type Host } from './desk.ts';
import { movingOf } from './moving.ts';
import { openingOf } from './opening.ts';
import type { PageStore, Panel } from './state.ts';

export type Actions = ReturnType<typeof createActions>;

/** What a person can do, over an engine. Every action leaves the store telling what is shown and whether more is to come. */
export function createActions(engine: Engine, store: PageStore, host: Host) {
  const desk = createDesk(engine, store, host);
  return {
    ...openingOf(engine, store, desk),
    ...movingOf(engine, store, desk, host),
    ...consoleOf(engine, store, desk),
    /** Inspects a thing; null lets the inspector follow the moment. */
    select: (selected: string | null) => {
      store.setState({ selected, why: null });
      return desk.work(desk.inspect);
    },
    ...askingOf(engine, store, desk),
    /** Looks at every invariant at the moment shown. */
    checkInvariants: () =>
      desk.work(async () => {
        store.setState({ invariants: await engine.invariants() });
      }),
    openTree: (tree: string) => store.setState(({ about }) => ({ opened: { tree, during: about } })),
    showPanel: (panel: Panel) => store.setState({ panel }),
    setGranularity: (granularity: Granularity) => store.setState({ granularity }),
    setSpeed: (speed: number) => store.setState({ speed }),
    /** Says that the engine will not answer any more. */
    die: desk.die,
  };
}
