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
  await playground.click('Show the whole run (O)');
  await expect(slider).toHaveAttribute('aria-valuemax', '112');

  await playground.press('Shift+O');
  await expect(timeline.getByRole('status')).toHaveText(new RegExp(`^\\d+ causes of event ${last}$`));
});
