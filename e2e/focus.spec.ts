import { expect, test } from './playground.ts';

test('it narrows the timeline, the table and the chart to a chapter, and to the causes of an event', async ({
  playground,
}) => {
  const { page, slider } = playground;
  await playground.open({ at: 60 });
  await playground.stepBy('step');
  await playground.button('Play').focus();
  await playground.press('o');
  const timeline = playground.region('Timeline');
  await expect(timeline.getByRole('status')).toHaveText(/^events \d+ to \d+$/);
  const [first, last] =
    String(await timeline.getByRole('status').textContent())
      .match(/\d+/g)
      ?.map(Number) ?? [];
  await expect(slider).toHaveAttribute('aria-valuemax', String(last));
  await playground.toEnd();
  expect(await playground.event()).toBe(last);
  expect(await playground.press('.'), 'no step leaves it').toBe(last);
  await playground.click('Show all events as a table');
  const table = page.getByRole('table', { name: 'Events' });
  await expect(table.getByRole('row')).toHaveCount((last ?? 0) - (first ?? 0) + 2);

  await playground.press('b');
  await page.keyboard.press('Enter');
  await expect(page.locator('.bookmark-flag'), 'flags stand within it').toHaveCount(1);
  await page.getByRole('button', { name: 'Watches', exact: true }).click();
  await page.getByRole('textbox', { name: 'New watch' }).fill('length(smmu0/cmdq)');
  await page.keyboard.press('Enter');
  await expect(playground.region('Watches').locator('.watch')).toBeVisible();
  await playground
    .region('Watches')
    .getByText(/^\d+ changes?$/)
    .click();
  await expect(playground.region('Watches').locator('.history .event')).not.toHaveCount(0);
  const changes = (await playground.region('Watches').locator('.history .event').allTextContents()).map(Number);
  expect(Math.max(...changes), 'so do the changes of a watch').toBeLessThanOrEqual(last ?? 0);
  const link = await playground.share();
  expect(new URL(link).searchParams.get('focus')).toBe(`${(first ?? 0) - 1}-${last}`);
  const other = await playground.somebodyElse();
  await other.visit(link);
  await expect(other.slider).toHaveAttribute('aria-valuemax', String(last));
  await other.visit('./?scenario=first-touch&focus=400-500&motion=off');
  expect(await other.notices()).toContain('The link looks at events 401 to 500 alone, but this run has 112 events');
  await playground.click('Show the whole run (O)');
  await expect(slider).toHaveAttribute('aria-valuemax', '112');
  await expect(table.locator('tr.present'), 'the row of the moment stays in sight').toBeInViewport({ ratio: 1 });

  await playground.press('Shift+O');
  await expect(timeline.getByRole('status')).toHaveText(new RegExp(`^\\d+ causes of event ${last}$`));
  await playground.click('Show the whole run (O)');
  await page.locator('html').focus();
  await page.keyboard.press('Control+z');
  await expect(timeline.getByRole('status'), 'a part that was left is looked at again').toHaveText(/causes of event/);
  await playground.press('Control+z', 5);
  await expect(table, 'what was laid out is undone as an edit is').toHaveCount(0);
  await page.keyboard.press('Control+Shift+z');
  await expect(table).toBeVisible();
});
