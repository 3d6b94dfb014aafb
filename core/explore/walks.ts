import { allSteps } from '../sim/procedure.ts';
import type { Limits, SearchState } from './search.ts';
import { nothingSeen, numberFor, type Seen } from './seen.ts';
import type { Start } from './start.ts';
import { NEWS, type Walked, type WalkPlan } from './walker.ts';

/**
 * What random walks have come to, counted in the order of their numbers, whoever walked them. So it does not depend on how many
 * walkers there are.
 */
export interface Walks {
  readonly start: Start;
  readonly plan: WalkPlan;
  readonly limits: Limits;
  /** States that some walk has come through, by fingerprint. */
  readonly seen: Seen;
  /** Walks that were begun. */
  begun: number;
  /** Walks that came to where all is done. */
  ended: number;
  /** Moves of the longest walk. */
  longest: number;
  transitions: number;
  /** By number of the step, and by line of the script. */
  readonly taken: Uint8Array;
  readonly accepted: Uint8Array;
  /** Moves of the first walk: how long the others are taken to be. */
  moves: number;
  /** Bytes that the walkers keep. */
  elsewhere: number;
  /** The first walk, by number, that broke something. */
  found: Walked | null;
  state: SearchState;
}

export function createWalks(start: Start, plan: WalkPlan, limits: Limits): Walks {
  return {
    ...{ start, plan, limits, seen: nothingSeen(), begun: 0, ended: 0, longest: 0, transitions: 0, moves: 0 },
    ...{ taken: new Uint8Array(allSteps().length), accepted: new Uint8Array(start.lastLine + 1), elsewhere: 0 },
    ...{ found: null, state: 'searching' },
  };
}

/** Number of states that some walk came through. */
export const statesOf = ({ seen }: Walks): number => seen.size;

/** Bytes that the walks keep. */
export const bytesOfWalks = ({ seen, elsewhere }: Walks): number => seen.cells.byteLength + elsewhere;

/** Counts the next walk. One on which the limit of states is reached counts up to there, and not what could be done on it. */
export function countWalk(walks: Walks, walked: Walked): void {
  const { plan, taken, accepted } = walks;
  const isFirst = walks.begun++ === 0;
  const moves = movesCounted(walks, walked);
  walks.transitions += moves;
  walks.longest = Math.max(walks.longest, moves);
  if (isFirst) walks.moves = moves;
  if (walks.state === 'stopped') return;
  if (walked.ended) walks.ended++;
  for (const step of walked.taken) taken[step] = 1;
  for (const line of walked.accepted) accepted[line] = 1;
  if (walked.flaw !== null) [walks.found, walks.state] = [walked, 'found'];
  else if (walked.left === 'limit') walks.state = 'stopped';
  else if (walked.left === null && walks.begun === plan.walks) walks.state = 'walked';
}

/** Counts its states; after how many moves there are as many as may be, all of its moves if there are not. */
function movesCounted(walks: Walks, { news, moves, flaw }: Walked): number {
  const { seen, limits } = walks;
  for (let i = 0; i < news.length; i += NEWS) {
    numberFor(seen, news[i + 1] as number, news[i + 2] as number, seen.size);
    const after = news[i] as number;
    if (seen.size < limits.states || (flaw !== null && after === moves)) continue;
    walks.state = 'stopped';
    return after;
  }
  return moves;
}
