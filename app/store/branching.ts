import { branchesIn, extended, isSameSource, parted, renamed, rootOf, sourceOfRun, without } from '../draw/branches.ts';
import { insideOf } from '../draw/stretch.ts';
import type { Diagnostic, RunInfo, Source } from '../engine/contract.ts';
import { words } from '../words.ts';
import { asNow, isSeen, MOST_UNDONE, undoably } from './arranging.ts';
import type { Desk } from './desk.ts';
import type { Shelf } from './script.ts';
import type { Change, Edit, PageState, PageStore } from './state.ts';

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

/** What takes the last edit back, or does it again. */
function turningOf(
  store: PageStore,
  desk: Desk,
  go: (to: Pick<Edit, 'source' | 'at'>, kept: Kept) => Promise<void>,
): (from: 'past' | 'future', to: 'past' | 'future') => Promise<void> {
  const changeBack = async (change: Change, edits: PageState['edits']) => {
    store.setState({ ...change, edits });
    if (!('stretch' in change || 'watches' in change)) return;
    const { stretch, moment } = store.getState();
    desk.books.asked = insideOf(stretch, moment?.at ?? 0);
    await desk.fetch(desk.books.asked, 'jump');
  };
  return (from, to) =>
    desk.inTurn(async () => {
      const { edits, ...state } = store.getState();
      // What another run has made meaningless is passed over: nobody would see that it came back.
      const last = edits[from].findLastIndex((each) => !('change' in each) || isSeen(state, each.change));
      const [wanted, place] = [edits[from][last], placeOf({ edits, ...state })];
      if (wanted === undefined || place === null) return;
      const left = 'change' in wanted ? { change: asNow(state, wanted.change) } : place;
      const next = { [from]: edits[from].slice(0, last), [to]: [...edits[to], left] } as unknown as PageState['edits'];
      if ('change' in wanted) return changeBack(wanted.change, next);
      await go(wanted, { branches: wanted.branches, edits: next });
    });
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
  const turn = turningOf(store, desk, go);
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
    nameBranch: (id: number, name: string) =>
      store.setState(({ branches }) => (branches === null ? {} : { branches: renamed(branches, id, name) })),
    dropBranch: (id: number) =>
      store.setState((page) =>
        page.branches === null ? {} : undoably(page, { branches: without(page.branches, id) }),
      ),
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
