import { expect, test } from './playground.ts';

test('what was deleted, left, opened or discarded by mistake comes back by Ctrl+Z, and time stays where it is', async ({
  playground,
}) => {
  const { page } = playground;
  await playground.open({ scenario: 'unmap-during-dma', at: 60 });
  await page.getByRole('button', { name: 'Watches', exact: true }).click();
  const watches = playground.region('Watches');
  await watches.getByRole('textbox', { name: 'New watch' }).fill('length(smmu0/cmdq)');
  await page.keyboard.press('Enter');
  await playground.idle();
  await watches.getByRole('button', { name: /cmdq/ }).click();
  await expect(watches.locator('.watch')).toHaveCount(0);
  await playground.button('Play').focus();
  await playground.press('Control+z');
  await expect(watches.locator('.spark'), 'a watch, with what it says').toHaveCount(1);

  await playground.press('b');
  await page.keyboard.type('here it is stale');
  await page.keyboard.press('Enter');
  await playground.click('Bookmarks');
  const bookmarks = page.getByRole('dialog', { name: 'Bookmarks of this run' });
  await bookmarks.getByRole('button', { name: 'Delete the bookmark at event 60' }).click();
  await expect(bookmarks.getByRole('textbox')).toHaveCount(0);
  await playground.press('Control+z');
  await expect(bookmarks.getByRole('textbox'), 'a bookmark, with its note').toHaveValue('here it is stale');
  await bookmarks.getByRole('button', { name: 'Undo' }).click();
  await expect(bookmarks.getByRole('textbox'), 'one more undo: it was never set').toHaveCount(0);
  await page.keyboard.press('Escape');
  await playground.button('Play').focus();
  await playground.press('Control+Shift+z', 2);
  await expect(page.locator('.bookmark-flag')).toHaveCount(0);
  await playground.press('Control+z');
  await expect(page.locator('.bookmark-flag')).toHaveCount(1);

  await page.getByRole('button', { name: 'Script', exact: true }).click();
  const editor = page.getByRole('textbox', { name: 'Script' });
  await editor.press('Control+End');
  await editor.pressSequentially('\n# mine');
  await page.getByRole('button', { name: 'Drop the changes' }).click();
  await expect(editor).not.toContainText('# mine');
  await playground.press('Control+z');
  await expect(editor, 'a draft of the script').toContainText('# mine');
  await page.reload();
  await playground.idle();
  await page.getByRole('button', { name: 'Script', exact: true }).click();
  await expect(page.getByText('Changed, and not played yet.'), 'and is kept').toBeVisible();
  await expect(page.locator('.bookmark-flag')).toHaveCount(1);
  expect(await playground.event()).toBe(60);
});
