import type { RunInfo, Source } from '../engine/contract.ts';

/** A run that was made here: the one that is shown, or one that was left for another. */
export interface Branch {
  readonly id: number;
  /** The run that it goes out from, null for the first one. */
  readonly parent: number | null;
  /** The event up to which it is like its parent. */
  readonly from: number;
  /** What the person calls it, '' for nothing. */
  readonly name: string;
  readonly source: Source;
  readonly events: number;
  /** The event at which it was left. */
  readonly left: number;
}

/** All runs that go out from one, and which of them is shown. */
export interface Branches {
  readonly all: readonly Branch[];
  readonly current: number;
}

/** Runs that are kept at most; of those that nothing goes out from the oldest goes first. */
const MOST_KEPT = 24;
/** Characters of a name. */
export const LONGEST_NAME = 40;

type Run = Pick<RunInfo, 'scenario' | 'script' | 'policy' | 'bug' | 'backend' | 'events'>;

/** What plays a run again. */
export function sourceOfRun({ scenario, script, policy, bug, backend }: Run): Source {
  const origin = scenario === null ? { script } : { scenario };
  const kernel = { ...(policy !== null && { policy }), ...(bug !== null && { bug }) };
  return { ...origin, ...kernel, ...(backend !== null && { backend }) };
}

export function isSameSource(one: Source, other: Source): boolean {
  const names = ['scenario', 'script', 'policy', 'bug', 'backend'] as const;
  return names.every((name) => one[name] === other[name]);
}

/** The tree of one run. */
export function rootOf(run: Run): Branches {
  const root = { id: 0, parent: null, from: 0, name: '', source: sourceOfRun(run), events: run.events, left: 0 };
  return { all: [root], current: 0 };
}

/** The run that is shown went on at its end: it is still the same branch. */
export function extended({ all, current }: Branches, run: Run): Branches {
  const longer = { source: sourceOfRun(run), events: run.events };
  return { current, all: all.map((branch) => (branch.id === current ? { ...branch, ...longer } : branch)) };
}

/** The run that is shown was left at an event for one that is like it up to another event. */
export function parted({ all, current }: Branches, run: Run, { left, from }: { left: number; from: number }): Branches {
  const id = Math.max(...all.map((branch) => branch.id)) + 1;
  const kept = all.map((branch) => (branch.id === current ? { ...branch, left } : branch));
  const fresh = { id, parent: current, from, name: '', source: sourceOfRun(run), events: run.events, left: from };
  return pruned({ all: [...kept, fresh], current: id });
}

function pruned(tree: Branches): Branches {
  if (tree.all.length <= MOST_KEPT) return tree;
  const inner = new Set(tree.all.map(({ parent }) => parent));
  const oldest = tree.all.find(({ id }) => id !== tree.current && !inner.has(id));
  return oldest === undefined ? tree : without(tree, oldest.id);
}

/** The tree without a branch that is not shown; what went out from it goes out from where it did. */
export function without(tree: Branches, id: number): Branches {
  const gone = tree.all.find((branch) => branch.id === id);
  if (gone === undefined || id === tree.current) return tree;
  const heir = gone.parent ?? tree.all.find(({ parent }) => parent === id)?.id ?? null;
  const all = tree.all
    .filter((branch) => branch !== gone)
    .map((branch): Branch => {
      if (branch.id === heir && gone.parent === null) return { ...branch, parent: null, from: 0 };
      if (branch.parent !== id) return branch;
      return { ...branch, parent: heir, from: gone.parent === null ? branch.from : Math.min(branch.from, gone.from) };
    });
  return { all, current: tree.current };
}

export function renamed({ all, current }: Branches, id: number, name: string): Branches {
  const short = name.slice(0, LONGEST_NAME);
  return { current, all: all.map((branch) => (branch.id === id ? { ...branch, name: short } : branch)) };
}

/** The branches in the order in which they are drawn, each below what it goes out from, with its depth. */
export function rowsOf({ all }: Branches): readonly { readonly branch: Branch; readonly depth: number }[] {
  const below = (parent: number | null, depth: number): { branch: Branch; depth: number }[] =>
    all
      .filter((branch) => branch.parent === parent)
      .sort((one, other) => one.from - other.from || one.id - other.id)
      .flatMap((branch) => [{ branch, depth }, ...below(branch.id, depth + 1)]);
  return below(null, 0);
}

/** Branches as they were kept as text; null if that is not what it is. */
export function branchesIn(text: string | null): Branches | null {
  try {
    const { all, current } = JSON.parse(text ?? '') as Branches;
    const isOne = (one: Branch) =>
      [one.id, one.from, one.events, one.left].every(Number.isSafeInteger) &&
      typeof one.name === 'string' &&
      typeof one.source === 'object' &&
      (one.parent === null || all.some(({ id }) => id === one.parent && id < one.id));
    return all.length <= MOST_KEPT && all.every(isOne) && all.some(({ id }) => id === current)
      ? { all, current }
      : null;
  } catch {
    return null;
  }
}
