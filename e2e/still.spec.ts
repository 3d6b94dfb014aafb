import { expect, SIZES, test } from './playground.ts';

/** The page's program, which is held back here. */
const PROGRAM = /\/assets\/main-.*\.js/;

test('it shows itself before its program is there, and the program goes on in what stands there', async ({
  playground,
}) => {
  const { page } = playground;
  await page.addInitScript(() => {
    const shifted: number[] = [];
    Object.assign(window, { shifted });
    new PerformanceObserver((list) => {
      for (const { value } of list.getEntries() as (PerformanceEntry & { value: number })[]) shifted.push(value);
    }).observe({ type: 'layout-shift', buffered: true });
  });

  for (const size of ['desk', 'phone'] as const) {
    await page.setViewportSize(SIZES[size]);
    await page.goto('about:blank');
    let release: () => void = () => undefined;
    const held = new Promise<void>((done) => {
      release = done;
    });
    await page.route(PROGRAM, async (route) => {
      await held;
      await route.continue();
    });
    await page.goto('./?motion=off', { waitUntil: 'commit' });
    const title = page.locator('[data-still]:visible .brand');
    await expect(title).toBeVisible();
    await expect(page.locator('[data-still]:visible .scene')).toBeVisible();
    await title.evaluate((element) => element.setAttribute('data-seen', 'before'));

    release();
    await playground.idle();
    await expect(page.locator('.brand')).toHaveCount(1);
    await expect(page.locator('.brand')).toHaveAttribute('data-seen', 'before');
    await expect(page.locator('[inert]')).toHaveCount(0);
    const shifted = await page.evaluate(() => (window as unknown as { shifted: number[] }).shifted);
    expect(shifted.reduce((sum, value) => sum + value, 0)).toBeLessThan(0.01);
    await page.setViewportSize(SIZES[size === 'desk' ? 'phone' : 'desk']);
    await expect(page.locator('.brand'), 'it stays there when the window gets another width').toBeVisible();
    await page.unroute(PROGRAM);
  }
});

test('it shows no picture of the whole page where another look is asked for, and the chosen theme at once', async ({
  playground,
}) => {
  const { page } = playground;
  await page.goto('./icon.svg');
  await page.evaluate(() => localStorage.setItem('svm-theme', 'dark'));
  await page.route(PROGRAM, () => undefined);

  await page.goto('./?motion=off', { waitUntil: 'commit' });
  await expect(page.locator('[data-still=wide] .top-bar')).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');

  for (const asked of ['embed', 'present', 'museum']) {
    await page.goto(`./?${asked}`, { waitUntil: 'commit' });
    await expect(page.locator('[data-still=wide]')).toBeAttached();
    await expect(page.locator('[data-still] .top-bar').first()).toBeHidden();
  }
});
