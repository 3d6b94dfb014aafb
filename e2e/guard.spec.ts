import { expect, test } from './playground.ts';

/** A host that nobody has. */
const ELSEWHERE = 'https://elsewhere.invalid/';

const POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'worker-src': "'self'",
  'font-src': "'self'",
  'connect-src': "'self'",
  'manifest-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data: blob:",
  'base-uri': "'none'",
  'form-action': "'none'",
};

test('it has a policy that lets the page run and load what lies beside it alone', async ({ playground }) => {
  await playground.open();
  const policy = await playground.page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');

  const directives = String(policy).split('; ');
  expect(directives).toEqual(Object.entries(POLICY).map(([name, sources]) => `${name} ${sources}`));
});

test('it would notice a script in the page, a request of the page and one of its worker to another origin', async ({
  playground,
}) => {
  await playground.page.route(/\/entry[-.]/, async (route) => {
    const response = await route.fetch();
    const body = `fetch('${ELSEWHERE}worker').catch(() => undefined);\n${await response.text()}`;
    await route.fulfill({ response, body });
  });
  await playground.open();
  await playground.page.evaluate(async (elsewhere) => {
    const script = document.createElement('script');
    script.textContent = 'window.harmed = true';
    document.body.append(script);
    await fetch(`${elsewhere}page`).catch(() => undefined);
  }, ELSEWHERE);

  await expect
    .poll(() => playground.unexcused())
    .toEqual(
      expect.arrayContaining([
        expect.stringMatching(/violation of the policy: script-src-elem, inline/),
        expect.stringMatching(/violation of the policy: connect-src, https:\/\/elsewhere/),
        `request to another origin: ${ELSEWHERE}worker`,
      ]),
    );
  expect(await playground.page.evaluate(() => 'harmed' in window)).toBe(false);
  playground.excuse(/elsewhere|violat|inline script|Failed to load/);
});
