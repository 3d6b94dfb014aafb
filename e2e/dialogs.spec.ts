import { violations, violationsInBothThemes } from './axe.ts';
import { expect, SIZES, test } from './playground.ts';

for (const size of ['desk', 'phone'] as const) {
  test(`its dialogs break no rule of axe, in both themes: ${size}`, async ({ playground }) => {
    test.slow();
    const { page } = playground;
    const found = (what: string, within = 'dialog[open]') =>
      violationsInBothThemes(playground, within).then((broken) => expect.soft(broken, what).toEqual([]));
    await page.setViewportSize(SIZES[size]);
    await playground.open({ scenario: 'bug-lost-last', at: 40 });

    await playground.press('b');
    await page.keyboard.type('here');
    await found('bookmarks');
    await page.keyboard.press('Escape');
    await playground.press('x');
    const explore = page.getByRole('dialog', { name: 'Explore every order of moves' });
    await explore.getByRole('button', { name: 'Explore', exact: true }).click();
    await found('explorer');
    await page.keyboard.press('Escape');
    await playground.press('m');
    await expect(page.locator('.exhibit')).toHaveCount(26);
    await found('museum');
    await page.keyboard.press('Escape');
    if (size === 'phone') await playground.press('?');
    await page.getByRole('button', { name: /^Branches/ }).click();
    await found('tree of runs', 'dialog.branches[open]');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  });

  test(`its comparison breaks no rule of axe, in both themes: ${size}`, async ({ playground }) => {
    test.slow();
    const { page } = playground;
    const found = (what: string) =>
      violationsInBothThemes(playground, 'main.compare').then((broken) => expect.soft(broken, what).toEqual([]));
    await page.setViewportSize(SIZES[size]);
    await playground.open({ scenario: 'bug-lost-last', at: 40 });

    await playground.press('c');
    await expect(page.getByRole('main', { name: 'Compare' })).toBeVisible();
    await found('two moments');
    await page.getByRole('button', { name: 'Two runs', exact: true }).click();
    await playground.idle();
    await found('two runs');
    await page.getByRole('button', { name: 'Machines', exact: true }).click();
    await expect(page.locator('.pictures .column').first()).toBeVisible();
    await found('two machines');
  });
}

test('inside another page it breaks no rule of axe', async ({ playground }) => {
  await playground.visit('./?embed&motion=off&at=40');

  expect(await violations(playground)).toEqual([]);
});
