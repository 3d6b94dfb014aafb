import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { explore } from './explore.ts';
import {
  LIMITS,
  PAGE,
  readPage,
  rowOf,
  rowsIn,
  SEARCHES,
  type Searched,
  withoutSeconds,
  withRows,
} from './testing/exploring-page.ts';

/** `SVM_PROVE=1 UPDATE_DOCS=1 npx vitest run core/cli/exploring --testTimeout=0` takes the table anew; read what changed. */
const UPDATES = process.env['UPDATE_DOCS'] === '1';

function searched(line: string): Searched {
  const told: string[] = [];
  const io = { out: (text: string) => told.push(text), say: () => undefined, read: () => null, bytes: () => null };
  const begun = process.cpuUsage();
  void explore(io, [...line.split(' '), ...LIMITS, '--json']);
  const { user, system } = process.cpuUsage(begun);
  return { ...JSON.parse(told.join('')), seconds: (user + system) / 1_000_000 };
}

test.each(SEARCHES)('docs/exploring.md has what `explore %s` comes to', (line) => {
  const row = rowOf(line, searched(line));
  const page = readPage();
  if (UPDATES) writeFileSync(PAGE, withRows(page, { ...rowsIn(page), [line]: row }));

  expect(withoutSeconds(rowsIn(readPage())[line])).toBe(withoutSeconds(row));
});
