import { expect, type Playground, packed, test } from './playground.ts';

test('it offers a link that opens the same scenario at the same moment for somebody else', async ({ playground }) => {
  await playground.open({ scenario: 'unmap-during-dma' });
  await playground.press('ArrowRight', 4);
  const [event, fingerprint, reading] = [
    await playground.event(),
    await playground.fingerprint(),
    await playground.reading(),
  ];

  const link = await playground.share();
  const other = await playground.somebodyElse();
  await other.visit(link);

  expect(Object.fromEntries(new URL(link).searchParams)).toMatchObject({
    scenario: 'unmap-during-dma',
    at: String(event),
    fp: fingerprint,
  });
  expect(await other.event()).toBe(event);
  expect(await other.fingerprint()).toBe(fingerprint);
  await expect(other.scenario).toHaveValue('unmap-during-dma');
  expect(await other.reading()).toEqual(reading);
  expect(await other.notices()).toBe('');
});

test('it keeps the address of the page a link to the moment shown, and leaves the run alone when the dialog is closed by Escape', async ({
  playground,
}) => {
  await test.step('the address', async () => {
    await playground.open();
    await playground.press('ArrowRight', 3);
    const event = await playground.event();
    await expect(playground.page).toHaveURL(new RegExp(`[?&]at=${event}&`));

    await playground.page.reload();
    await playground.idle();

    expect(await playground.event()).toBe(event);
    expect(await playground.notices()).toBe('');
  });
  await test.step('the dialog', async () => {
    const event = await playground.event();
    const share = playground.button('Share');

    await share.click();
    await expect(playground.page.getByRole('dialog', { name: 'A link to this moment' })).toContainText(
      `event ${event}`,
    );
    await playground.press('Escape');

    await expect(playground.page.getByRole('dialog')).toHaveCount(0);
    await expect(share).toBeFocused();
    expect(await playground.event()).toBe(event);
  });
});

test('it opens the last event for an event beyond the end', async ({ playground }) => {
  await playground.open({ at: 999_999_999 });

  expect(String(await playground.event())).toBe(await playground.slider.getAttribute('aria-valuemax'));
});

test('it says so when a link promises another state than it finds', async ({ playground }) => {
  await playground.open({ at: 40, fp: '0123456789abcdef' });

  expect(await playground.notices()).toMatch(/not the state that the link promises/);
  expect(await playground.event()).toBe(40);
  await expectUsable(playground);
});

/** Malformed links, and what must be said about each. */
const MALFORMED: Record<string, { address: string; told: RegExp }> = {
  'a script that was never packed': { address: '#script=garbage', told: /script in the link is damaged/ },
  'a script that is cut off': {
    address: `#script=${packed('machine smmuv3\nprocess app\n').slice(0, 20)}`,
    told: /script in the link is damaged/,
  },
  'a script of no letters': { address: '#script=%%%', told: /script in the link is damaged/ },
  'a script of a million lines': {
    address: `#script=${packed('run\n'.repeat(1_000_000))}`,
    told: /script.*(long|damaged)/,
  },
  'a script longer than the engine takes': {
    address: `#script=${packed('# nothing\n'.repeat(30_000))}`,
    told: /at most 200000 characters/,
  },
  'a script with a mistake': {
    address: `#script=${packed('machine smmuv3\nprocess app\nbind app\n')}`,
    told: /Line 3, column 9: expected a device/,
  },
  'a negative event': { address: '?at=-5', told: /event "-5" is not a number/ },
  'an event in powers of ten': { address: '?at=1e9', told: /event "1e9"/ },
  'an event of letters': { address: '?at=end', told: /event "end" is not a number/ },
  'a scenario that is not there': { address: '?scenario=nope', told: /no scenario nope/ },
  'a fingerprint of nothing': { address: '?fp=0', told: /not the state that the link promises/ },
};

test('it says what is wrong with a malformed link, opens what is left of it, and puts the notice away when that is asked for', async ({
  playground,
}) => {
  test.slow();
  for (const [what, { address, told }] of Object.entries(MALFORMED)) {
    await test.step(what, async () => {
      await playground.visit(`./${address}`);

      expect(await playground.notices()).toMatch(told);
      expect(await playground.notices()).not.toContain('Line 0');
      await expect(playground.scenario).toHaveValue('first-touch');
      expect(await playground.event()).toBe(0);
      await expect(playground.page).toHaveURL(/\?scenario=first-touch&at=0&fp=[0-9a-f]{16}&v=[^#]+$/);
      await expectUsable(playground);
    });
  }
  await playground.click('Dismiss');
  expect(await playground.notices()).toBe('');
  await expectUsable(playground);
});

/** Names and numbers that would be dangerous if the page took them for more than text. */
const HOSTILE = '<img src=x onerror=window.harmed=true>';

test('it takes what a link says for text', async ({ playground }) => {
  for (const address of [
    `?scenario=${encodeURIComponent(HOSTILE)}`,
    `?at=${encodeURIComponent(HOSTILE)}`,
    `?fp=${encodeURIComponent(HOSTILE)}&v=${encodeURIComponent(HOSTILE)}`,
    `#script=${packed(`machine smmuv3\nprocess ${HOSTILE}\n`)}`,
    `#script=${packed(`machine smmuv3\nprocess app\nnote "${HOSTILE}"\nchapter "${HOSTILE}"\nmmap app heap 4K rw-\n`)}`,
  ]) {
    await test.step(address.slice(0, 40), async () => {
      await playground.visit(`./${address}`);
      await playground.toEnd();

      await expect(playground.page.locator('img')).toHaveCount(0);
      expect(await playground.page.evaluate(() => 'harmed' in window)).toBe(false);
      await expectUsable(playground);
    });
  }
});

/** The page answers to its keys and its console. */
async function expectUsable(playground: Playground) {
  const last = Number(await playground.slider.getAttribute('aria-valuemax'));
  await playground.toStart();
  await playground.stepBy('step');
  await playground.press('.');
  expect(await playground.event()).toBe(Math.min(1, last));
  expect((await playground.command('help bind')).join('\n')).toContain('bind PROC DEVICE');
}
