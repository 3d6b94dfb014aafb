import { expect, test } from 'vitest';
import { FILES } from '../scenarios/catalogue.ts';
import { type Columns, createColumns, lookAtFirst, wordColumn } from './columns.ts';
import { bytesOfLevels, createLevels, cut, leave, lookAt, save } from './levels.ts';
import { startAt } from './start.ts';

const STATES = 1_300;

function columnsOfMachine(): Columns {
  const start = startAt('process app', { files: FILES });
  if (!start.ok) throw new Error('a machine with a process can be explored');
  return createColumns(start.value.machine.world);
}

/** States in which another word each is not as at first, one after another: each makes a column known. */
function filled(columns: Columns, words: number) {
  const [level, next] = createLevels();
  for (let state = 0; state < STATES; state++) {
    const index = state % words;
    const column = wordColumn(columns, index, 0);
    lookAtFirst(columns);
    columns.current[column] = 7 + state;
    save(level, columns, state % 5);
  }
  return { level, next };
}

test('states come back as they were written down, whatever columns became known meanwhile', () => {
  const columns = columnsOfMachine();
  const { level } = filled(columns, 200);

  for (const state of [0, 150, 511, 512, 1_023, 1_024, STATES - 1]) {
    expect(lookAt(level, columns, state)).toBe(state % 5);
    const values = [...columns.current].flatMap((value, column) => (value === 0 ? [] : [[column, value]]));
    expect(values).toEqual([[state % 200, 7 + state]]);
  }
});

test('the next level takes the memory of states that nobody will look at again', () => {
  const columns = columnsOfMachine();
  const { level, next } = filled(columns, 20);
  const bytes = bytesOfLevels(level);

  for (let state = 0; state < STATES; state++) leave(level, state);
  for (let state = 0; state < 1_024; state++) save(next, columns, 1);
  expect(bytesOfLevels(level)).toBe(bytes);
  expect(lookAt(level, columns, STATES - 1)).toBe((STATES - 1) % 5);

  cut(level, 0);
  for (let state = 0; state < 512; state++) save(next, columns, 1);
  expect(bytesOfLevels(level)).toBe(bytes);
  save(next, columns, 1);
  expect(bytesOfLevels(level)).toBeGreaterThan(bytes);
});
