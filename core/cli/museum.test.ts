import { expect, test } from 'vitest';
import { EXHIBITS } from '../scenarios/exhibits.ts';
import { measuredIn, museumPage, readPage } from './testing/museum-page.ts';

test('docs/museum.md has a row and a card for each exhibit; its numbers are searched for by npm run prove', () => {
  const page = readPage();
  const numbers = measuredIn(page);

  expect([...numbers.keys()]).toEqual(EXHIBITS.map(({ id }) => id));
  expect(
    [...numbers.values()].filter(({ moves, found, repaired }) => !(moves > 0 && found > 1 && repaired > 1)),
  ).toEqual([]);
  expect(page).toBe(museumPage(numbers));
});
