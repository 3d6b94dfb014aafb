import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { violationsInBothThemes } from './axe.ts';
import { geometryProblems } from './geometry.ts';
import { expect, type Playground, SIZES, test } from './playground.ts';

/** The time between two sentences that a screen reader is told while playing, in ms. */
const SPEECH_PAUSE = 1500;
/** Events before and after the fault that are played. */
const STRETCH = 16;
/** What is told besides on the way there: moments of fault, the first step and the last. */
const FAULTS_AND_ENDS = 4;
/** A finger's width, in px. */
const TOUCH = 44;
/** Of 255. What has moved is drawn on a layer of its own, whose edges are rounded a little differently. */
const SHADE = 16;

for (const size of ['desk', 'phone'] as const) {
  test(`it breaks no rule of axe at the start, at the fault and in its panels, in both themes: ${size}`, async ({
    playground,
  }) => {
    test.slow();
    await playground.page.setViewportSize(SIZES[size]);
    await playground.open();
    expect.soft(await violationsInBothThemes(playground), 'at the start').toEqual([]);

    await playground.press('ArrowRight', 3);
    expect.soft(await violationsInBothThemes(playground), 'at the page request').toEqual([]);
    if (size === 'phone') await playground.click('Inspect');
    await playground.thing('IOMMU', /^PRI queue, slot 0/).dispatchEvent('click');
    await playground.idle();
    expect.soft(await violationsInBothThemes(playground), 'with a record in the inspector').toEqual([]);
    if (size === 'phone') await playground.click('Console');
    await playground.command('bind nobody gpu0');
    expect.soft(await violationsInBothThemes(playground), 'with a refusal in the console').toEqual([]);
    await playground.click('Scheduler');
    expect.soft(await violationsInBothThemes(playground), 'with the scheduler').toEqual([]);
    await playground.click('Share');
    expect.soft(await violationsInBothThemes(playground), 'with the dialog open').toEqual([]);
    await playground.press('Escape');
    await playground.press('e');
    await expect(playground.page.getByRole('region', { name: 'Preview of Sequence chart' })).toContainText('svm run');
    expect.soft(await violationsInBothThemes(playground), 'with the ways to take it away').toEqual([]);
    await playground.press('Escape');
    await playground.press('f');
    await expect(playground.page.locator('.present-picture svg')).toBeVisible();
    expect.soft(await violationsInBothThemes(playground), 'in the lecture hall').toEqual([]);
  });
}

test('it would notice a picture without a name, and words that can hardly be read in one theme', async ({
  playground,
}) => {
  await playground.open();
  await playground.page.evaluate(() => document.querySelector('main')?.append(document.createElement('button')));
  await playground.page.addStyleTag({
    content: `@media (prefers-color-scheme: dark) { .now-sentence { color: #333 !important; background: #222; } }`,
  });

  const found = (await violationsInBothThemes(playground)).join('\n');

  expect(found).toContain('light: button-name');
  expect(found).toMatch(/dark: color-contrast: .*now-sentence/);
  expect(found).not.toContain('light: color-contrast');
});

test('it tells every step of the first visit once, in the words that it shows', async ({ playground }) => {
  await playground.open();
  const told = await transcript(playground);
  const shown: string[] = [];

  for (let step = 0; step < 5; step += 1) {
    await playground.press('ArrowRight');
    shown.push(`Event ${await playground.event()}. ${await sentence(playground)}`);
  }

  expect(await told()).toEqual(shown);
  expect(shown.join('\n')).toMatch(/PASID 1.*write of 64 bytes.*PRI queue.*success.*done/s);
});

/** What a screen reader is told from the opening to the fault that is resolved; taken anew by --update-snapshots. */
const TRANSCRIPT = join(import.meta.dirname, 'golden/first-touch-told.txt');

test('it is played by keys alone from the opening to the resolved fault, and tells it', async ({
  playground,
}, info) => {
  await playground.open();
  const told = await transcript(playground);
  const { keyboard } = playground.page;

  await tabTo(playground, 'Granularity');
  await keyboard.type('tr');
  await playground.idle();
  await expect(playground.granularity).toHaveValue('transaction');
  await tabTo(playground, 'Step forward', 'Shift+Tab');
  const last = Number(await playground.slider.getAttribute('aria-valuemax'));
  for (let at = 0; at < last; ) at = await playground.press('Enter');
  await expect(playground.region('Devices and groups')).toContainText('done');

  const lines = `${(await told()).join('\n')}\n`;
  if (['all', 'changed'].includes(info.config.updateSnapshots)) writeFileSync(TRANSCRIPT, lines);
  expect(lines).toBe(readFileSync(TRANSCRIPT, 'utf8'));
  expect(lines).toMatch(/no access.*page request.*PRI queue.*success.*frame 0x.*done/s);
});

test('it tells no more while it plays than can be listened to, but every fault and where it rests', async ({
  playground,
}) => {
  const fault = await playground.openAtPageRequest();
  await playground.open({ at: fault - STRETCH });
  await playground.stepBy('step');
  await playground.page.getByRole('combobox', { name: 'Speed' }).selectOption('8');
  const told = await transcript(playground);
  const begun = Date.now();

  await playground.button('Play').click();
  await expect.poll(() => playground.event(), { timeout: 20_000 }).toBeGreaterThan(fault + STRETCH);
  await playground.click('Pause');
  const spent = Date.now() - begun;

  const rest = await playground.event();
  await expect(playground.announcement).toHaveText(new RegExp(`^Event ${rest}\\. `));
  const events = (await told()).map((text) => Number(/^Event (\d+)\. /.exec(text)?.[1]));
  expect(events).toContain(fault);
  expect(events.at(-1)).toBe(rest);
  expect(events.length).toBeLessThanOrEqual(spent / SPEECH_PAUSE + FAULTS_AND_ENDS);
});

test('it can be gone through by the keyboard alone, from the list of scenarios to the link', async ({ playground }) => {
  await playground.open();
  const { keyboard } = playground.page;
  const stops: string[] = [];

  for (let stop = 0; stop < 60; stop += 1) {
    await keyboard.press('Tab');
    const name = await focusedName(playground);
    if (name === 'document' || name === stops[0]) break;
    stops.push(name);
  }
  const order = ['Scenario', 'Share', 'app pid 100 no PASID', 'Play', 'Granularity', 'Position', 'Command'];
  expect(order.map((name) => stops.indexOf(name)).includes(-1), stops.join(' > ')).toBe(false);
  expect(order.map((name) => stops.indexOf(name))).toEqual(
    order.map((name) => stops.indexOf(name)).toSorted((one, other) => one - other),
  );
});

test('it shows where the focus is, wherever it is', async ({ playground }) => {
  await playground.open();
  const unseen: string[] = [];

  await playground.page.keyboard.press('Tab');
  for (let stop = 0; stop < 25; stop += 1) {
    const [name, focused] = [await focusedName(playground), await playground.page.evaluateHandle(lookOfFocus)];
    await playground.page.keyboard.press('Tab');
    const changed = await focused.evaluate(({ elements, looks }) =>
      elements.some((element, index) => {
        const { outline, border } = getComputedStyle(element);
        return `${outline} ${border}` !== looks[index];
      }),
    );
    if (!changed && name !== 'document') unseen.push(name);
  }

  expect(unseen).toEqual([]);
});

/** Runs in the page: what has the focus and the line that it is in, and their edges as long as they have it. */
function lookOfFocus() {
  const elements = [document.activeElement ?? document.body, document.activeElement?.parentElement ?? document.body];
  const looks = elements.map((element) => {
    const { outline, border } = getComputedStyle(element);
    return `${outline} ${border}`;
  });
  return { elements, looks };
}

test('it lives one fault by keys alone: a scenario, five steps, a record, its bits, a link', async ({ playground }) => {
  await playground.open({ scenario: 'shared-pointer' });
  const { keyboard } = playground.page;

  await tabTo(playground, 'Scenario');
  await keyboard.press('Home');
  await playground.idle();
  await expect(playground.scenario).toHaveValue('first-touch');
  await tabTo(playground, 'Step forward');
  for (let step = 0; step < 3; step += 1) await keyboard.press('Enter');
  await playground.idle();
  await expect(playground.region('IOMMU')).toContainText(/PRI queue[^/]*1 \/ 32/);
  await tabTo(playground, /^0x8/, 'Shift+Tab');
  while (!/^PRI queue, slot 0/.test(await focusedName(playground))) await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await playground.idle();
  await tabTo(playground, /^72:64 /);
  await keyboard.press('Enter');
  await expect(playground.region('Inspector').locator('.meaning')).toContainText('PRGIndex = ');
  await tabTo(playground, 'Share', 'Shift+Tab');
  await keyboard.press('Enter');

  await expect(playground.page.getByRole('dialog', { name: 'A link to this moment' })).toBeVisible();
});

test('it gives a finger room on a phone: no button of the page is smaller than 44 px', async ({ playground }) => {
  await playground.page.setViewportSize(SIZES.phone);
  await playground.openAtPageRequest();
  const names = [
    'Play',
    'Step forward',
    'Step back',
    'Go to start',
    'Go to end',
    'Share',
    'Lanes',
    'Inspect',
    'Console',
  ];

  const controls = [...names.map((name) => playground.button(name)), playground.granularity, playground.scenario];
  const small = [];
  for (const control of controls) {
    const { width = 0, height = 0 } = (await control.boundingBox()) ?? {};
    if (Math.min(width, height) < TOUCH) small.push(`${await control.ariaSnapshot()}: ${width} by ${height}`);
  }
  expect(small).toEqual([]);
});

test('it ends every step in the same picture, whether it moved on the way or not', async ({ playground }) => {
  await playground.page.emulateMedia({ reducedMotion: 'no-preference' });
  await playground.open({ motion: 'on' });
  await playground.press('ArrowRight', 3);
  const moved = await stillPicture(playground);

  await playground.page.emulateMedia({ reducedMotion: 'reduce' });
  await playground.open({ motion: 'on' });
  await playground.press('ArrowRight', 3);
  const reduced = await stillPicture(playground);

  expect(await strongestDifference(playground, moved, reduced)).toBeLessThan(SHADE);
});

test('it does not move for a person who wants less motion', async ({ playground }) => {
  await playground.page.emulateMedia({ reducedMotion: 'reduce' });
  await playground.open({ motion: 'on' });

  for (let step = 0; step < 3; step += 1) {
    await playground.press('ArrowRight');
    expect(await playground.page.evaluate(() => document.getAnimations().length)).toBe(0);
  }
});

test('it keeps its shapes when the system forces its own colours', async ({ playground }, testInfo) => {
  await playground.page.emulateMedia({ forcedColors: 'active' });
  await playground.openAtPageRequest();

  await expect(playground.thing('Processes', '7f00…1000')).toHaveCSS('border-style', 'dashed');
  await expect(playground.page.locator('.button.strong').first()).toHaveCSS('forced-color-adjust', 'none');
  const ink = await playground.region('Now').evaluate((region) => getComputedStyle(region).color);
  await expect(playground.region('Now')).toHaveCSS('border-top-color', ink);
  await expect(playground.region('Messages').locator('.lane-lines path').first()).toHaveCSS('stroke', ink);
  expect(await geometryProblems(playground.page)).toEqual([]);
  await playground.page.screenshot({ path: testInfo.outputPath('forced-colors.png') });

  await playground.press('c');
  const pressed = playground.page.getByRole('button', { name: 'Two moments', pressed: true });
  await expect(pressed, 'or else the browser paints over its words').toHaveCSS('forced-color-adjust', 'none');
});

test('enlarged to twice its size, or on a phone that lies, it scrolls, and time stays at hand', async ({
  playground,
}) => {
  const { page } = playground;
  for (const size of [
    { width: 720, height: 450 },
    { width: 844, height: 390 },
  ]) {
    await page.setViewportSize(size);
    await playground.open({ at: 40 });
    await expect(playground.button('Play')).toBeInViewport({ ratio: 1 });
    await expect(playground.region('Now')).toBeInViewport();
    await playground.click('Console');
    expect(await playground.command('help bind')).toContainEqual(expect.stringContaining('bind PROC DEVICE'));
    await expect(playground.textbox).toBeInViewport({ ratio: 1 });
    await expect(playground.button('Play')).toBeInViewport({ ratio: 1 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
  }
  await playground.press('Escape');
  await playground.button('Play').focus();
  await playground.press('c');
  await expect(playground.region('How the machine differs').getByRole('table').first()).toBeVisible();
  await expect(playground.button('Play')).toBeInViewport({ ratio: 1 });
});

/** Writes down what a screen reader is told from now on; the answer reads it. */
async function transcript({ announcement }: Playground): Promise<() => Promise<string[]>> {
  const told = await announcement.evaluateHandle((region) => {
    const said: string[] = [];
    const note = () => said.push(region.textContent ?? '');
    new MutationObserver(note).observe(region, { childList: true, characterData: true, subtree: true });
    return said;
  });
  return () => told.evaluate((said) => said);
}

async function sentence(playground: Playground): Promise<string> {
  return playground.region('Now').locator('.now-sentence').textContent().then(String);
}

/** The accessible name of what has the focus, as far as a journey needs it; 'document' when nothing has. */
async function focusedName({ page }: Playground): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return 'document';
    // biome-ignore lint/performance/useDomNodeTextContent: the text alone has no room between boxes
    const words = element instanceof HTMLElement ? element.innerText.trim().replace(/\s+/g, ' ') : '';
    const name = element.getAttribute('aria-label') ?? words;
    return name === '' ? element.tagName.toLowerCase() : name;
  });
}

/** Presses Tab, or back Shift+Tab, until the named thing has the focus. */
async function tabTo(playground: Playground, name: string | RegExp, key = 'Tab'): Promise<void> {
  const passed: string[] = [];
  for (let stop = 0; stop < 60; stop += 1) {
    const focused = await focusedName(playground);
    if (typeof name === 'string' ? focused === name : name.test(focused)) return;
    passed.push(focused);
    await playground.page.keyboard.press(key);
  }
  expect(passed, `${key} leads to ${name}`).toContain(name);
}

/** By how much two pictures differ where they differ most, of 255. */
async function strongestDifference({ page }: Playground, ...pictures: readonly Buffer[]): Promise<number> {
  return page.evaluate(
    async (urls) => {
      const pixels = async (url: string) => {
        const image = new Image();
        image.src = url;
        await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
        canvas?.drawImage(image, 0, 0);
        return canvas?.getImageData(0, 0, image.width, image.height).data ?? [];
      };
      const [one = [], other = []] = await Promise.all(urls.map(pixels));
      let strongest = 0;
      for (let place = 0; place < Math.max(one.length, other.length); place += 1) {
        strongest = Math.max(strongest, Math.abs((one[place] ?? 255) - (other[place] ?? 0)));
      }
      return strongest;
    },
    pictures.map((picture) => `data:image/png;base64,${picture.toString('base64')}`),
  );
}

/** The page as it looks when nothing moves any more. */
async function stillPicture({ page }: Playground): Promise<Buffer> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    await new Promise(requestAnimationFrame);
    await Promise.all(document.getAnimations().map(({ finished }) => finished));
  });
  return page.screenshot();
}
