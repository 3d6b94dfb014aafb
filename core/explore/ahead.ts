import { UNANSWERED } from './asked.ts';
import { lookAtNext, type Shard, statesOfAll, stopOfShard, turnShard } from './shard.ts';

/**
 * Where a worker stood when it had looked at all of its level and went ahead, while others still look at theirs. What it does from there on counts only
 * once the next level begins: where the search ends before that, it is as if it had not been done.
 */
export interface Ahead {
  readonly transitions: number;
  readonly edges: number;
  readonly ends: number;
  readonly taken: Uint8Array;
  readonly accepted: Uint8Array;
}

/** Looks at so many states of the next level, while others end this one; false if there is none that is known to be this worker's. */
export function lookAhead(shard: Shard, states: number): boolean {
  if (shard.ahead === null && !goAhead(shard)) return false;
  const { level, numbers } = shard;
  const end = Math.min(level.count, shard.position + states);
  const isNext = (): boolean => shard.position < end && numbers.at(shard.position) !== UNANSWERED;
  if (!isNext() || isFull(shard)) return false;
  while (isNext()) lookAtNext(shard);
  return true;
}

/** Makes the next level the one to look at before it begins; not where the search is over with this one. */
function goAhead(shard: Shard): boolean {
  if (shard.alone || shard.flaws.length > 0 || stopOfShard(shard) !== null) return false;
  shard.ahead = {
    ...{ transitions: shard.transitions, edges: shard.edges.to.length, ends: shard.ends.length },
    ...{ taken: shard.taken.slice(), accepted: shard.accepted.slice() },
  };
  turnShard(shard);
  return true;
}

/** With those that would be new if the next level began now, it has its share of the states. */
const isFull = (shard: Shard): boolean =>
  statesOfAll(shard) + (shard.asked[shard.index]?.places.size ?? 0) * shard.of >= shard.limits.states;
