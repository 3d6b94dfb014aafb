import type { Alike } from './alike.ts';
import type { Search } from './search.ts';

/** The best way so far into a state with a certain actor moving last. */
interface Arrival {
  readonly move: number;
  readonly changes: number;
  readonly before: Arrival | null;
}

/** Moves one after another, and the state that they lead to. */
export interface Way {
  readonly moves: readonly number[];
  readonly target: number;
}

/**
 * Of the shortest ways into any of these states, which lie on one level, one that changes least often from one actor to
 * another. `moverOf` tells actors apart.
 */
export function calmestWay(search: Search, targets: readonly number[], moverOf: (move: number) => number): Way {
  const arrivals: Arrivals = new Map();
  const fold = foldOf(search);
  for (const edge of edgesInto(search, targets))
    for (const { from, to, move } of unfolded(search, fold, edge)) arriveBy(arrivals, from, to, move, moverOf(move));
  const all = targets.flatMap((target) =>
    [...(arrivals.get(target * fold.order)?.values() ?? [])].map((arrival) => ({ arrival, target })),
  );
  const best = all.sort((a, b) => a.arrival.changes - b.arrival.changes)[0];
  const moves: number[] = [];
  for (let at: Arrival | null = best?.arrival ?? null; at !== null; at = at.before) moves.push(at.move);
  return { moves: moves.reverse(), target: best?.target ?? 0 };
}

/** The numbers of all edges on shortest ways into these states, level by level. */
function edgesInto(search: Search, targets: readonly number[]): number[] {
  const { edges } = search;
  const isOnWay = new Uint8Array(search.states);
  for (const target of targets) isOnWay[target] = 1;
  const levelOf = levelFinder(levelsOf(search));
  const used: number[] = [];
  for (let edge = edges.from.length - 1; edge >= 0; edge--) {
    const to = edges.to.at(edge);
    const from = edges.from.at(edge);
    if (isOnWay[to] !== 1 || levelOf(to) !== levelOf(from) + 1) continue;
    isOnWay[from] = 1;
    used.push(edge);
  }
  return used.reverse();
}

/** By state, and by who moved last. */
type Arrivals = Map<number, Map<number, Arrival>>;

function arriveBy(arrivals: Arrivals, from: number, to: number, move: number, mover: number): void {
  const into = arrivals.get(to) ?? new Map<number, Arrival>();
  arrivals.set(to, into);
  const sources: readonly (readonly [number | null, Arrival | null])[] =
    from === 0 ? [[null, null]] : [...(arrivals.get(from) ?? [])];
  for (const [last, before] of sources) {
    const changes = (before?.changes ?? 0) + (last === null || last === mover ? 0 : 1);
    const known = into.get(mover);
    if (known === undefined || changes < known.changes) into.set(mover, { move, changes, before });
  }
}

/** How many states one stands for, and what becomes of a move in each of them. */
interface Fold extends Pick<Alike, 'moves' | 'both'> {
  readonly order: number;
}

const foldOf = ({ mirrors }: Search): Fold => {
  const { moves, both } = mirrors?.alike ?? { moves: [(move: number) => move], both: [[0]] };
  return { order: moves.length, moves, both };
};

/**
 * Where a state stands for its counterparts, an edge stands for one from each of them. A counterpart has the number of the state
 * times that of all exchanges, and its exchange; the first state is its own counterpart.
 */
function unfolded({ edges, mirrors }: Search, { order, moves, both }: Fold, edge: number) {
  const [from, to, move] = [edges.from.at(edge), edges.to.at(edge), edges.move.at(edge)];
  const twist = mirrors === null ? 0 : mirrors.twists.at(edge);
  return moves.map((moved, exchange) => ({
    from: from === 0 ? 0 : from * order + exchange,
    to: to * order + (both[exchange]?.[twist] as number),
    move: moved(move),
  }));
}

/** The level of a state, by bisection. */
export function levelFinder(levels: readonly number[]): (state: number) => number {
  return (state) => {
    let low = 0;
    let high = levels.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((levels[middle] as number) <= state) low = middle;
      else high = middle - 1;
    }
    return low;
  };
}

/** The first state from which no end can be reached; -1 if there is none. Asked only of a search that saw every state. */
export function firstWithoutEnd({ edges, states, ends }: Search): number {
  const firstInto = new Int32Array(states + 1);
  for (let edge = 0; edge < edges.to.length; edge++) {
    const cell = edges.to.at(edge) + 1;
    firstInto[cell] = (firstInto[cell] as number) + 1;
  }
  for (let state = 0; state < states; state++)
    firstInto[state + 1] = (firstInto[state + 1] as number) + (firstInto[state] as number);
  const into = new Int32Array(edges.to.length);
  const filled = firstInto.slice();
  for (let edge = 0; edge < edges.to.length; edge++) {
    const to = edges.to.at(edge);
    into[filled[to] as number] = edges.from.at(edge);
    filled[to] = (filled[to] as number) + 1;
  }
  const reaches = new Uint8Array(states);
  const open = [...ends];
  for (const end of ends) reaches[end] = 1;
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (let i = firstInto[state] as number; i < (firstInto[state + 1] as number); i++) {
      const from = into[i] as number;
      if (reaches[from] === 1) continue;
      reaches[from] = 1;
      open.push(from);
    }
  }
  return reaches.indexOf(0);
}

/** First state of each level, also of the one that is still being found. */
export function levelsOf({ levels, states, next }: Search): readonly number[] {
  return next.count === 0 ? levels : [...levels, states - next.count];
}
