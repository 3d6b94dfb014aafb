import { geometryProblems } from './geometry.ts';
import { expect, SIZES, test } from './playground.ts';

test('a sweep of the working set shows where the caches are outgrown, can be cancelled, and leaves the run alone', async ({
  playground,
}) => {
  const { page } = playground;
  await playground.open();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'What do you want to do?' }).fill('stream accesses');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Stream accesses through the caches' });
  // The form begins with the caches of the machine that is shown.
  await expect(dialog.getByRole('combobox', { name: 'IOTLB, sets x ways' })).toHaveValue('16x4');
  await expect(dialog.getByRole('combobox', { name: 'ATC, sets x ways' })).toHaveValue('1x32');
  await dialog.getByRole('combobox', { name: 'ATC, sets x ways' }).selectOption('none');
  await dialog.getByRole('combobox', { name: 'Page tables' }).selectOption('RISC-V Sv39');
  await dialog.getByRole('combobox', { name: 'Pattern' }).selectOption('sequential');
  await dialog.getByRole('combobox', { name: 'Largest working set' }).selectOption('256 pages');
  await dialog.getByRole('button', { name: 'Sweep' }).click();

  await expect(dialog.getByRole('status')).toHaveText('9 of 9 sizes', { timeout: 20_000 });
  await expect(dialog.getByRole('img', { name: 'Hit rate in the IOTLB' })).toBeVisible();
  await dialog.getByText('As a table').click();
  await expect(dialog.getByRole('row', { name: '64 pages' })).toContainText('100 %');
  await expect(dialog.getByRole('row', { name: '128 pages' })).toContainText('0 %');
  expect(await geometryProblems(page)).toEqual([]);

  await dialog.getByRole('combobox', { name: 'Largest working set' }).selectOption('262,144 pages');
  await dialog.getByRole('combobox', { name: 'PASIDs' }).selectOption('8');
  await dialog.getByRole('combobox', { name: 'ATC, sets x ways' }).selectOption('8x4');
  await dialog.getByRole('button', { name: 'Sweep' }).click();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog.getByRole('status')).toHaveText(/^Cancelled after \d+ of 19 sizes\.$/);
  await page.setViewportSize(SIZES.phone);
  expect(await geometryProblems(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});
