import { expect, test } from '@playwright/test';

test('the same script is played on a RISC-V machine, its tables and queues have their own names, and the link keeps it', async ({
  page,
}) => {
  await page.goto('./?scenario=first-touch&at=40&motion=off');
  await page.getByLabel('Back end', { exact: true }).selectOption('riscv');

  await expect(page.getByText('Device directory')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Process directory domain A' })).toBeVisible();
  await expect(page.getByText('Page-request queue').first()).toBeVisible();
  await expect(page.getByText('PSCID').first()).toBeVisible();

  await page.getByRole('button', { name: 'Share' }).click();
  const link = await page.getByLabel('Link', { exact: true }).inputValue();
  expect(link).toContain('backend=riscv');
  await page.goto(link);
  await expect(page.getByText('Device directory')).toBeVisible();

  await page.goto('./?scenario=fault-stall&backend=riscv');
  await expect(page.getByText(/makes no sense on this back end: a RISC-V IOMMU stalls nothing/)).toBeVisible();
});
