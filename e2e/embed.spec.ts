import { readFileSync } from 'node:fs';
import type { FrameLocator, Page } from '@playwright/test';
import { test as base, expect } from './playground.ts';
import { type Site, serveSite } from './site.ts';

/** A page of somebody else's, at an origin of its own, that has the playground in a frame. */
const HOST = 'host.html';
/** The same as docs/embedding.md has it. */
const DOCUMENTED = 'host-documented.html';

/** The built page, served with the one word that a sandboxed frame needs, and a page of another origin beside it. */
const test = base.extend<{ site: Site }>({
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads off the pattern what a fixture needs
  site: async ({}, use) => {
    const pages: Record<string, string> = { [HOST]: '<!doctype html><title>A course</title>' };
    const site = await serveSite('/svm/', { 'access-control-allow-origin': '*' }, pages);
    pages[DOCUMENTED] = documented(site);
    await use(site);
    await site.stop();
  },
  baseURL: async ({ site }, use) => use(site.url),
});

/** What comes back for a message. */
interface Reply {
  readonly ok?: boolean;
  readonly error?: { readonly code: string; readonly message: string };
  readonly moment?: { readonly at: number; readonly fingerprint: string; readonly sentence: string };
  readonly [more: string]: unknown;
}

test('a page around it starts it, loads, seeks, plays and hears of every moment, by the documented messages', async ({
  playground,
  site,
}) => {
  playground.excuse(/request to another origin: http:\/\/127\.0\.0\.1:\d+\/svm\/host/);
  const { page } = playground;
  const frame = await embed(page, site, './?embed&motion=off&scenario=unmap-during-dma&at=12');
  await expect(frame.locator('html')).toHaveAttribute('data-event', '12', { timeout: 30_000 });
  await expect(frame.getByRole('combobox', { name: 'Scenario' })).toHaveCount(0);
  await expect(frame.getByRole('region', { name: 'Console' })).toHaveCount(0);
  await expect(frame.getByRole('region', { name: 'Now' })).toBeVisible();

  await expect.poll(() => heard(page, 'ready')).toMatchObject([{ svm: 1, versions: [1], moment: { at: 12 } }]);
  expect(await ask(page, { do: 'hello' })).toMatchObject({ ok: true, versions: [1], moment: { at: 12 } });
  await ask(page, { do: 'subscribe', to: ['moment', 'events', 'run'] });
  expect(await ask(page, { do: 'load', scenario: 'first-touch', policy: 'mainline', at: 5 })).toMatchObject({
    ok: true,
    run: { scenario: 'first-touch', policy: 'mainline' },
    moment: { at: 5 },
  });
  expect((await ask(page, { do: 'seek', at: 9 })).moment?.at).toBe(9);
  expect((await ask(page, { do: 'step', direction: 1, by: 'step' })).moment?.at).toBe(10);
  const script = 'machine smmuv3\nprocess app\n';
  expect(await ask(page, { do: 'load', script })).toMatchObject({ ok: true, run: { scenario: null } });
  await ask(page, { do: 'load', scenario: 'first-touch' });
  await ask(page, { do: 'play', by: 'chapter', speed: 8 });
  await expect.poll(async () => (await heard(page, 'moment')).at(-1)).toMatchObject({ moment: { playing: true } });
  await ask(page, { do: 'pause' });

  const told = async () => (await heard(page, 'moment')).map(({ moment }) => moment?.at);
  await expect.poll(told).toEqual(expect.arrayContaining([5, 9, 10]));
  await expect.poll(() => heard(page, 'run')).toHaveLength(3);
  await expect
    .poll(async () => (await heard(page, 'events'))[0])
    .toMatchObject({ events: [{ event: 6 }, { event: 7 }, { event: 8 }, { event: 9 }] });
});

test('it answers messages that are malformed, huge, old or hostile with what is wrong, and changes nothing', async ({
  playground,
  site,
}) => {
  playground.excuse(/request to another origin: http:\/\/127\.0\.0\.1:\d+\/svm\/host/);
  const { page } = playground;
  const frame = await embed(page, site, './?embed&motion=off&at=7');
  const hostile = '<img src=x onerror=window.harmed=true>';
  const before = await ask(page, { do: 'hello' });

  for (const [message, code, says] of [
    [{ do: 'seek', at: hostile }, 'malformed', 'In the field at'],
    [{ do: 'load', script: `machine smmuv3\nprocess ${hostile}\n` }, 'refused', 'Line 2'],
    [{ do: 'load', scenario: hostile }, 'refused', 'no scenario'],
    [{ do: 'load', script: 'run\n'.repeat(1_000_000) }, 'too-large', 'at most 200000 characters'],
    [{ do: 'eval', code: 'window.harmed = true' }, 'unknown', 'no order "eval"'],
    [{ svm: 0, do: 'hello' }, 'version', 'speaks version 1'],
    [{ do: 'seek', at: 3, html: hostile }, 'malformed', 'no field "html"'],
  ] as const) {
    const { ok, error } = await ask(page, message);
    expect(ok, JSON.stringify(message).slice(0, 60)).toBe(false);
    expect(error?.code).toBe(code);
    expect(error?.message).toContain(says);
  }

  expect((await ask(page, { do: 'hello' })).moment).toEqual(before.moment);
  await expect(frame.locator('img')).toHaveCount(0);
  await page.evaluate(() => frames[0]?.postMessage('not for you', '*'));
  await expect
    .poll(async () => (await heard(page, undefined)).at(-1))
    .toMatchObject({ re: null, error: { code: 'malformed' } });
});

test('it takes orders from the named origins alone, and lives in a frame that has scripts and nothing else', async ({
  playground,
  site,
}) => {
  playground.excuse(/request to another origin: http:\/\/127\.0\.0\.1:\d+\/svm\/host/);
  const { page } = playground;
  // The browser says so itself where the greeting finds another page than it is for.
  playground.excuse(/does not match the recipient window's origin/);
  await embed(page, site, './?embed&motion=off&host=https://course.example');
  expect(await heard(page, 'ready')).toEqual([]);
  expect(await ask(page, { do: 'seek', at: 3 })).toMatchObject({ ok: false, error: { code: 'origin' } });

  const frame = await embed(page, site, './?embed&motion=off&at=4', 'allow-scripts');
  await expect(frame.locator('html')).toHaveAttribute('data-event', '4', { timeout: 30_000 });
  const reply = await ask(page, { do: 'seek', at: 30 });

  expect(reply.moment?.at).toBe(30);
  await expect(frame.getByRole('region', { name: 'Now' })).toContainText(String(reply.moment?.sentence));
});

test('it says why it has not started where the browser loads no program: from a file', async ({ playground }) => {
  playground.excuse(/file:|ERR_FAILED|CORS/);
  const { page } = playground;
  await page.goto(new URL('../dist/index.html', import.meta.url).href);

  await expect(page.getByText('The SVM Playground has not started.')).toBeVisible();
  await expect(page.locator('.unstarted')).toHaveCSS('opacity', '1');
});

/** A page that holds the two examples of docs/embedding.md, word for word but for where the playground is. */
function documented(site: Site): string {
  const text = readFileSync(new URL('../docs/embedding.md', import.meta.url), 'utf8');
  const [markup = '', script = ''] = ['html', 'js'].map(
    (language) => new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(text)?.[1],
  );
  const here = (example: string) =>
    example
      .replaceAll('https://example.org/svm/', site.url)
      .replaceAll('https://example.org', new URL(site.url).origin);
  return `<!doctype html><title>A course</title>${here(markup)}<script>${here(script)}</script>`;
}

test('the examples of docs/embedding.md do what is said of them, as they stand there', async ({ playground, site }) => {
  playground.excuse(/request to another origin: http:\/\/127\.0\.0\.1:\d+\/svm\/host/);
  const { page } = playground;
  const logged: string[] = [];
  page.on('console', (message) => message.type() === 'log' && logged.push(message.text()));
  await page.goto(new URL(DOCUMENTED, site.url).href.replace('localhost', '127.0.0.1'));
  const frame = page.frameLocator('iframe[title="One page fault"]');
  await expect(frame.locator('html')).toHaveAttribute('data-event', '17', { timeout: 30_000 });
  await expect(frame.locator('html')).toHaveAttribute('data-engine', 'idle');
  // The host has subscribed by then: it was told that the frame is ready.
  await frame.getByRole('button', { name: 'Step forward', exact: true }).click();
  await expect.poll(() => logged.at(-1)).toMatch(/^\d+ .+\.$/);
  expect(logged.at(-1)).toContain(await frame.locator('html').getAttribute('data-event'));
  expect(logged.at(-1)).toContain(await frame.locator('.now-sentence').textContent());
});

/** Opens the host page with the playground in a frame, and writes down all that the frame says. */
async function embed(page: Page, site: Site, address: string, sandbox?: string): Promise<FrameLocator> {
  await page.goto(new URL(HOST, site.url).href.replace('localhost', '127.0.0.1'));
  await page.evaluate(
    ({ src, sandbox }) => {
      const said: unknown[] = [];
      Object.assign(window, { said });
      const frame = document.createElement('iframe');
      addEventListener('message', ({ source, data }) => source === frame.contentWindow && said.push(data));
      if (sandbox !== undefined) frame.setAttribute('sandbox', sandbox);
      Object.assign(frame, { src, width: 1280, height: 700 });
      document.body.append(frame);
    },
    { src: new URL(address, site.url).href, sandbox },
  );
  const inside = page.frameLocator('iframe');
  await expect(inside.locator('html')).toHaveAttribute('data-engine', 'idle', { timeout: 30_000 });
  return inside;
}

/** Sends a message into the frame, and waits for its answer. */
async function ask(page: Page, message: object): Promise<Reply> {
  const id = `ask ${Math.random()}`;
  await page.evaluate(([message, id]) => frames[0]?.postMessage({ svm: 1, id, ...message }, '*'), [
    message,
    id,
  ] as const);
  let reply: Reply | undefined;
  await expect
    .poll(async () => {
      reply = (await heard(page, undefined)).find(({ re }) => re === id);
      return reply;
    })
    .toBeDefined();
  return reply as Reply;
}

/** What the frame has told of a topic so far; undefined: its answers. */
async function heard(page: Page, topic: string | undefined): Promise<Reply[]> {
  const said = await page.evaluate(() => (window as unknown as { said: Reply[] }).said);
  return said.filter(({ tell }) => tell === topic);
}
