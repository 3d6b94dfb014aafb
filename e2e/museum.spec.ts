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
  await playground.press('m');
  await torn.getByRole('button', { name: /^Run it repaired: / }).click();
  await playground.idle();
  await expect(page.getByText('All invariants and expectations hold')).toBeVisible();
});

test('it searches for an exhibit from its card, and is usable on a phone', async ({ playground }) => {
  await playground.page.setViewportSize(SIZES.phone);
  await playground.open();
  await playground.scenario.selectOption('#museum');
  const museum = playground.page.getByRole('dialog', { name: 'The bug museum' });
  const card = museum.locator('[data-exhibit="two-binders"]');
  await expect(card.getByRole('img')).toBeVisible({ timeout: 30_000 });
  await card.scrollIntoViewIfNeeded();
  expect(await geometryProblems(playground.page)).toEqual([]);

  await card.getByRole('button', { name: /^Search for it: / }).click();
  const search = playground.page.getByRole('dialog', { name: 'Explore every order of moves' });
  await search.getByRole('button', { name: 'Explore', exact: true }).click();

  await expect(search.getByRole('region', { name: 'Result' })).toContainText('Broken: one-pasid.', { timeout: 20_000 });
});
