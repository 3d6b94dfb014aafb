import { geometryProblems } from './geometry.ts';
import { expect, SIZES, test } from './playground.ts';

test('it lets a person pick who moves, tells what that did, takes it back, and writes it down as a schedule', async ({
  playground,
}) => {
  await playground.open({ scenario: 'two-binders' });
  const scheduler = playground.region('Scheduler');
  const canMove = scheduler.getByRole('list', { name: 'Can move' });
  const says = scheduler.getByRole('list', { name: 'The script still says' });
  const events = Number(await playground.slider.getAttribute('aria-valuemax'));

  await playground.press('s');
  await expect(scheduler).toContainText(`A pick leaves the ${events} events after this moment behind.`);
  await expect(says.getByRole('button')).toHaveText([/tell app\s*bind app gpu0/, /tell tool\s*bind app nic0 by tool/]);
  await says.getByRole('button').first().click();
  await playground.idle();
  await scheduler.getByRole('button', { name: 'Explore from here' }).click();
  const search = playground.page.getByRole('dialog', { name: 'Explore every order of moves' });
  await expect(search.getByRole('button', { name: 'Explore', exact: true })).toBeFocused();
  await playground.press('Enter');
  await expect(search.getByRole('list', { name: 'What the script still says' })).toContainText('bind app nic0 by tool');
  await expect(search.getByRole('status')).toHaveText(/^It takes 17 moves/, { timeout: 20_000 });
  await expect(search.getByRole('button', { name: 'Explore', exact: true })).toBeFocused();
  await search
    .getByRole('combobox', { name: 'Until' })
    .selectOption('the end of this run: nothing left behind is said');
  await search.getByRole('button', { name: 'Explore', exact: true }).click();
  await expect(search.getByRole('status')).toContainText('Nothing is wrong in any order of moves.', {
    timeout: 20_000,
  });
  await search.getByRole('button', { name: 'Close' }).click();
  await says.getByRole('button').click();
  await playground.idle();
  await expect(canMove.getByRole('button')).toHaveText([/^1app/, /^2tool/]);

  const foretold = await canMove.getByRole('button', { name: /^tool/ }).locator('.offer-text').textContent();
  await playground.press('2');
  await expect(playground.region('Now')).toContainText(String(foretold));
  await playground.press('Backspace');
  await expect(playground.region('Now')).not.toContainText(String(foretold));

  for (let turn = 0; turn < 8; turn += 1) {
    await playground.press('1');
    await playground.press('2');
  }
  await expect(playground.page.getByRole('alert')).toContainText('A PASID belongs to at most one process');
  await expect(scheduler).toContainText('An invariant is broken: nobody moves any more.');
  await expect(scheduler).toContainText('In the script: schedule app tool app tool app tool app tool');
  const fingerprint = await playground.fingerprint();
  const link = await playground.share();
  const other = await playground.somebodyElse();
  await other.visit(link);
  expect(await other.fingerprint()).toBe(fingerprint);

  await scheduler.getByRole('button', { name: `Back to the run of ${events} events, at event 0` }).click();
  await playground.idle();
  expect(Number(await playground.slider.getAttribute('aria-valuemax'))).toBe(events);
  await expect(scheduler.getByRole('button', { name: 'Back to the run of 18 events, at event 18' })).toBeVisible();
});

test('it offers the scheduler on a phone among seven tabs, and by the keys of its list', async ({ playground }) => {
  await playground.page.setViewportSize(SIZES.phone);
  await playground.open({ scenario: 'unmap-during-dma', at: 60 });
  await playground.click('Scheduler');
  const offers = playground.region('Scheduler').locator('.offer-line');

  expect(await geometryProblems(playground.page)).toEqual([]);
  await offers.first().focus();
  await playground.press('ArrowDown');
  await expect(offers.nth(1)).toBeFocused();
  const text = await offers.nth(1).locator('.offer-text').textContent();
  await playground.press('Enter');

  await expect(playground.region('Now')).toContainText(String(text));
  await expect(offers.nth(1)).toBeFocused();
});
