import type { Arrangement, PageState, PageStore } from './state.ts';

/** Edits that can be undone. */
export const MOST_UNDONE = 50;

/** How the page is arranged now. */
export function arrangementOf({ laneWishes, unfolded, asTable }: PageState): Arrangement {
  return { laneWishes, unfolded, asTable };
}

/** The actions on what is hidden, folded and laid out: each can be undone, as an edit of the run can. */
export function arrangingOf(store: PageStore) {
  const arrange = (change: (page: PageState) => Partial<Arrangement>) =>
    store.setState((page) => {
      const past = [...page.edits.past, { arrangement: arrangementOf(page) }].slice(-MOST_UNDONE);
      return { ...change(page), edits: { past, future: [] } };
    });
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
  };
}
