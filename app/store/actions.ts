import type { Engine, Granularity } from '../engine/contract.ts';
import { arrangingOf } from './arranging.ts';
import { askingOf } from './asking.ts';
import { type BookmarkShelf, bookmarksOf } from './bookmarks.ts';
import { branchingOf } from './branching.ts';
import { comparingOf } from './comparing.ts';
import { consoleOf } from './console.ts';
import { createDesk, type Host } from './desk.ts';
import { exploringOf, type Searcher } from './exploring.ts';
import { movingOf } from './moving.ts';
import { openingOf } from './opening.ts';
import { schedulingOf } from './scheduling.ts';
import { type Shelf, scriptOf } from './script.ts';
import { type PageStore, type Panel, type Pointed, RAIL_PANELS, type RailPanel } from './state.ts';
import { streamingOf } from './streaming.ts';
import { stretchingOf } from './stretching.ts';
import { takingOf } from './taking.ts';
import { visitingOf } from './visiting.ts';
import { watchingOf } from './watching.ts';

export type Actions = ReturnType<typeof createActions>;

/** What the actions need from the world around the page. */
export interface PageHost extends Host {
  readonly shelf: Shelf;
  readonly bookmarks: BookmarkShelf;
  /** Where the runs that were made here outlive a reload. */
  readonly tree: Shelf;
  startSearcher(die: (reason: string) => void): Promise<Searcher>;
}

/** What a person can do, over an engine. Every action leaves the store telling what is shown and whether more is to come. */
export function createActions(engine: Engine, store: PageStore, host: PageHost) {
  const desk = createDesk(engine, store, host);
  const opening = openingOf(engine, store, desk);
  const moving = movingOf(engine, store, desk, host);
  return {
    ...opening,
    ...scriptOf(engine, store, desk, host.shelf, opening),
    ...moving,
    ...takingOf(engine, store, desk, opening),
    ...watchingOf(engine, store, desk, moving.seek),
    ...comparingOf(engine, store, desk, { ...moving, tell: opening.tell }),
    ...bookmarksOf(store, host.bookmarks, { seek: moving.seek, tell: opening.tell }),
    ...consoleOf(engine, store, desk),
    ...exploringOf(store, host.startSearcher, host.wait),
    ...streamingOf(engine, store),
    ...visitingOf(engine, store, desk, { open: opening.open, tell: opening.tell }),
    ...schedulingOf(engine, store, desk),
    ...stretchingOf(engine, store, desk, opening.tell),
    ...branchingOf(store, desk, host.tree, opening),
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
    ...arrangingOf(store),
    /** What is known of the run beside its moments. */
    events: engine.events,
    density: engine.density,
    standings: engine.invariants,
    point: (pointed: Pointed) => store.setState({ pointed }),
    showPanel: (panel: Panel) => {
      const rail = RAIL_PANELS.find((each) => each === panel);
      store.setState(rail === undefined ? { panel } : { panel, rail });
    },
    showRail: (rail: RailPanel) => store.setState({ rail }),
    setGranularity: (granularity: Granularity) => store.setState({ granularity }),
    setSpeed: (speed: number) => store.setState({ speed }),
    /** Says that the engine will not answer any more. */
    die: desk.die,
  };
}
