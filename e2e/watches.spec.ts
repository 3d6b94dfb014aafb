import { expect, test } from './playground.ts';

test('it watches an expression over the whole run, and stops where it becomes true, both ways', async ({
  playground,
}) => {
  await playground.open();
  const { page } = playground;
  await page.getByRole('button', { name: 'Watches', exact: true }).click();
  const watches = playground.region('Watches');
  const field = watches.getByRole('textbox', { name: 'New watch' });

  await field.fill('job/0.stat = waiting');
  await field.press('Enter');
  await expect(watches.getByRole('alert')).toContainText('Column 7: job has no field stat; did you mean "state"?');
  await field.fill('job/0.state = waiting');
  await field.press('Enter');
  await playground.idle();
  await expect(watches.getByRole('status').first()).toHaveText('no');
  await expect(watches.locator('.spark')).toHaveCount(1);

  await watches.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.locator('html').focus();
  const stop = await playground.press('n');
  expect(stop).toBeGreaterThan(0);
  await expect(playground.region('Now')).toContainText('opens page request group 0');
  await expect(watches.locator('output')).toHaveText('yes');
  await playground.press('n');
  await expect(watches).toContainText('no stop after this');
  await playground.toEnd();
  expect(await playground.press('p')).toBe(stop);

  await playground.toStart();
  await page.getByRole('combobox', { name: 'Speed' }).selectOption('8');
  await playground.click('Play');
  await expect.poll(() => playground.event()).toBe(stop);
  await expect(playground.button('Play')).toBeVisible();

  await watches.getByText('2 changes').click();
  await watches.getByRole('list').getByRole('button', { name: /yes/ }).click();
  expect(await playground.idle()).toBe(stop);

  await field.fill('message ~ CMD_SYNC');
  await field.press('Enter');
  await playground.idle();
  await watches.getByRole('listitem').filter({ hasText: 'CMD_SYNC' }).getByRole('button', { name: 'Stop' }).click();
  await playground.press('p');
  await expect(playground.region('Now')).toContainText('CMD_SYNC');
});
