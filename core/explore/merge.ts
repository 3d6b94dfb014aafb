import type { Flaw } from './flaws.ts';
import type { Stop } from './report.ts';
import { createSearch, finish, type Limits, type Search } from './search.ts';
import { bytesOfShard, leftOf, partFromOthers, type Shard, stopOfShard } from './shard.ts';
import { shareOut, type Transfer } from './sharing.ts';
import type { Start } from './start.ts';

/** What one shard has found, as plain data. */
export interface ShardReport {
  /** Of each level, and of the one that was being found. */
  readonly firstStates: readonly number[];
  readonly firstEdges: readonly number[];
  readonly states: number;
  readonly transitions: number;
  /** States of the last level that it has not looked at. */
  readonly left: number;
  readonly ends: readonly number[];
  readonly flaws: readonly Flaw[];
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly move: Int32Array;
  readonly taken: Uint8Array;
  readonly accepted: Uint8Array;
  readonly bytes: number;
}

/** What was done ahead of a level that did not begin is left out, and what the first one tells as well. */
export function reportOf(shard: Shard): ShardReport {
  if (shard.alone && shard.index > 0) {
    partFromOthers(shard);
    shard.flaws.length = 0;
    shard.position = shard.level.count;
  }
  const { firstStates, known, states, flaws, edges, ahead } = shard;
  const upTo = ahead?.edges ?? edges.to.length;
  return {
    firstStates: [...firstStates, known],
    firstEdges: ahead === null ? shard.firstEdges : shard.firstEdges.slice(0, -1),
    states,
    transitions: ahead?.transitions ?? shard.transitions,
    left: ahead === null ? leftOf(shard) : 0,
    ends: ahead === null ? shard.ends : shard.ends.slice(0, ahead.ends),
    flaws: ahead === null ? flaws : [],
    ...{ from: edges.from.copy(upTo), to: edges.to.copy(upTo), move: edges.move.copy(upTo) },
    ...{ taken: (ahead ?? shard).taken, accepted: (ahead ?? shard).accepted, bytes: bytesOfShard(shard) },
  };
}

/** What one shard says at the end of a level. */
export interface Standing {
  /** It has looked at the same states as all others. */
  readonly alone: boolean;
  /** Levels that it has looked at. */
  readonly depth: number;
  /** States of the next level. */
  readonly found: number;
  readonly flaws: number;
  /** The limit at which it left the level before its end, null if it looked at all of it. */
  readonly stop: Stop | null;
  readonly states: number;
  readonly transitions: number;
  readonly bytes: number;
}

export function standingOf(shard: Shard, late: boolean): Standing {
  const { alone, index, ahead, found, flaws, states, transitions } = shard;
  const [depth, bytes] = [shard.firstStates.length, bytesOfShard(shard)];
  const stop = ahead !== null || leftOf(shard) === 0 ? null : late ? 'seconds' : stopOfShard(shard);
  if (alone && index > 0) return { alone, depth, found: 0, flaws: 0, stop, states: 0, transitions: 0, bytes };
  return {
    ...{ alone, depth, found, stop, states, bytes, flaws: ahead === null ? flaws.length : 0 },
    transitions: ahead?.transitions ?? transitions,
  };
}

/** What follows for all of them: how the next level is shared out, or how the search ends. */
export function endOfLevel(standings: readonly Standing[]): readonly Transfer[] | 'found' | 'exhausted' | 'stopped' {
  if (standings.some(({ flaws }) => flaws > 0)) return 'found';
  if (standings.some(({ stop }) => stop !== null)) return 'stopped';
  if (standings.every(({ found }) => found === 0)) return 'exhausted';
  return standings.some(({ alone }) => alone) ? [] : shareOut(standings.map(({ found }) => found));
}

/** One search of what several shards have found, its states numbered level by level. */
export function merged(start: Start, limits: Limits, reports: readonly ShardReport[], end: Search['state']): Search {
  const search = createSearch(start, limits);
  const levels = Math.max(...reports.map(({ firstEdges }) => firstEdges.length));
  const numbers = numberStates(search, reports, levels);
  const of = reports.length;
  const numberOf = (state: number): number => numbers[state % of]?.[Math.floor(state / of)] as number;
  // Where nothing was found and not all is known, nobody asks for the ways.
  if (end !== 'stopped') mergeEdges(search, reports, levels, numberOf);
  search.states = sumOf(reports, ({ states }) => states);
  search.transitions = sumOf(reports, ({ transitions }) => transitions);
  search.elsewhere = sumOf(reports, ({ bytes }) => bytes);
  search.level.count = sumOf(reports, ({ left }) => left);
  search.next.count = sumOf(reports, ({ states, firstStates }) => states - (firstStates[levels] as number));
  for (const { ends, flaws, taken, accepted } of reports) {
    search.ends.push(...ends.map(numberOf));
    search.flaws.push(...flaws.map((flaw) => ({ ...flaw, state: numberOf(flaw.state) })));
    unite(search.taken, taken);
    unite(search.accepted, accepted);
  }
  search.state = end;
  if (end === 'exhausted') finish(search);
  return search;
}

const sumOf = (reports: readonly ShardReport[], of: (report: ShardReport) => number): number =>
  reports.reduce((sum, report) => sum + of(report), 0);

function unite(all: Uint8Array, some: Uint8Array): void {
  for (let i = 0; i < some.length; i++) if (some[i] === 1) all[i] = 1;
}

/** All ways, those from one level before those from the next. */
function mergeEdges(
  { edges }: Search,
  reports: readonly ShardReport[],
  levels: number,
  numberOf: (state: number) => number,
): void {
  for (let level = 0; level < levels; level++) {
    for (const { firstEdges, from, to, move } of reports) {
      const end = firstEdges[level + 1] ?? to.length;
      for (let i = firstEdges[level] as number; i < end; i++) {
        edges.from.push(numberOf(from[i] as number));
        edges.to.push(numberOf(to[i] as number));
        edges.move.push(move[i] as number);
      }
    }
  }
}

/** The number of each state of each shard in the whole: level by level, and in a level shard by shard. */
function numberStates(search: Search, reports: readonly ShardReport[], levels: number): Int32Array[] {
  const numbers = reports.map(({ states }) => new Int32Array(states));
  let count = 0;
  search.levels.length = 0;
  for (let level = 0; level <= levels; level++) {
    if (level < levels) search.levels.push(count);
    for (const [shard, { firstStates, states }] of reports.entries()) {
      const own = numbers[shard] as Int32Array;
      const end = firstStates[level + 1] ?? states;
      for (let state = firstStates[level] as number; state < end; state++) own[state] = count++;
    }
  }
  return numbers;
}
