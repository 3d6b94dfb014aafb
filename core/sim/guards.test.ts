import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readWord, writeWord } from '../world/memory.ts';
import type { Row } from '../world/row.ts';
import { createWorld, schemaOf, table } from '../world/table.ts';
import { branch, startJournal, type World } from '../world/world.ts';
import { actors, enabled, isEnabled, perform, spawn } from './actor.ts';
import { dueOf, refreshClock } from './clock.ts';
import { procedure, step } from './procedure.ts';

interface Flag extends Row {
  readonly up: number;
}
const flags = table<Flag>('flag', { up: 'int' }, (id, r) => ({ id, h0: 0, h1: 0, up: r.up }));
const SCHEMA = schemaOf([actors, flags]);
const RAM = 0x80000;
/** More pages than a mask has bits; none is written when the world begins. */
const PAGES = 40;
const FLAGS = 3;

/** Each loop turns over what the next one waits for; `rest` waits for nothing, and comes back to the very same frame. */
const loop = procedure(
  'loop',
  'self',
  { word: ['place', 'want'], row: ['place', 'want'], either: ['place', 'want'], rest: ['place', 'want'] },
  (go) => ({
    word: step('w', { when: (w, l) => wordAt(w, l.place) === l.want }, (w, l) => {
      turnRow(w, l.place);
      return go.rest(l);
    }),
    row: step('r', { when: (w, l) => rowAt(w, l.place) === l.want }, (w, l) => {
      turnWord(w, l.place + 1);
      return go.word(l);
    }),
    either: step('e', { when: (w, l) => wordAt(w, l.place) === l.want || rowAt(w, l.place) === l.want }, (w, l) => {
      turnWord(w, l.place);
      return go.either(l);
    }),
    rest: step('s', {}, (w, l) => {
      turnRow(w, l.place + 1);
      return go.word(l);
    }),
  }),
);
const LABELS = ['word', 'row', 'either', 'rest'] as const;

const wordAt = (w: World, place: number): number => readWord(w, RAM + (place % PAGES), 0);
const turnWord = (w: World, place: number): void => writeWord(w, RAM + (place % PAGES), 0, 1 - wordAt(w, place));
const rowAt = (w: World, place: number): number => flags.get(w, place % FLAGS).up;
function turnRow(w: World, place: number): void {
  flags.edit(w, place % FLAGS, (row) => {
    row.up = 1 - row.up;
  });
}

const cast = fc.array(
  fc.record({ label: fc.constantFrom(...LABELS), place: fc.constantFrom(0, 1, 2, 33), want: fc.nat(1) }),
  {
    minLength: 1,
    maxLength: 8,
  },
);
/** Steps taken back, and forward again, before the next move; whose turn it is; whether a branch goes on from there. */
const deeds = fc.array(fc.record({ who: fc.nat(), back: fc.nat(3), forward: fc.nat(2), fork: fc.boolean() }), {
  maxLength: 40,
});

function expectClockToAgree(world: World): void {
  const due = actors.all(world).filter(({ id }) => dueOf(world, id) !== 0);
  expect(due.map(({ id }) => id)).toEqual(
    actors
      .all(world)
      .filter((actor) => isEnabled(world, actor))
      .map(({ id }) => id),
  );
}

test('the clock, which asks only guards that read what was written, agrees with asking all of them', () => {
  fc.assert(
    fc.property(cast, deeds, (loops, list) => {
      let world = createWorld(SCHEMA, RAM, PAGES);
      for (let flag = 0; flag < FLAGS; flag++) flags.insert(world, { up: 0 });
      for (const { label, place, want } of loops) spawn(world, label, 'cpu', loop.at[label]({ place, want }));
      refreshClock(world, 0, -1);
      startJournal(world);
      for (const { who, back, forward, fork } of list) {
        const journal = world.journal;
        for (let n = 0; n < back && journal !== null && journal.at > 0; n++) world.back();
        for (let n = 0; n < forward && journal !== null && journal.at < journal.steps; n++) world.forward();
        const moves = enabled(world);
        const move = moves[who % Math.max(1, moves.length)];
        if (move === undefined) break;
        perform(world, move.actor);
        refreshClock(world, 1, move.actor);
        expectClockToAgree(world);
        if (!fork) continue;
        world = branch(world);
        startJournal(world);
      }
    }),
    { numRuns: 300 },
  );
});
