import { eventsAt, nextGap, rowWanted } from '../draw/beside.ts';
import type { Diagnostic, Engine, RunInfo, Source } from '../engine/contract.ts';
import { words } from '../words.ts';
import type { Desk } from './desk.ts';
import type { movingOf } from './moving.ts';
import type { Look, PageState, PageStore } from './state.ts';

/** What plays the same script again: the scenario or the text, with the bug and on the back end that were chosen. */
export function sourceOf({ scenario, script, bug, backend }: RunInfo): Source {
  return {
    ...(scenario === null ? { script } : { scenario }),
    ...(bug === null ? {} : { bug }),
    ...(backend === null ? {} : { backend }),
  };
}

/** What to put beside a run where nobody says what: what its scenario names, the run without its bug, or another design. */
export function counterpartOf({ run, moment, scenarios }: Pick<PageState, 'run' | 'moment' | 'scenarios'>): Source {
  if (run === null) return {};
  const named = scenarios.find(({ id }) => id === run.scenario)?.counterpart;
  if (named != null) return { scenario: named };
  const policy = run.policy === null ? {} : { policy: run.policy };
  if (moment?.view.bug != null) return { ...sourceOf(run), ...policy, bug: NO_BUG };
  return { ...sourceOf(run), policy: moment?.view.policy === LATEST ? BEFORE_IT : LATEST };
}

/** The designs that are put beside each other where nobody says which. */
const LATEST = 'mainline';
const BEFORE_IT = 'rfcv2';
/** How a source says that the kernel is to have no bug of the museum. */
export const NO_BUG = 'none';

const clamp = (wanted: number, last: number) => Math.max(0, Math.min(wanted, last));

function runsIn(store: PageStore) {
  const { comparing } = store.getState();
  return comparing?.kind === 'runs' ? comparing : null;
}

/** How two runs are to be shown: with what of them, and at which of the rows that the left one stands at. */
export interface Shown {
  readonly look?: Look;
  readonly row?: number;
}

/** What a comparison asks of the engine and changes nothing. */
const answersOf = ({ besideRows, besideAt, differences }: Engine) => ({ besideRows, besideAt, differences });

type Moving = Pick<ReturnType<typeof movingOf>, 'seek' | 'step'>;

/** The actions that go from row to row of two runs, and choose what of them is shown. */
function rowsOf(store: PageStore, { seek, step }: Moving) {
  const goTo = async (wanted: number): Promise<void> => {
    const comparing = runsIn(store);
    if (comparing === null) return;
    const { rows } = comparing.beside;
    const row = clamp(wanted, rows.left.length);
    store.setState({ comparing: { ...comparing, row }, playing: false });
    await seek(eventsAt(rows, row).left);
  };
  return {
    showRow: goTo,
    /** A row further where two runs are compared, else a step of the run. */
    stepEither: (direction: 1 | -1) => {
      const runs = runsIn(store);
      return runs === null ? step(direction) : goTo(runs.row + direction);
    },
    /** Goes to where the two runs part next. */
    showGap: async (direction: 1 | -1) => {
      const runs = runsIn(store);
      const found = runs === null ? null : nextGap(runs.beside.rows, runs.row, direction);
      if (found !== null) await goTo(found);
    },
    /** Shows the events of both runs, or both machines. */
    showLook: (look: Look) => {
      const comparing = runsIn(store);
      if (comparing !== null) store.setState({ comparing: { ...comparing, look } });
    },
  };
}

/** The actions on two moments or two runs that are compared. */
export function comparingOf(
  engine: Engine,
  store: PageStore,
  desk: Desk,
  { tell, ...moving }: Moving & { tell(texts: readonly string[]): void },
) {
  const lay = async (source: Source, shown: Shown): Promise<readonly Diagnostic[]> => {
    const answer = await engine.beside(source);
    if (!answer.ok) return answer.diagnostics;
    const row = rowWanted(answer.value.rows, store.getState().moment?.at ?? 0, shown.row);
    const look = shown.look ?? runsIn(store)?.look ?? 'events';
    store.setState({ comparing: { kind: 'runs', source, beside: answer.value, row, look }, playing: false });
    return [];
  };

  /** Puts another run beside the one shown; one that cannot be played is told, and leaves all as it is. */
  const compareRuns = (source: Source, shown: Shown = {}) =>
    desk.inTurn(async () => {
      tell((await lay(source, shown)).map(words.link.located));
    });

  /** Compares the moment shown with another one of the run, or with the chapter's beginning. */
  const compareMoments = (from: number | null) =>
    desk.inTurn(async () => {
      const at = store.getState().moment?.at ?? 0;
      const begin = from ?? (at === 0 ? 0 : await engine.target(at, -1, 'chapter'));
      store.setState({ comparing: { kind: 'moments', from: clamp(begin, store.getState().run?.events ?? 0) } });
    });

  return {
    compareRuns,
    compareMoments,
    /** Compares what a link asks for. */
    compare: (asked: { readonly from: number } | ({ readonly beside: Source } & Shown)) =>
      'from' in asked ? compareMoments(asked.from) : compareRuns(asked.beside, asked),
    ...rowsOf(store, moving),
    stopComparing: () => store.setState({ comparing: null }),
    ...answersOf(engine),
  };
}
