import { expect, test } from './playground.ts';
import { serveSite } from './site.ts';

test('a lecture is held with the keys of a remote control: big words, what happens, notes, black, and back to the page', async ({
  playground,
}) => {
  const { page } = playground;
  await playground.open({ scenario: 'fault-invalid', at: 0 });
  await playground.press('f');
  const hall = page.getByRole('main', { name: 'Presentation' });
  const picture = hall.locator('.present-picture');
  await expect(picture.locator('svg')).toBeVisible();
  await expect(page.locator('.top-bar, .timeline, .rail, .status, .lanes')).toHaveCount(0);
  await expect(page).toHaveURL(/present=1/);

  const first = await playground.press('PageDown');
  const second = await playground.press('PageDown');
  expect(second).toBeGreaterThan(first);
  await expect(picture, 'it is the picture of this moment').toContainText('failed');
  await expect(picture).toHaveAccessibleName(
    'What happens, in Processes, Shared page tables, IOMMU, Devices and groups',
  );
  await expect(playground.region('Now').locator('.note')).toContainText('find_extend_vma() finds no area');
  await expect(hall.getByRole('list', { name: 'Chapters' }).locator('[aria-current]')).toHaveText('No area');
  const size = (selector: string) =>
    hall.locator(selector).evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize));
  expect(await size('.now-sentence')).toBeGreaterThan(40);
  expect(await size('.note')).toBeGreaterThan(25);
  const letters = await picture
    .locator('text')
    .evaluateAll((all) => all.map((text) => text.getBoundingClientRect().height));
  expect(Math.min(...letters)).toBeGreaterThan(15);
  expect(await hall.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);

  await page.keyboard.press('a');
  await expect(picture).toHaveAccessibleName('The whole machine');
  await page.keyboard.press('b');
  await expect(hall.locator('.present-black')).toBeVisible();
  await page.keyboard.press('PageDown');
  await expect(hall.locator('.present-black')).toHaveCount(0);
  expect(await playground.press('PageUp')).toBe(first);

  const isFull = () => page.evaluate(() => document.fullscreenElement !== null);
  await page.keyboard.press('f');
  await expect.poll(isFull).toBe(true);
  await page.keyboard.press('Escape');
  await expect.poll(isFull).toBe(false);
  await expect(hall, 'the screen goes first, then the presentation').toBeVisible();
  await hall.getByRole('button', { name: 'Full screen (F)' }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(isFull).toBe(true);
  await page.keyboard.press('f');
  await expect.poll(isFull).toBe(false);

  await expect(page).toHaveURL(new RegExp(`[?&]at=${first}&.*present=1`));
  await page.reload();
  await playground.idle();
  await expect(picture.locator('svg')).toBeVisible();
  expect(await playground.event()).toBe(first);
  await playground.press('Escape');
  await expect(hall).toHaveCount(0);
  await expect(page.locator('.rail')).toBeVisible();
  await expect(page).not.toHaveURL(/present/);
  expect(await playground.event()).toBe(first);

  await playground.stepBy('step');
  await playground.button('Play').focus();
  await playground.press('ArrowRight', 3);
  await playground.press('f');
  await expect(picture, 'of a single step where it happens, larger').toHaveAccessibleName(
    'What happens, in IOMMU, Devices and groups',
  );
});

test('where the screen is not given, it says so and presents all the same', async ({ playground }) => {
  const { page } = playground;
  const site = await serveSite('/', { 'access-control-allow-origin': '*' }, { 'host.html': '<!doctype html>' });
  playground.excuse(/request to another origin/);
  await page.goto(`${site.url}host.html`);
  await page.evaluate(() => {
    const frame = Object.assign(document.createElement('iframe'), {
      src: './?present=1&motion=off',
      allow: "fullscreen 'none'",
    });
    frame.style.cssText = 'width: 1000px; height: 700px';
    document.body.replaceChildren(frame);
  });
  const hall = page.frameLocator('iframe').getByRole('main', { name: 'Presentation' });
  await expect(hall.locator('svg').first()).toBeVisible();

  await hall.getByRole('button', { name: 'Full screen (F)' }).click();

  await expect(hall.getByText('The screen cannot be filled here')).toBeVisible();
  await expect(hall.locator('.present-picture svg')).toBeVisible();
  await hall.getByRole('button', { name: 'Leave the presentation' }).click();
  await expect(hall).toHaveCount(0);
  await site.stop();
});
