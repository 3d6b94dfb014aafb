import {
  type Branches,
  branchesIn,
  extended,
  isSameSource,
  parted,
  renamed,
  rootOf,
  sourceOfRun,
  without,
} from '../draw/branches.ts';
import type { Diagnostic, RunInfo, Source } from '../engine/contract.ts';
import { words } from '../words.ts';
import { arrangementOf, MOST_UNDONE } from './arranging.ts';
import type { Desk } from './desk.ts';
import type { Shelf } from './script.ts';
import type { Edit, PageState, PageStore } from './state.ts';

/** What an edit changes beside the run, or what an undo brings back. */
export type Kept = Pick<PageState, 'branches' | 'edits'>;

type Before = Pick<PageState, 'run' | 'moment' | 'branches' | 'edits'>;

/** The moment that is shown, as an edit leaves it. */
function placeOf({ run, moment, branches }: Before): Edit | null {
  if (run === null || branches === null) return null;
  return { source: sourceOfRun(run), at: moment?.at ?? 0, branches };
}

/** What a new run means for the branches and the edits, whoever has made it: a line, a click, the editor, another design. */
export function keptAfter(before: Before, run: RunInfo, by: 'line' | 'opening'): Kept {
  const place = placeOf(before);
  if (place === null || before.run === null) return { branches: rootOf(run), edits: { past: [], future: [] } };
  if (isSameSource(place.source, sourceOfRun(run))) return { branches: place.branches, edits: before.edits };
  const past = [...before.edits.past, place].slice(-MOST_UNDONE);
  const isElsewhere = by === 'opening' && run.scenario !== null && run.scenario !== before.run.scenario;
  const atEnd = by === 'line' && place.at === before.run.events;
  const branches = isElsewhere
    ? rootOf(run)
    : atEnd
      ? extended(place.branches, run)
      : parted(place.branches, run, { left: place.at, from: by === 'line' ? place.at : 0 });
  return { branches, edits: { past, future: [] } };
}

/** The actions on edits and on the runs that they have left. */
export function branchingOf(
  store: PageStore,
  desk: Desk,
  shelf: Shelf,
  opening: {
    tryOpen(source: Source, kept?: Kept): Promise<readonly Diagnostic[]>;
    tell(texts: readonly string[]): void;
  },
) {
  const go = async ({ source, at }: Pick<Edit, 'source' | 'at'>, kept: Kept) => {
    opening.tell((await opening.tryOpen({ ...source, at }, kept)).map(words.link.located));
  };
  const turn = (from: 'past' | 'future', to: 'past' | 'future') =>
    desk.inTurn(async () => {
      const { edits, ...state } = store.getState();
      const [wanted, place] = [edits[from].at(-1), placeOf({ edits, ...state })];
      if (wanted === undefined || place === null) return;
      const left = 'arrangement' in wanted ? { arrangement: arrangementOf({ edits, ...state }) } : place;
      const next = { [from]: edits[from].slice(0, -1), [to]: [...edits[to], left] } as unknown as PageState['edits'];
      if ('arrangement' in wanted) return store.setState({ ...wanted.arrangement, edits: next });
      await go(wanted, { branches: wanted.branches, edits: next });
    });
  const change = (how: (branches: Branches) => Branches) =>
    store.setState(({ branches }) => (branches === null ? {} : { branches: how(branches) }));

  return {
    undo: () => turn('past', 'future'),
    redo: () => turn('future', 'past'),
    /** Shows another run that was made here, where it was left. */
    switchTo: (id: number) =>
      desk.inTurn(async () => {
        const state = store.getState();
        const place = placeOf(state);
        const wanted = place?.branches.all.find((branch) => branch.id === id);
        if (place === null || wanted === undefined || id === place.branches.current) return;
        const all = place.branches.all.map((each) =>
          each.id === place.branches.current ? { ...each, left: place.at } : each,
        );
        const edits = { past: [...state.edits.past, place].slice(-MOST_UNDONE), future: [] };
        await go({ source: wanted.source, at: wanted.left }, { branches: { all, current: id }, edits });
      }),
    nameBranch: (id: number, name: string) => change((branches) => renamed(branches, id, name)),
    dropBranch: (id: number) => change((branches) => without(branches, id)),
    /** Takes out the branches of before a reload, if the run that is shown is one of them, and keeps them from now on. */
    recallBranches: () => {
      const { run } = store.getState();
      const known = branchesIn(shelf.read());
      const shown = known?.all.find(({ source }) => run !== null && isSameSource(source, sourceOfRun(run)));
      if (known !== null && shown !== undefined) store.setState({ branches: { ...known, current: shown.id } });
      store.subscribe(({ branches }, old) => {
        if (branches !== old.branches) shelf.write(branches === null ? null : JSON.stringify(branches));
      });
    },
  };
}
