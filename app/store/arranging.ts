import type { Change, PageState, PageStore } from './state.ts';

/** Edits that can be undone. */
export const MOST_UNDONE = 50;

type Key = keyof Change;

/** How the page is now where a change touches it. */
export function asNow(page: Omit<PageState, 'edits'>, change: Change): Change {
  return Object.fromEntries((Object.keys(change) as Key[]).map((key) => [key, page[key]]));
}

/** Whether a change would be seen. A tree that was opened while another was the moment's own is open no longer. */
export function isSeen(page: Omit<PageState, 'edits'>, change: Change): boolean {
  const open = (opened: PageState['opened']) => (opened?.during === page.about ? opened?.tree : undefined);
  return (Object.keys(change) as Key[]).some((key) =>
    key === 'opened' ? open(change.opened ?? null) !== open(page.opened) : change[key] !== page[key],
  );
}

/** The page after a change that can be undone, as an edit of the run can. */
export function undoably(page: PageState, change: Change): Partial<PageState> {
  if (!isSeen(page, change)) return {};
  const past = [...page.edits.past, { change: asNow(page, change) }].slice(-MOST_UNDONE);
  return { ...change, edits: { past, future: [] } };
}

/** The actions on what is hidden, folded, opened and laid out. */
export function arrangingOf(store: PageStore) {
  const arrange = (change: (page: PageState) => Change) => store.setState((page) => undoably(page, change(page)));
  return {
    /** Shows a thing of a crowd in full, or in a line again. */
    setFolded: (key: string, folded: boolean) =>
      arrange(({ unfolded }) => {
        const others = [...unfolded].filter((one) => one !== key);
        return { unfolded: new Set(folded ? others : [...others, key]) };
      }),
    setLaneShown: (lane: string, shown: boolean) =>
      arrange(({ laneWishes }) => ({ laneWishes: new Map([...laneWishes, [lane, shown]]) })),
    /** Lets the machine choose its lanes again. */
    chooseLanesAgain: () => arrange(() => ({ laneWishes: new Map() })),
    showTable: (asTable: boolean) => arrange(() => ({ asTable })),
    openTree: (tree: string) => arrange(({ about }) => ({ opened: { tree, during: about } })),
  };
}
