import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './playground.ts';

// The last column of docs/museum.md, measured anew by `npm run e2e -- --project=seconds`: nothing that the journeys check.

const PAGE = join(import.meta.dirname, '../docs/museum.md');
const ROW = /^\| \[([a-z-]+)\]\(#[^)]*\) \| `([a-z-]+)` \|/gm;

/** As much as can be said of it on another day and another machine. */
function bucket(seconds: number): string {
  const limit = [1, 3, 10, 30, 100].find((most) => seconds < most);
  return limit === undefined ? 'over 100' : `under ${limit}`;
}

function note(exhibit: string, seconds: string): void {
  const lines = readFileSync(PAGE, 'utf8').split('\n');
  const told = lines.map((line) =>
    line.startsWith(`| [${exhibit}](`) ? line.replace(/[^|]*\|$/, ` ${seconds} |`) : line,
  );
  writeFileSync(PAGE, told.join('\n'));
}

test('each exhibit is found in the page, from its card', async ({ playground }) => {
  test.setTimeout(900_000);
  const { page } = playground;
  const exhibits = [...readFileSync(PAGE, 'utf8').matchAll(ROW)];
  const search = page.getByRole('dialog', { name: 'Explore every order of moves' });
  await playground.visit('./?museum&motion=off');
  await expect(page.locator('.exhibit').getByRole('img')).toHaveCount(exhibits.length, { timeout: 120_000 });
  for (const [, id = '', invariant = ''] of exhibits) {
    const card = page.locator(`[data-exhibit="${id}"]`);
    await card.getByRole('button', { name: /^Search for it: / }).click();
    const begin = search.getByRole('button', { name: 'Explore', exact: true });
    await expect(begin).toBeVisible();
    const result = search.getByRole('region', { name: 'Result' });
    const begun = performance.now();
    await begin.click();
    await expect(result).toBeHidden();
    await expect(result).toContainText(`Broken: ${invariant}.`, { timeout: 120_000 });
    note(id, bucket((performance.now() - begun) / 1_000));
    await search.getByRole('button', { name: 'Close' }).click();
    await playground.press('m');
  }
});
