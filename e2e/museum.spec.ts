import { geometryProblems } from './geometry.ts';
import { expect, SIZES, test } from './playground.ts';

test('it is two clicks from opening the museum to a counterexample on the screen, and one more to the repaired kernel', async ({
  playground,
}) => {
  await playground.visit('./?museum&motion=off');
  const { page } = playground;
  const museum = page.getByRole('dialog', { name: 'The bug museum' });
  const exhibits = museum.locator('.exhibit');
  await expect(exhibits).toHaveCount(26);
  await expect(museum.getByRole('img')).toHaveCount(26, { timeout: 30_000 });
  await expect(museum.locator('.with-bug')).toHaveCount(26);
  expect(await geometryProblems(page)).toEqual([]);
  await museum.getByText('All 26 by name').click();
  await museum.getByRole('button', { name: 'A late unbind hits the next owner', exact: true }).click();
  const late = museum.locator('[data-exhibit="bug-unbind-after-reuse"]');
  await expect(late.locator('blockquote')).toBeInViewport();
  await expect(late.locator('figcaption')).toContainText('Jean-Philippe Brucker, 11 May 2018, v2 13/40');
  await expect(late.getByRole('button', { name: /^Show it: / })).toBeFocused();
  await museum.getByRole('button', { name: 'Close the museum' }).click();

  await playground.scenario.selectOption('#museum');
  const torn = museum.locator('[data-exhibit="flush-under-lock"]');
  await expect(torn).toContainText('deadlock: ');
  await torn.getByRole('button', { name: /^Show it: event \d+ of: / }).click();
  await playground.idle();

  await expect(museum).toBeHidden();
  await expect(playground.scenario).toHaveValue('museum-flush-under-lock');
  await expect(page.getByRole('status').filter({ hasText: 'An invariant does not hold.' })).toBeVisible();
  expect(await playground.event()).toBe(Number(await playground.slider.getAttribute('aria-valuemax')));
  await expect(page.locator('.kernel .concerned')).toHaveText([/^mmap_lock app/, /^fault worker/]);
  await playground.press('m');
  await expect(torn.getByRole('button', { name: /^Show it: / })).toBeFocused();
  await torn.getByRole('button', { name: /^Run it repaired: / }).click();
  await playground.idle();
  await expect(page.getByText('All invariants and expectations hold')).toBeVisible();
  await expect(page.getByRole('contentinfo')).toContainText('repaired: without the bug');
  await expect(page.getByRole('status').filter({ hasText: 'nothing breaks: Flush, without a lock' })).toBeVisible();
});

test('it searches for exhibits from their cards, one click to where the search begins and one to begin it, also on a phone', async ({
  playground,
}) => {
  await playground.page.setViewportSize(SIZES.phone);
  await playground.open();
  await playground.scenario.selectOption('#museum');
  const museum = playground.page.getByRole('dialog', { name: 'The bug museum' });
  const search = playground.page.getByRole('dialog', { name: 'Explore every order of moves' });
  const result = search.getByRole('region', { name: 'Result' });
  const find = async (exhibit: string, until: string) => {
    await museum
      .locator(`[data-exhibit="${exhibit}"]`)
      .getByRole('button', { name: /^Search for it: / })
      .click();
    await expect(search.getByRole('combobox', { name: 'Until' })).toHaveValue(until);
    await search.getByRole('button', { name: 'Explore', exact: true }).click();
  };
  await expect(museum.locator('[data-exhibit="two-binders"]').getByRole('img')).toBeVisible({ timeout: 30_000 });
  await museum.locator('[data-exhibit="two-binders"]').scrollIntoViewIfNeeded();
  expect(await geometryProblems(playground.page)).toEqual([]);

  await find('two-binders', 'One PASID on both devices');
  await expect(result).toContainText('Broken: one-pasid.', { timeout: 20_000 });
  expect(await geometryProblems(playground.page)).toEqual([]);
  await expect(search.getByRole('list', { name: 'What the script still says' })).not.toContainText('unbind');
  await search.getByRole('button', { name: 'Close' }).click();
  await playground.press('m');
  await find('bug-detach-all', 'gpu0 goes on');
  await expect(result).toContainText('Broken: pasid-in-flight.', { timeout: 20_000 });
  await search.getByRole('button', { name: 'Close' }).click();
  await playground.press('m');
  await find('bug-exit-handler', 'The next process');
  await expect(result).toContainText('Broken: pasid-in-flight.', { timeout: 20_000 });
  await search.getByRole('button', { name: /^Show it: / }).click();
  await playground.idle();
  await expect(playground.page.locator('.thing.concerned').first()).toBeInViewport();
});
