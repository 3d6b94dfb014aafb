import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Search } from '../explore/search.ts';
import { factsOf, promisedOf } from '../explore/testing/exhibit-facts.ts';
import { foundIn, searchExhibit } from '../explore/testing/exhibit-search.ts';
import { type Exhibit, kernelsOf } from '../scenarios/exhibit.ts';
import { EXHIBITS } from '../scenarios/exhibits.ts';
import { type Measured, measuredIn, museumPage, PAGE, readPage } from './testing/museum-page.ts';

/** `SVM_PROVE=1 UPDATE_DOCS=1 npx vitest run core/cli/museum --testTimeout=0` takes every number of the table anew; read what changed. */
const UPDATES = process.env['UPDATE_DOCS'] === '1';

const searches = new Map<string, { readonly search: Search; readonly seconds: number }>();

function timed(exhibit: Exhibit, kernel: 'broken' | 'repaired') {
  const key = `${exhibit.id} ${kernel}`;
  const known = searches.get(key);
  if (known !== undefined) return known;
  const begun = performance.now();
  const search = searchExhibit(exhibit, kernelsOf(exhibit)[kernel]);
  const entry = { search, seconds: (performance.now() - begun) / 1_000 };
  searches.set(key, entry);
  return entry;
}

test.each(EXHIBITS)('$id is found by trying every order, and its repaired kernel is searched to the end', (exhibit) => {
  const [broken, repaired] = [timed(exhibit, 'broken'), timed(exhibit, 'repaired')];

  expect(factsOf(exhibit, broken.search, repaired.search)).toEqual(promisedOf(exhibit));
});

function measured(exhibit: Exhibit): Measured {
  const [broken, repaired] = [timed(exhibit, 'broken'), timed(exhibit, 'repaired')];
  const first = Math.min(...broken.search.flaws.map(({ state }) => state));
  return {
    moves: foundIn(broken.search).moves,
    found: first + 1,
    repaired: repaired.search.states,
    seconds: [broken.seconds, repaired.seconds].map(bucket).join(', '),
    page: measuredIn(readPage()).get(exhibit.id)?.page ?? '',
  };
}

/** As much as can be said of it on another day and another machine. */
function bucket(seconds: number): string {
  const limit = [1, 3, 10, 30, 100].find((most) => seconds < most);
  return limit === undefined ? 'over 100' : `under ${limit}`;
}

test('docs/museum.md has the numbers of real searches', () => {
  const numbers = new Map(EXHIBITS.map((exhibit) => [exhibit.id, measured(exhibit)]));
  if (UPDATES) writeFileSync(PAGE, museumPage(numbers));

  const counts = (of: ReadonlyMap<string, Measured>) =>
    [...of].map(([id, { seconds: _measured, page: _page, ...rest }]) => [id, rest]);
  expect(counts(measuredIn(readPage()))).toEqual(counts(numbers));
});
