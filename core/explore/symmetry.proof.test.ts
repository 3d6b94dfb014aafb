import { expect, test } from 'vitest';
import { present } from '../lib/assert.ts';
import { FILES, SCENARIOS } from '../scenarios/catalogue.ts';
import { actors } from '../sim/actor.ts';
import { splitMove } from './ground.ts';
import { advance, createSearch, type Search } from './search.ts';
import { startAt } from './start.ts';

const MOVE_ACTOR_BITS = 16;

function searched(id: string, states: number): Search {
  const { text } = present(
    SCENARIOS.find((scenario) => scenario.id === id),
    `${id} exists`,
  );
  const start = startAt(text, { files: FILES });
  if (!start.ok) throw new Error(JSON.stringify(start.error));
  const search = createSearch(start.value, { states, bytes: 2 ** 31 });
  while (search.state === 'searching') advance(search, 10_000);
  return search;
}

/** The same move of the other one of two threads. */
function exchanged({ start }: Search, names: readonly [string, string]): (move: number) => number {
  const ids = names.map((name) => actors.first(start.machine.world, (row) => row.name === name)?.id);
  const programs = names.map((name) => start.programs.findIndex((program) => program.name === name));
  const other = (all: readonly (number | undefined)[], one: number): number => all[1 - all.indexOf(one)] as number;
  return (move) => {
    const { program, actor, choice } = splitMove(move);
    if (program !== null) return programs.includes(program) ? -1 - other(programs, program) : move;
    return ids.includes(actor) ? (choice << MOVE_ACTOR_BITS) | other(ids, actor) : move;
  };
}

/** Of each state, by number, where each move leads; of those that were looked at. */
function movesOf({ edges, levels }: Search): Map<number, number>[] {
  const moves = Array.from({ length: levels.at(-1) as number }, () => new Map<number, number>());
  for (let edge = 0; edge < edges.from.length; edge++)
    moves[edges.from.at(edge)]?.set(edges.move.at(edge), edges.to.at(edge));
  return moves;
}

test.each([
  { id: 'fault-while-exiting', names: ['first', 'other'], looked: 86_475, own: 1_657, transitions: 300_837 },
  { id: 'pasid-exhaustion', names: ['b', 'd'], looked: 37_663, own: 10_187, transitions: 161_173 },
] as const)('in $id, the same way with $names exchanged leads to one counterpart of each state', (space) => {
  const search = searched(space.id, space.id === 'fault-while-exiting' ? 100_000 : 50_000);
  const moves = movesOf(search);
  const exchange = exchanged(search, space.names);
  const counterparts = new Map([[0, 0]]);
  let transitions = 0;

  for (const [state, own] of moves.entries()) {
    const others = present(moves[present(counterparts.get(state), 'it has one')], 'that was looked at as well');
    expect(others.size).toBe(own.size);
    for (const [move, to] of own) {
      const there = present(others.get(exchange(move)), 'the other one can make the same move');
      if ((counterparts.get(to) ?? there) !== there) throw new Error(`state ${to} has two counterparts`);
      counterparts.set(to, there);
      transitions++;
    }
  }

  const looked = [...moves.keys()];
  expect(looked.every((state) => counterparts.get(counterparts.get(state) as number) === state)).toBe(true);
  expect([looked.length, transitions]).toEqual([space.looked, space.transitions]);
  expect(looked.filter((state) => counterparts.get(state) === state)).toHaveLength(space.own);
});
