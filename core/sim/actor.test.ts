import { beforeEach, expect, test } from 'vitest';
import { readWord, writeWord } from '../world/memory.ts';
import { createWorld, freezeRows, schemaOf } from '../world/table.ts';
import { startJournal, type World } from '../world/world.ts';
import { actors, choicesOf, enabled, isEnabled, nextStep, perform, post, spawn } from './actor.ts';
import { done, procedure, step } from './procedure.ts';

const SCHEMA = schemaOf([actors]);
const RAM = 0x80000;
let world: World;

beforeEach(() => {
  freezeRows(true);
  world = createWorld(SCHEMA, RAM, 4);
});

const setFlag = (value: number) => writeWord(world, RAM, 0, value);

const worker = procedure('worker', 'self', { wait: ['least'], pick: [], end: ['picked'] }, (go) => ({
  wait: step('waits', { when: (w, { least }) => readWord(w, RAM, 0) >= least }, () => go.pick({})),
  pick: step('picks', { choices: (w) => readWord(w, RAM, 0) }, (_w, _locals, choice) => go.end({ picked: choice })),
  end: step('ends', {}, (w, { picked }) => {
    writeWord(w, RAM, 8, w.acting + 1);
    return done(picked);
  }),
}));

test('an actor waits until its guard holds', () => {
  const actor = spawn(world, 'w', 'cpu', worker.at.wait({ least: 2 }));

  setFlag(1);
  expect([isEnabled(world, actor), choicesOf(world, actor), enabled(world)]).toEqual([false, 0, []]);
  setFlag(2);
  expect(enabled(world)).toEqual([{ actor: actor.id, choice: 0 }]);
});

test('a step with choices can be done in as many ways, of which one is performed', () => {
  setFlag(3);
  const { id } = spawn(world, 'w', 'cpu', worker.at.pick({}));

  expect(enabled(world).map(({ choice }) => choice)).toEqual([0, 1, 2]);
  perform(world, id, 2);
  perform(world, id);

  expect(actors.get(world, id)).toMatchObject({ frame: null, result: 2 });
});

test('a step that can be done can be done in at least one way', () => {
  const actor = spawn(world, 'w', 'cpu', worker.at.pick({}));

  expect(() => choicesOf(world, actor)).toThrow('in at least one way');
});

test('an idle actor does nothing until work is posted, and a busy one takes none', () => {
  const { id } = spawn(world, 'w', 'cpu', null);

  expect(enabled(world)).toEqual([]);
  expect(nextStep(actors.get(world, id))).toBeNull();
  expect(() => perform(world, id)).toThrow('an actor that moves has a step to do');
  post(world, id, worker.at.end({ picked: 5 }));
  expect(nextStep(actors.get(world, id))?.name).toBe('worker.end');
  expect(() => post(world, id, worker.at.pick({}))).toThrow('posted to an idle actor');
});

test('a step knows who performs it; between steps nobody acts', () => {
  spawn(world, 'first', 'cpu', null);
  const { id } = spawn(world, 'second', 'cpu', worker.at.end({ picked: 0 }));

  perform(world, id);

  expect(readWord(world, RAM, 8)).toBe(id + 1);
  expect(world.acting).toBe(-1);
});

test('each performed step is one entry of the journal', () => {
  setFlag(1);
  const { id } = spawn(world, 'w', 'cpu', worker.at.wait({ least: 1 }));
  startJournal(world);
  const frames = [actors.get(world, id)];
  for (let n = 0; n < 3; n++) {
    perform(world, id);
    frames.push(actors.get(world, id));
  }

  expect(world.journal).toMatchObject({ at: 3, steps: 3 });
  world.back();
  expect(actors.get(world, id)).toBe(frames[2]);
  expect(readWord(world, RAM, 8)).toBe(0);
  world.back();
  world.back();
  expect(actors.get(world, id)).toBe(frames[0]);
});
