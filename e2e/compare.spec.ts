import type { Locator } from '@playwright/test';
import { expect, test } from './playground.ts';

/** Work of one process is under way while another one is bound, which takes more steps in one design than in the other. */
const BUSY = `device gpu0 pci 00:01.0 ats pri pasid 16
process app
process tool
mmap app heap 64K rw- at 0x7f0000000000
bind app gpu0
dma gpu0 app write heap+0x1000 64
bind tool gpu0
run
`;

test('it puts two designs beside each other by cause: one completion in one row, gaps, one scrubber', async ({
  playground,
}) => {
  const { page } = playground;
  await playground.open({ script: BUSY, policy: 'rfcv2' });
  await playground.click('Compare with another run or moment');
  const rows = playground.region('Events of both runs').getByRole('table').getByRole('row');
  const slider = page.getByRole('slider', { name: 'Row' });
  await expect(page.getByRole('combobox', { name: 'Kernel design beside it' })).toHaveValue('mainline');
  await expect(page.getByRole('status').filter({ hasText: 'of the left run alone' })).toBeVisible();

  const numbersOf = async (text: string) => {
    const row = rows.filter({ hasText: text }).first();
    return (await row.getByRole('button').allTextContents()).map(Number);
  };
  const submit = await numbersOf('app submits the write');
  await slider.press('End');
  await playground.idle();
  const done = await numbersOf('writes the completion record');
  expect([submit.length, done.length], 'partners stand in one row').toEqual([2, 2]);
  const way = [0, 1].map((side) => (done[side] ?? 0) - (submit[side] ?? 0));
  expect(way[0], 'though the ways there differ').not.toBe(way[1]);

  await slider.press('Home');
  await page.locator('html').focus();
  await playground.press('n');
  await expect(page.locator('tr[aria-current=step]')).toContainText('nothing like it here');
  await expect(playground.region('How the machines differ')).toContainText('Left after event');

  const leftWaits = page.locator('tr[aria-current=step] td.gap:first-child');
  for (let tries = 0; tries < 20 && (await leftWaits.count()) === 0; tries += 1) await playground.press('n');
  await expect(leftWaits, 'a row that no event of the left run names').toBeVisible();
  const row = String(await slider.getAttribute('aria-valuenow'));

  await page.getByRole('button', { name: 'Machines', exact: true }).click();
  const machines = playground.region('Both machines');
  const [left, right] = ['Left machine', 'Right machine'].map((name) =>
    machines.getByRole('region', { name, exact: true }),
  );
  await expect(left?.locator('.differs').first() as Locator).toBeVisible();
  await expect(right?.locator('.differs').first() as Locator).toBeVisible();
  expect(await machines.locator('.column').count(), 'the same columns on both sides').toBe(4);
  const differences = playground.region('How the machines differ');
  const all = await differences.locator('.difference').count();
  await left?.locator('.differs').first().click();
  await expect.poll(() => differences.locator('.difference').count()).toBeLessThan(all);
  await differences.getByRole('button', { name: 'Show all that differs' }).click();
  await expect(differences.locator('.difference')).toHaveCount(all);
  await expect(differences).not.toContainText(/pasid-cursor|-> -1/i);
  const columns = machines.getByRole('group', { name: 'Columns of both machines' });
  await columns.getByRole('button', { pressed: false }).first().click();
  await expect(columns.getByRole('button', { pressed: true }), 'there is room for two on each side').toHaveCount(2);
  await expect(machines.locator('.column')).toHaveCount(4);
  const link = await playground.share();
  await page.keyboard.press('Escape');
  await expect(playground.region('Processes')).toBeVisible();

  await page.setViewportSize({ width: 390, height: 844 });
  await playground.visit(link);
  await expect(page.getByRole('button', { name: 'Left', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await expect(machines, 'the link says what was shown of the runs').toBeVisible();
  await expect(slider, 'and at which row').toHaveAttribute('aria-valuenow', row);
  await page.getByRole('button', { name: 'Machine', exact: true }).click();
  await expect(playground.region('How the machines differ')).toBeVisible();
});

test('it tells two moments apart field by field, and opens from a scenario that names another one', async ({
  playground,
}) => {
  const { page } = playground;
  await playground.open({ scenario: 'question-who-pins', at: 20 });
  await playground.press('c');
  const difference = playground.region('How the machine differs');
  await difference.getByRole('spinbutton', { name: 'From event' }).fill('0');
  await playground.idle();
  await expect(difference.getByRole('status')).toContainText('From event 0 to event 20.');
  await expect(difference.getByRole('table', { name: /./ }).first()).toBeVisible();
  await playground.visit(await playground.share());
  await expect(difference.getByRole('status')).toContainText('From event 0 to event 20.');

  await page.getByRole('button', { name: 'Two runs', exact: true }).click();
  await playground.idle();
  await expect(page.getByRole('combobox', { name: 'Scenario beside it' })).toHaveValue('question-who-pins-driver');
  await playground
    .region('Right run')
    .getByRole('button', { name: /^Show event \d+ of the right run/ })
    .click();
  await playground.idle();
  await expect(playground.scenario).toHaveValue('question-who-pins-driver');
});
