import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EXHIBITS } from '../scenarios/exhibits.ts';
import { measuredIn, museumPage, PAGE, readPage } from './testing/museum-page.ts';

/** `UPDATE_DOCS=1 npx vitest run core/cli/museum.test.ts` writes the cards anew and keeps the numbers. */
const UPDATES = process.env['UPDATE_DOCS'] === '1';

test('docs/museum.md has a row and a card for each exhibit; its numbers are searched for by npm run prove', () => {
  const numbers = measuredIn(readPage());
  if (UPDATES) writeFileSync(PAGE, museumPage(numbers));

  expect([...numbers.keys()]).toEqual(EXHIBITS.map(({ id }) => id));
  expect(
    [...numbers.values()].filter(({ moves, found, repaired }) => !(moves > 0 && found > 1 && repaired > 1)),
  ).toEqual([]);
  expect(readPage()).toBe(museumPage(numbers));
});

test('what was said about an exhibit is quoted with who said it, when and where', () => {
  const quotes = EXHIBITS.flatMap(({ origin: { quote } }) => (quote === null ? [] : quote));

  expect(quotes.filter(({ words }) => /^["']|["']$/.test(words))).toEqual([]);
  expect(quotes.filter(({ when }) => !/\b20\d\d$/.test(when))).toEqual([]);
  expect(quotes.filter(({ where }) => !/\b[0-9a-f]{12}\b|@|^a comment in \w+\(\)/.test(where))).toEqual([]);
});
