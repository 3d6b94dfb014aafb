import { createHash } from 'node:crypto';
import { test as base, expect, type Playground } from './playground.ts';
import { builtFile, type Site, serveSite } from './site.ts';

/** The page below a path of a plain file server, in a browser that may keep it. */
const test = base.extend<{ site: Site }>({
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads off the pattern what a fixture needs
  site: async ({}, use) => {
    const site = await serveSite('/teaching/svm/');
    await use(site);
    await site.stop();
  },
  baseURL: async ({ site }, use) => use(site.url),
  serviceWorkers: 'allow',
});

test('it opens, plays, edits and shares without a network after one visit, from below any path', async ({
  playground,
  site,
}) => {
  const { page } = playground;
  await playground.open({ scenario: 'unmap-during-dma' });
  await kept(playground);
  await expect(page.getByRole('contentinfo')).toContainText('works offline');

  await site.stop();
  playground.excuse(/fetching the script|ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED/);
  await page.reload();
  await playground.idle();
  await playground.press('ArrowRight', 3);
  await playground.click('Script');
  await expect(page.getByRole('textbox', { name: 'Script' })).toContainText('munmap');
  const [event, fingerprint] = [await playground.event(), await playground.fingerprint()];
  const link = await playground.share();
  const tab = await page.context().newPage();
  await tab.goto(link);

  await expect(tab.locator('html')).toHaveAttribute('data-event', String(event), { timeout: 30_000 });
  await expect(tab.getByRole('contentinfo')).toContainText(fingerprint);
  await expect(tab.getByText('not the state that the link promises')).toHaveCount(0);
});

test('it keeps a newer build only when it is whole, and opens it only when that is asked for', async ({
  playground,
  site,
}) => {
  const { page } = playground;
  await playground.open();
  await kept(playground);
  await playground.press('ArrowRight', 2);
  const event = await playground.event();

  site.change(newerBuild('a hash that no file has'));
  await update(playground);
  await page.reload();
  await playground.idle();
  await expect(page, 'half of a newer build is nothing').toHaveTitle('SVM Playground');

  site.change(newerBuild());
  await update(playground);
  const open = playground.button('Open the newer version');
  await expect(open).toBeVisible();
  await page.reload();
  await playground.idle();
  await expect(page, 'a reload alone exchanges nothing').toHaveTitle('SVM Playground');
  await open.click();

  await expect(page).toHaveTitle('SVM Playground, newer', { timeout: 20_000 });
  expect(await playground.idle(), 'it opens at the same moment').toBe(event);
});

async function kept({ page }: Playground): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('data-offline', 'ready', { timeout: 30_000 });
}

/** Has the browser ask for a newer build, as it does now and then by itself, until that is kept or refused. */
async function update({ page }: Playground): Promise<void> {
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    await new Promise<void>((settled) => {
      const look = () => (registration.installing === null ? settled() : setTimeout(look, 20));
      look();
    });
  });
}

/** The same build with another title, as a whole or with a file that is not the one that was built. */
function newerBuild(wrongHash?: string): Parameters<Site['change']>[0] {
  const renamed = (content: Buffer) => String(content).replace('<title>SVM Playground', '$&, newer');
  return (path, content) => {
    if (path === 'index.html') return renamed(content);
    if (path !== 'service-worker.js') return content;
    const hash =
      wrongHash ??
      createHash('sha256')
        .update(renamed(builtFile('index.html')))
        .digest('hex');
    return String(content)
      .replace(/"": "[0-9a-f]{64}"/, `"": "${hash}"`)
      .replace('"version": "', '$&newer-');
  };
}
