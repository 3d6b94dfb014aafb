import type { Budget, Configuration, Engine, Explored, ExploreProgress, Source, Way } from '../engine/contract.ts';
import { words } from '../words.ts';
import type { PageState, PageStore } from './state.ts';

/** How long a search is let go on before the page hears of it, in ms. */
const SLICE = 120;
/** How long a search that is cancelled may take to say what it has covered, in ms: a worker that has died says nothing. */
const PATIENCE = 8_000;

/** A search over every order of moves, and what is known of it. */
export interface Exploration {
  /** What the run is called that is searched from: another one may be shown by now. */
  readonly title: string;
  readonly source: Source;
  readonly budget: Budget;
  readonly way: Way;
  readonly phase: 'running' | 'over' | 'failed';
  readonly configuration: Configuration | null;
  readonly progress: ExploreProgress | null;
  readonly result: Explored | null;
  /** Why it could not be explored. */
  readonly problem: string;
}

type Asked = Pick<Exploration, 'source' | 'budget' | 'way'>;

/** An engine of its own for a search. */
export interface Searcher {
  readonly engine: Pick<Engine, 'explore' | 'exploreOn' | 'explored'>;
  /** Ends it, and frees what it keeps. */
  stop(): void;
}

/** The actions of the search. It has an engine of its own, so that the run that is shown goes on answering. */
export function exploringOf(
  store: PageStore,
  startSearcher: (die: (reason: string) => void) => Promise<Searcher>,
  wait: (ms: number) => Promise<void>,
) {
  let serial = 0;
  let cancelled = false;
  let lose: () => void = () => undefined;
  const tell = (news: Partial<Exploration>) =>
    store.setState(({ exploration }) => (exploration === null ? {} : { exploration: { ...exploration, ...news } }));

  const search = async (engine: Searcher['engine'], { source, budget, way }: Asked, isMine: () => boolean) => {
    const begun = await engine.explore(source, budget, way);
    if (!isMine()) return;
    if (!begun.ok) return tell({ phase: 'failed', problem: begun.diagnostics.map(words.link.located).join(' ') });
    tell({ configuration: begun.value });
    for (let state = 'searching'; state === 'searching' && !cancelled; ) {
      const progress = await engine.exploreOn(SLICE);
      if (!isMine()) return;
      tell({ progress });
      state = progress.state;
    }
    const result = await engine.explored();
    if (isMine()) tell({ result, progress: result, phase: 'over' });
  };

  return {
    /** Searches from an event of a run on, until it is over or somebody cancels it: then what was covered so far is told. */
    explore: async (source: Source, budget: Budget, way: Way = {}): Promise<void> => {
      serial += 1;
      cancelled = false;
      const own = serial;
      const isMine = () => own === serial;
      const empty = { configuration: null, progress: null, result: null, problem: '' };
      const title = titleOf(store.getState().run);
      store.setState({ exploration: { title, source, budget, way, phase: 'running', ...empty } });
      const fail = (problem: string) => {
        if (isMine()) tell({ phase: 'failed', problem });
      };
      const searcher = await startSearcher(fail);
      const lost = new Promise<never>((_, reject) => {
        lose = () => reject(new Error(words.explore.silent));
      });
      try {
        await Promise.race([search(searcher.engine, { source, budget, way }, isMine), lost]);
      } catch (error) {
        fail(error instanceof Error ? error.message : String(error));
      }
      searcher.stop();
    },
    /** Ends the search; what it has covered is told. */
    cancelExploring: () => {
      cancelled = true;
      void wait(PATIENCE).then(lose);
    },
  };
}

const titleOf = (run: PageState['run']): string =>
  run === null || run.scenario === null ? words.top.ownRun : run.title;
