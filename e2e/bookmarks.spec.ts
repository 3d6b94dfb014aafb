import { expect, SIZES, test } from './playground.ts';

test('it bookmarks moments with a note, by keys, shows them on the bar, keeps them, and carries them in the link', async ({
  playground,
}) => {
  const { page } = playground;
  const { keyboard } = page;
  const dialog = page.getByRole('dialog', { name: 'Bookmarks of this run' });
  await playground.open({ scenario: 'first-touch', at: 17 });
  await keyboard.press('b');
  await expect(dialog.getByRole('textbox', { name: 'Note of event 17' })).toBeFocused();
  await keyboard.type('still without V');
  await keyboard.press('Enter');
  await playground.toEnd();
  const last = await playground.event();
  await playground.slider.press('b');
  await keyboard.type('<img src=x onerror=window.harmed=true>');
  await keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(page.locator('.bookmark-flag')).toHaveCount(2);

  expect(await playground.press('J')).toBe(17);
  await expect(playground.slider).toHaveAttribute('aria-valuetext', /still without V \(event 17\)$/);
  expect(await playground.press('j')).toBe(last);
  await playground.press('J');
  await playground.thing('Devices and groups', /gpu0/).click();
  await playground.idle();
  const link = await playground.share();
  const other = await playground.somebodyElse();
  await other.visit(link);

  expect(new URL(link).searchParams.get('sel')).toMatch(/^device\//);
  await expect(other.page.locator('.bookmark-flag')).toHaveCount(2);
  await expect(other.button('Follow the moment')).toBeVisible();
  await expect(other.region('Inspector')).toContainText('gpu0');
  await other.click('Bookmarks');
  const theirs = other.page.getByRole('dialog', { name: 'Bookmarks of this run' });
  await expect(theirs.getByRole('textbox', { name: `Note of event ${last}` })).toHaveValue(/^<img/);
  await theirs.getByRole('textbox', { name: 'Note of event 17' }).fill('renamed');
  await theirs.getByRole('button', { name: `Delete the bookmark at event ${last}` }).click();
  await theirs.getByRole('button', { name: 'Close' }).click();
  await other.visit('./?scenario=first-touch&motion=off');
  await expect(other.page.locator('.bookmark-flag'), 'it is kept without the link').toHaveCount(1);
  await expect(other.page.locator('.bookmark-flag')).toHaveAttribute('title', 'renamed (event 17)');
  await expect(other.page.locator('img')).toHaveCount(0);
  expect(await other.notices()).toBe('');
});

test('on a phone a button beside the granularity sets one and leads to it', async ({ playground }) => {
  const { page } = playground;
  await page.setViewportSize(SIZES.phone);
  await playground.open({ scenario: 'first-touch', at: 17 });
  const box = await playground.button('Bookmarks').boundingBox();
  expect([box?.width, box?.height]).toEqual([44, 44]);
  const dialog = page.getByRole('dialog', { name: 'Bookmarks of this run' });

  await playground.click('Bookmarks');
  await dialog.getByRole('button', { name: 'Bookmark event 17' }).click();
  await page.keyboard.type('before it is valid');
  await page.keyboard.press('Enter');
  await playground.toStart();
  await playground.click('Bookmarks');
  await dialog.getByRole('button', { name: 'Go to the bookmark at event 17' }).click();

  expect(await playground.idle()).toBe(17);
  await expect(dialog).toHaveCount(0);
});

test('it says so where the state of a bookmark or a selection is not what the link means', async ({ playground }) => {
  await playground.open({ scenario: 'first-touch' });
  await playground.press('b');
  await playground.page.keyboard.press('Enter');
  await playground.press('.', 2);
  const link = new URL(await playground.share());
  // The same bookmarks of another run of events: as if the core had changed since.
  link.searchParams.set('scenario', 'shared-pointer');
  link.searchParams.delete('fp');
  link.searchParams.set('sel', 'device/99');
  await playground.visit(link.href);

  await playground.toEnd();
  await playground.press('J');
  expect(await playground.notices()).toContain('Event 0 is not in the state that it had when its bookmark was set');
  await expect(playground.region('Inspector')).toContainText('does not exist at this moment');
});
