import { expect, test } from './playground.ts';

test('a cut keeps the old future as a branch: switched to, named, compared, undone, kept on reload, deleted', async ({
  playground,
}) => {
  const { page } = playground;
  await playground.open({ at: 60 });
  const before = await playground.fingerprint();
  await playground.command('munmap app heap+0x1000 1');
  const after = await playground.fingerprint();
  expect(after).not.toBe(before);

  await playground.button('Play').focus();
  await playground.press('Control+z');
  expect([await playground.fingerprint(), await playground.event()]).toEqual([before, 60]);
  await expect(playground.slider).toHaveAttribute('aria-valuemax', '112');
  await playground.press('Control+Shift+Z');
  expect(await playground.fingerprint()).toBe(after);

  await playground.click('Branches 2');
  const tree = page.getByRole('dialog', { name: 'Runs that were made here' });
  await expect(tree.getByRole('listitem')).toHaveCount(2);
  await tree.getByRole('textbox', { name: 'Name of Run 2' }).fill('unmapped meanwhile');
  await tree.getByRole('button', { name: 'Show first-touch' }).click();
  await playground.idle();
  expect([await playground.fingerprint(), await playground.event()]).toEqual([before, 60]);

  await expect(page).toHaveURL(/at=60/);
  await page.reload();
  await playground.idle();
  await playground.click('Branches 2');
  await tree.getByRole('button', { name: 'Compare with unmapped meanwhile' }).click();
  await playground.idle();
  await expect(page.getByRole('status').filter({ hasText: 'of the right run alone' })).toBeVisible();
  await page.keyboard.press('Escape');
  await playground.click('Branches 2');
  await tree.getByRole('button', { name: 'Delete unmapped meanwhile' }).click();
  await expect(tree.getByRole('listitem')).toHaveCount(1);
  await tree.getByRole('button', { name: 'Undo the last edit (Ctrl+Z)' }).click();
  await expect(tree.getByRole('button', { name: 'Delete unmapped meanwhile' })).toBeVisible();
});
