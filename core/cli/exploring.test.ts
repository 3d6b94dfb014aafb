import { expect, test } from 'vitest';
import { readPage, rowsIn, SEARCHES, withoutSeconds, withRows } from './testing/exploring-page.ts';

test('docs/exploring.md has a row for each search of its table; its numbers are searched for by npm run prove', () => {
  const page = readPage();
  const rows = rowsIn(page);

  expect(Object.keys(rows)).toEqual(SEARCHES);
  expect(Object.values(rows).filter((row) => !/^\| `[^`]+` \|( [\d,]+ \|){3} [^|]+ \| [\d.]+ \|$/.test(row))).toEqual(
    [],
  );
  expect(withRows(page, rows)).toBe(page);
});

test('the seconds of a row are measured, and not compared', () => {
  expect(withoutSeconds('| `munmap` | 327,101 | exhausted, nothing wrong | 6.0 |')).toBe(
    withoutSeconds('| `munmap` | 327,101 | exhausted, nothing wrong | 71.4 |'),
  );
  expect(withoutSeconds('| `munmap` | 327,101 | nothing wrong so far | 6.0 |')).not.toBe(
    withoutSeconds('| `munmap` | 327,101 | exhausted, nothing wrong | 6.0 |'),
  );
});
