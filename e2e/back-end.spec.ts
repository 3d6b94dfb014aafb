import { deflateRawSync } from 'node:zlib';
import { expect, test } from '@playwright/test';

/** A machine is switched on and a run played anew. */
const SLOW = { timeout: 20_000 };

test('the same script is played on a RISC-V machine, its tables and queues have their own names, and the link keeps it', async ({
  page,
}) => {
  await page.goto('./?scenario=first-touch&at=40&motion=off');
  await page.getByLabel('Back end', { exact: true }).selectOption('riscv');

  await expect(page.getByText('Device directory')).toBeVisible(SLOW);
  await expect(page.getByText('satp', { exact: true }).first()).toBeVisible();
  await expect(page.getByText('TTBR0')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Process directory domain A' })).toBeVisible();
  await expect(page.getByText('Page-request queue').first()).toBeVisible();
  await expect(page.getByText('PSCID').first()).toBeVisible();

  await page.getByRole('button', { name: 'Share' }).click();
  const link = await page.getByLabel('Link', { exact: true }).inputValue();
  expect(link).toContain('backend=riscv');
  await page.goto(link);
  await expect(page.getByText('Device directory')).toBeVisible(SLOW);

  await page.goto('./?scenario=fault-stall&backend=riscv');
  await expect(page.getByText(/makes no sense on this back end: a RISC-V IOMMU stalls nothing/)).toBeVisible(SLOW);
});

test('on a phone the back end stands with the script, and a stream begins with the caches that the script has chosen', async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('./?scenario=first-touch&at=40&motion=off');
  await page.getByRole('button', { name: 'Script' }).click();
  await page.getByLabel('Back end', { exact: true }).selectOption('riscv');
  await expect(page.getByLabel('Back end', { exact: true })).toHaveValue('riscv', SLOW);
  await page.getByRole('button', { name: 'IOMMU', exact: true }).click();
  await expect(page.getByText('Device directory')).toBeVisible();

  const script = 'machine riscv iotlb 2x8 lru\ndevice gpu0 pci 00:01.0 ats pri pasid 16 atc 4x2 random 5\n';
  await page.goto(`./?motion=off#script=${deflateRawSync(script).toString('base64url')}`);
  await expect(page.getByText('gpu0').first()).toBeAttached(SLOW);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'What do you want to do?' }).fill('stream accesses');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Stream accesses through the caches' });
  await expect(dialog.getByLabel('Page tables')).toHaveValue('sv48');
  await expect(dialog.getByLabel('IOTLB, sets x ways')).toHaveValue('2x8');
  await expect(dialog.getByLabel('IOTLB replaces by')).toHaveValue('lru');
  await expect(dialog.getByLabel('ATC, sets x ways')).toHaveValue('4x2');
  await expect(dialog.getByLabel('ATC replaces by')).toHaveValue('random');
});
