import { geometryProblems } from './geometry.ts';
import { expect, SIZES, test } from './playground.ts';

test('it explores two binders as posted, finds the double PASID, shows it where it breaks and gives its chart and link', async ({
  playground,
}) => {
  await playground.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await playground.open({ scenario: 'two-binders' });
  const dialog = playground.page.getByRole('dialog', { name: 'Explore every order of moves' });
  const result = dialog.getByRole('region', { name: 'Result' });

  await playground.press('x');
  await dialog.getByRole('textbox', { name: 'Seconds at most' }).fill('a while');
  await dialog.getByRole('button', { name: 'Explore', exact: true }).click();
  await expect(dialog.getByRole('alert')).toHaveText('Seconds at most: a whole number from 1 to 3,600.');
  await dialog.getByRole('textbox', { name: 'Seconds at most' }).fill('60');
  await dialog.getByRole('combobox', { name: 'Orders' }).selectOption('random walks, to the end');
  await dialog.getByRole('textbox', { name: 'Walks' }).fill('50');
  await dialog.getByRole('textbox', { name: 'Seed' }).fill('3');
  await dialog.getByRole('button', { name: 'Explore', exact: true }).click();
  await expect(result.getByRole('status')).toHaveText(
    /^Walk 1 of seed 3 broke it after \d+ moves; 18 of them are enough\./,
    { timeout: 20_000 },
  );
  await expect(dialog.getByRole('region', { name: 'Progress' })).toContainText('1 of 50');
  expect(await geometryProblems(playground.page)).toEqual([]);
  const alone = await result.textContent();
  await dialog.getByRole('textbox', { name: 'Workers' }).fill('2');
  await dialog.getByRole('button', { name: 'Explore', exact: true }).click();
  await expect.poll(() => playground.page.workers().length).toBeGreaterThan(2);
  await expect(result.getByRole('status')).toHaveText(/^Walk 1 of seed 3/, { timeout: 20_000 });
  expect(await result.textContent()).toBe(alone);
  await expect(dialog.getByRole('region', { name: 'Progress' })).toContainText('1 of 50');
  await dialog.getByRole('combobox', { name: 'Orders' }).selectOption('every order, whole states compared');
  await dialog.getByRole('button', { name: 'Explore', exact: true }).click();
  await expect(result).toContainText('States are told apart by all that is in them.', { timeout: 20_000 });
  await dialog.getByRole('combobox', { name: 'Orders' }).selectOption('every order, what is alike once');
  await dialog.getByRole('button', { name: 'Explore', exact: true }).click();
  await expect(result).toContainText('no two are told the same from the start on.', { timeout: 20_000 });
  await dialog.getByRole('combobox', { name: 'Orders' }).selectOption('every order of moves');
  await dialog.getByRole('textbox', { name: 'Workers' }).fill('2');
  await dialog.getByRole('button', { name: 'Explore', exact: true }).click();
  await expect.poll(() => playground.page.workers().length).toBeGreaterThan(2);

  await expect(result).toContainText('Broken: one-pasid. app has two PASIDs, 1 and 2.', { timeout: 20_000 });
  await expect(result.getByRole('status')).toHaveText(
    /^It takes \d+ moves, and no order of fewer moves breaks anything\.$/,
  );
  await expect(dialog).toContainText('Two binders, under rfcv2-as-posted, from the start');
  await expect(dialog.getByRole('list', { name: 'What the script still says' })).toContainText('bind app nic0 by tool');
  await expect(dialog.getByText(/^Steps never taken so far: \d+ of \d+$/)).toBeVisible();
  expect(await geometryProblems(playground.page)).toEqual([]);
  await result.getByRole('button', { name: 'Copy the race chart' }).click();
  await expect(result).toContainText('Copied to the clipboard.');
  const read = () => playground.page.evaluate(() => navigator.clipboard.readText());
  expect(await read()).toContain('iommu_process_bind_device()');
  expect(await read()).toMatch(/\n# counterexample\.svm\n(.*\n)+expect broken one-pasid\n?$/);
  await result.getByRole('button', { name: 'Copy a link to it' }).click();
  await expect.poll(read).toContain('#script=');
  const link = await read();

  await result.getByRole('button', { name: /^Show it: event \d+$/ }).click();
  await playground.idle();
  await expect(dialog).toBeHidden();
  await expect(playground.page.getByText('app has two PASIDs, 1 and 2.', { exact: false })).toBeVisible();
  await expect(playground.page.locator('.thing.concerned')).not.toHaveCount(0);
  await playground.click('Take away');
  await playground.page.getByRole('radio', { name: 'What the search found', exact: true }).check();
  const picture = playground.page.getByRole('img', { name: 'Picture of What the search found' }).locator('svg');
  await expect(picture).toContainText('Two binders, under rfcv2-as-posted, from the start');
  const letter = (line: string) =>
    picture
      .locator('text', { hasText: line })
      .first()
      .evaluate((text: SVGTextElement) => text.getExtentOfChar(8).width);
  expect(await letter('accel_bind()')).toBeCloseTo(await letter('svm run counterexample.svm'), 1);
  await playground.press('Escape');
  const other = await playground.somebodyElse();
  await other.visit(link);
  expect(await other.fingerprint()).toBe(await playground.fingerprint());
});

test('it says what is left under a tiny budget, and when it is cancelled, and the page answers meanwhile, also on a phone', async ({
  playground,
}) => {
  await playground.page.setViewportSize(SIZES.phone);
  await playground.open({ scenario: 'bind-vs-exit', policy: 'rfcv2' });
  await playground.click('Scheduler');
  const dialog = playground.page.getByRole('dialog', { name: 'Explore every order of moves' });
  const verdict = dialog.getByRole('status');
  await playground.button('Explore from here').click();
  await dialog.getByRole('textbox', { name: 'States at most' }).fill('500');
  await dialog.getByRole('button', { name: 'Explore', exact: true }).click();

  await expect(verdict).toHaveText(
    /ended at its limit of states: it found 5\d\d states, and from [\d,]+ of them nobody has moved yet/,
    {
      timeout: 20_000,
    },
  );
  expect(await geometryProblems(playground.page)).toEqual([]);
  await dialog.getByRole('textbox', { name: 'States at most' }).fill('9000000');
  await dialog.getByRole('textbox', { name: 'Workers' }).fill('2');
  await dialog.getByRole('button', { name: 'Explore', exact: true }).click();
  await expect(dialog.getByRole('region', { name: 'Progress' })).toContainText('of 9,000,000');
  await dialog.getByRole('button', { name: 'Close' }).click();
  await playground.press('.');
  expect(await playground.event()).toBeGreaterThan(0);
  await playground.button('Explore from here').click();
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  await expect(verdict).toContainText('The search was ended: it found', { timeout: 20_000 });
  await expect(dialog.getByRole('button', { name: 'Explore', exact: true })).toBeVisible();
});
