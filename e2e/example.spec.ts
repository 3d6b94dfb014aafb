// A test of somebody else's project, to copy: it uses what docs/testing-against.md promises, and nothing of this project.
import { expect, type Page, test } from '@playwright/test';

/** Waits until the page shows the moment that was asked for last, and says which event that is. */
async function shown(page: Page): Promise<number> {
  await page.locator('html[data-engine="idle"]').waitFor();
  return Number(await page.locator('html').getAttribute('data-event'));
}

test('a device writes a page that nobody has touched, and the kernel finds it one', async ({ page }) => {
  await page.goto('./?scenario=first-touch&motion=off');
  expect(await shown(page)).toBe(0);

  await page.getByRole('combobox', { name: 'Granularity', exact: true }).selectOption('transaction');
  await page.getByRole('button', { name: 'Step forward', exact: true }).click();
  expect(await shown(page)).toBeGreaterThan(0);
  await page.getByRole('slider', { name: 'Position', exact: true }).press('End');
  const last = await shown(page);

  await expect(page.getByRole('slider', { name: 'Position', exact: true })).toHaveAttribute('aria-valuenow', `${last}`);
  await expect(page.getByRole('region', { name: 'Devices and groups', exact: true })).toContainText('gpu0');
  await expect(page.getByRole('contentinfo').getByText(/^fingerprint/)).toHaveText(/[0-9a-f]{16}$/);
  await expect(page.getByRole('alert')).toHaveCount(0);
});
