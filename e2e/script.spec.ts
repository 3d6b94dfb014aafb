import { expect, test } from './playground.ts';

test('it shows the script beside the events: the line of the moment, what lines did, and the names of things', async ({
  playground,
}) => {
  const { page } = playground;
  await playground.open({ at: 40 });
  await page.getByRole('button', { name: 'Script', exact: true }).click();
  const editor = page.getByRole('textbox', { name: 'Script' });
  await expect(editor.locator('[aria-current="step"]')).toHaveText('run until fault.queued');

  await page.getByTitle('Events 1 to 37').click();
  expect(await playground.idle()).toBe(1);
  await expect(editor.locator('[aria-current="step"]')).toHaveText('bind app gpu0');

  await page.locator('[data-key="device/0"]').first().click();
  await expect(editor.locator('.token-picked').first()).toHaveText('gpu0');

  await editor.locator('.token.verb', { hasText: /^bind$/ }).hover();
  await expect(page.locator('.word-told')).toContainText('Let a device use the address space of a process.');
  await editor.locator('.cm-line', { hasText: 'dma gpu0' }).first().getByText('gpu0').hover();
  await expect(page.locator('.word-told')).toContainText('ATS, PRI');
  await expect(page.locator('[data-key="device/0"].named').first()).toBeVisible();
});

test('it plays a changed script, refuses one with mistakes where they are, and keeps the changes of a reload', async ({
  playground,
}) => {
  const { page } = playground;
  await playground.open();
  await page.getByRole('button', { name: 'Script', exact: true }).click();
  const editor = page.getByRole('textbox', { name: 'Script' });
  await editor.press('Control+End');
  await editor.pressSequentially('\nbnid app gpu0');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Play the script' }).click();
  await playground.idle();
  await expect(page.getByRole('button', { name: /Not played: 1 mistake\. .*"bnid" is not a command/ })).toBeVisible();
  await expect(page.locator('.cm-lint-marker-error')).toHaveCount(1);

  await page.reload();
  await playground.idle();
  await page.getByRole('button', { name: 'Script', exact: true }).click();
  await expect(page.getByText('Changed, and not played yet.')).toBeVisible();
  await editor.press('Control+End');
  for (let letter = 0; letter < 'bnid app gpu0'.length; letter++) await page.keyboard.press('Backspace');
  await editor.pressSequentially('unb');
  await page.locator('.cm-completionLabel', { hasText: 'unbind' }).click();
  await editor.pressSequentially(' app gpu0');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Enter');
  await playground.idle();
  await expect(page.getByText('As it was played.')).toBeVisible();
  expect(await page.getByRole('slider', { name: 'Position' }).getAttribute('aria-valuemax')).not.toBe('112');

  await page.getByRole('textbox', { name: 'Command' }).fill('exit app');
  await page.keyboard.press('Enter');
  await playground.idle();
  await expect(editor).toContainText('# First touch');
  await expect(editor).toContainText('exit app');
});

test('it finds everything by a few letters in the palette, by the keyboard alone', async ({ playground }) => {
  const { page } = playground;
  await playground.open();
  const field = page.getByRole('combobox', { name: 'What do you want to do?' });

  await page.keyboard.press('Control+k');
  await field.fill('bind fst');
  await page.keyboard.press('Escape');
  await expect(field).toBeHidden();

  await page.keyboard.press('Control+k');
  await field.fill('bind-vs');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await playground.idle();
  await expect(page).toHaveURL(/scenario=bind-vs-(exit|detach)/);

  await page.keyboard.press('Control+k');
  await field.fill('7');
  await page.keyboard.press('Enter');
  expect(await playground.idle()).toBe(7);
});
