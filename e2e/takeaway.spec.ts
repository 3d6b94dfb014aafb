import { readFileSync } from 'node:fs';
import type { Locator } from '@playwright/test';
import { expect, type Playground, test } from './playground.ts';

const dialogOf = ({ page }: Playground): Locator => page.getByRole('dialog', { name: 'Take this run away' });

/** Picks a form in the dialog and waits until its text is there. */
async function pick(playground: Playground, name: string): Promise<Locator> {
  const dialog = dialogOf(playground);
  await dialog.getByRole('radio', { name, exact: true }).check();
  const preview = dialog.getByRole('region', { name: `Preview of ${name}` });
  await expect(preview).not.toContainText('Being made');
  return preview;
}

/** Downloads what is picked: the name of the file, and what it holds. */
async function downloaded(playground: Playground): Promise<{ name: string; text: string }> {
  const coming = playground.page.waitForEvent('download');
  await dialogOf(playground).getByRole('button', { name: 'Download' }).click();
  const file = await coming;
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
}

/** Drops a file over the page. */
async function drop({ page }: Playground, name: string, text: string): Promise<void> {
  const files = await page.evaluateHandle(
    ([fileName, content]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content ?? ''], fileName ?? ''));
      return transfer;
    },
    [name, text],
  );
  await page.dispatchEvent('body', 'dragover', { dataTransfer: files });
  await expect(page.getByText('Let it go here')).toBeVisible();
  await page.dispatchEvent('body', 'drop', { dataTransfer: files });
}

test('every text of the run is there by the keyboard, says where it comes from, and has a name for its file', async ({
  playground,
}) => {
  const at = await playground.openAtPageRequest();
  const fingerprint = await playground.fingerprint();
  await playground.press('e');
  const dialog = dialogOf(playground);
  await expect(dialog.getByRole('radio', { name: 'Sequence chart' })).toBeFocused();
  await playground.page.keyboard.press('ArrowDown');
  await dialog.getByRole('radio', { name: `Up to event ${at}` }).check();
  await dialog.getByRole('checkbox', { name: 'End with a link to it' }).check();
  const race = await pick(playground, 'Race chart');

  await expect(race).toContainText(`svm run first-touch --policy rfcv2 --at ${at} --format race`);
  await expect(race).toContainText(new RegExp(`fingerprint ${fingerprint}`));
  const file = await downloaded(playground);
  expect(file.name).toBe(`first-touch.rfcv2.at-${at}.race.txt`);
  const lines = file.text.trimEnd().split('\n');
  expect(lines.at(-1)).toMatch(new RegExp(`^http.*scenario=first-touch&at=${at}&fp=${fingerprint}`));
  expect(Math.max(...lines.slice(0, -1).map((line) => line.length))).toBeLessThanOrEqual(75);

  await expect(await pick(playground, 'Trace')).toContainText('== ');
  await expect(await pick(playground, 'Mermaid')).toContainText('sequenceDiagram');
  await expect(await pick(playground, 'State')).toContainText(`"fingerprint": "${fingerprint}"`);
  await expect(await pick(playground, 'Script')).toContainText('bind app gpu0');
  await playground.press('Escape');
  await expect(dialog).toHaveCount(0);
  expect(await playground.event()).toBe(at);
});

test('the trace goes to Perfetto on request, and nothing is asked of it before', async ({ playground }) => {
  await playground.page.addInitScript(() => {
    const told: unknown[] = [];
    const there = {
      postMessage: (message: unknown) => {
        told.push(message);
        const origin = 'https://ui.perfetto.dev';
        if (message === 'PING') dispatchEvent(new MessageEvent('message', { data: 'PONG', origin }));
      },
    };
    window.open = (url) => {
      told.push(String(url));
      return there as unknown as Window;
    };
    Object.assign(window, { told });
  });
  const told = () =>
    playground.page.evaluate(() =>
      (window as unknown as { told: (string | { perfetto: { buffer: ArrayBuffer; title: string } })[] }).told.map(
        (one) => (typeof one === 'string' ? one : [one.perfetto.title, new TextDecoder().decode(one.perfetto.buffer)]),
      ),
    );
  await playground.open();
  await playground.press('e');
  await pick(playground, 'Perfetto trace');
  await expect(dialogOf(playground)).toContainText('Before that nothing is asked of it');
  expect(await told()).toEqual([]);

  await dialogOf(playground).getByRole('button', { name: 'Open in Perfetto' }).click();

  await expect(dialogOf(playground)).toContainText('Perfetto has the trace');
  const [first, , handed] = await told();
  expect(first).toBe('https://ui.perfetto.dev');
  expect(handed?.[0]).toBe('First touch');
  expect(JSON.parse(handed?.[1] ?? '').traceEvents.length).toBeGreaterThan(100);
});

test('an event log that was taken away gives the identical run, and what is no log changes nothing', async ({
  playground,
}) => {
  await playground.open({ policy: 'v2-2018' });
  await playground.toEnd();
  await playground.command('munmap app heap+0x2000 1');
  const [at, fingerprint, reading] = [
    await playground.event(),
    await playground.fingerprint(),
    await playground.reading(),
  ];
  await playground.click('Take away');
  await pick(playground, 'Event log');
  const { name, text } = await downloaded(playground);
  expect(name).toBe('first-touch-changed.v2-2018.jsonl');

  await playground.open();
  const before = await playground.fingerprint();
  const dialog = dialogOf(playground);
  const alert = dialog.getByRole('alert');
  const bad: [string, RegExp][] = [
    ['\u0000\u0001 no log <img src=x onerror=window.harmed=true>', /Line 1: /],
    ['{"schema":2}\n', /Line 1: schema 2 is not known here/],
    [text.slice(0, -200), /Line \d+: (this is not event|the header says)/],
    [`{"schema":1,"core":${'['.repeat(100_000)}`, /Line 1: the header is not a JSON object/],
    [`# ${'long '.repeat(50_000)}`, /at most 200000 characters/],
    [text.replace(/"core":"[^"]*"/, '"core":"0.0.1+old"').replace('"time":', '"time":1'), /made by core 0.0.1\+old/],
  ];
  for (const [content, told] of bad) {
    await drop(playground, 'bad.jsonl', content);
    await expect(alert).toContainText(told);
    await expect(alert).toContainText('bad.jsonl was not opened');
  }
  expect(await playground.fingerprint()).toBe(before);
  await expect(playground.page.locator('img')).toHaveCount(0);
  await expect(dialog.getByRole('button', { name: 'Open what its script does here' })).toBeVisible();

  await dialog.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
  await expect(dialog).toHaveCount(0);
  await playground.idle();

  expect(await playground.event()).toBe(at);
  expect(await playground.fingerprint()).toBe(fingerprint);
  expect(await playground.reading()).toEqual(reading);
  expect(await playground.notices()).toContain('its fingerprint came out the same');
  await expect(playground.page).toHaveURL(/#script=/);
  await playground.page.goBack();
  await expect.poll(() => playground.fingerprint()).toBe(before);
});

/** What an SVG holds when it is opened on its own, in a window that knows nothing of the page. */
async function openedAlone({ page }: Playground, svg: string) {
  const alone = await page.context().newPage();
  await alone.goto(`data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`);
  const found = await alone.evaluate(async () => {
    await Promise.all([...document.fonts].map((face) => face.load()));
    const texts = [...document.querySelectorAll('text')].map((text) => {
      const { left, right, top, bottom } = text.getBoundingClientRect();
      return { text: text.textContent ?? '', left, right, top, bottom };
    });
    const { width, height } = document.documentElement.getBoundingClientRect();
    const tags = [...new Set([...document.querySelectorAll('*')].map(({ localName }) => localName))];
    const fonts = [...document.fonts].map(({ family, status }) => `${family} ${status}`);
    const paper = document.querySelector('rect')?.getAttribute('fill');
    return { texts, width, height, tags, fonts, paper, title: document.querySelector('title')?.textContent };
  });
  await alone.close();
  return found;
}

test('a picture of each view stands alone, with its fonts, in both themes, and shows what the page shows', async ({
  playground,
}) => {
  const at = await playground.openAtPageRequest();
  const sentence = await playground.region('Now').locator('.now-sentence').textContent();
  const onPage = await playground.page.evaluate(() =>
    [...document.querySelectorAll('.scene .card-title, .scene .chip, .scene .level-name b, .scene .leaf b')].map(
      (thing) => thing.firstChild?.textContent ?? '',
    ),
  );
  await playground.press('e');
  const dialog = dialogOf(playground);
  const svgOf = async (name: string) => {
    await dialog.getByRole('radio', { name, exact: true }).check();
    await expect(dialog.getByRole('img', { name: `Picture of ${name}` }).locator('svg')).toBeVisible();
    const coming = playground.page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Download SVG' }).click();
    const file = await coming;
    return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
  };

  const machine = await svgOf('Machine');
  expect(machine.name).toBe(`first-touch.rfcv2.at-${at}.machine.svg`);
  expect(machine.text).not.toMatch(/(href|src|url)[=(]"?(?!#|data:)[^"]*http/);
  const alone = await openedAlone(playground, machine.text);
  expect(alone.tags).not.toContain('foreignObject');
  expect(alone.title).toBe(`First touch: ${sentence}`);
  expect(alone.fonts).toEqual(['Inter Variable loaded', 'JetBrains Mono Variable loaded']);
  const words = alone.texts.map(({ text }) => text).join(' ');
  for (const text of onPage) expect(words.replaceAll(/\s+/g, ' ')).toContain(text.replaceAll(/\s+/g, ' '));
  expect(onPage.length).toBeGreaterThan(15);
  const outside = alone.texts.filter(
    ({ left, right, top, bottom }) => left < 0 || top < 0 || right > alone.width || bottom > alone.height,
  );
  expect(outside).toEqual([]);
  expect(alone.paper).toBe('#f7f6f3');

  await dialog.getByRole('radio', { name: 'Dark' }).check();
  const dark = await openedAlone(playground, (await svgOf('Page tables')).text);
  expect(dark.paper).toBe('#0d1218');
  for (const name of ['Messages', 'Timeline', 'Inspected record']) {
    expect((await openedAlone(playground, (await svgOf(name)).text)).height).toBeGreaterThan(100);
  }
  await expect(dialog.getByRole('radio', { name: 'Comparison' }), 'nothing is compared yet').toHaveCount(0);
  const told = async (name: string) => {
    const { texts } = await openedAlone(playground, (await svgOf(name)).text);
    return texts.map(({ text }) => text).join(' ');
  };
  expect(await told('Event table')).toContain('opens page request group 0');
  expect(await told('Tree of runs')).toContain('shown');
  const coming = playground.page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Download PNG' }).click();
  const png = readFileSync(await (await coming).path());
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  await expect(playground.page.locator('.apart')).toHaveCount(0);
});

/** What the journey above has a picture of. */
const SEEN = ['Machine', 'Page tables', 'Messages', 'Timeline', 'Inspected record', 'Event table', 'Tree of runs'];

/** Runs in the page: the texts of a picture of which one lies upon another by more than a third. */
function textsUponOthers(picture: SVGElement): string[] {
  const texts = [...picture.querySelectorAll('text')].map((text) => ({ text, box: text.getBoundingClientRect() }));
  const shared = (one: DOMRect, other: DOMRect) =>
    Math.max(0, Math.min(one.right, other.right) - Math.max(one.left, other.left)) *
    Math.max(0, Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top));
  const size = ({ width, height }: DOMRect) => width * height;
  return texts.flatMap((one, index) =>
    texts
      .slice(index + 1)
      .filter((other) => shared(one.box, other.box) > Math.min(size(one.box), size(other.box)) / 3)
      .map((other) => `${one.text.textContent} / ${other.text.textContent}`),
  );
}

test('there is a picture of whatever is shown, and nothing in it lies upon anything else', async ({ playground }) => {
  const { page } = playground;
  await playground.open({ scenario: 'bug-lost-last', at: 60 });
  await playground.command('bind nobody gpu0');
  await playground.button('Play').focus();
  await playground.press('b');
  await page.keyboard.type('the page request is lost');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Watches', exact: true }).click();
  await page.getByRole('textbox', { name: 'New watch' }).fill('length(smmu0/cmdq)');
  await page.keyboard.press('Enter');
  await playground.press('Control+k');
  await page.getByRole('combobox', { name: 'What do you want to do?' }).fill('stream accesses');
  await page.keyboard.press('Enter');
  const streams = page.getByRole('dialog', { name: 'Stream accesses through the caches' });
  await streams.getByRole('combobox', { name: 'Largest working set' }).selectOption('256 pages');
  await streams.getByRole('button', { name: 'Sweep' }).click();
  await expect(streams.getByRole('status')).toHaveText('9 of 9 sizes', { timeout: 20_000 });
  await page.keyboard.press('Escape');
  await playground.click('Compare with another run or moment');
  await playground.click('Take away');
  const dialog = dialogOf(playground);
  await expect(dialog).toBeVisible();
  const views = dialog.getByRole('group', { name: 'Pictures' }).locator('label');
  const names = (await views.allTextContents()).filter((name) => !SEEN.includes(name));
  const told: Record<string, string> = {};

  for (const name of names) {
    await dialog.getByRole('radio', { name, exact: true }).check();
    const picture = dialog.getByRole('img', { name: `Picture of ${name}`, exact: true }).locator('svg');
    await expect(picture).toBeVisible();
    expect.soft(await picture.evaluate(textsUponOthers), name).toEqual([]);
    told[name] = (await picture.locator('text').allTextContents()).join(' ');
  }

  expect(told).toMatchObject({
    Watches: expect.stringContaining('length(smmu0/cmdq)'),
    Comparison: expect.stringMatching(/Left .* Right /),
    'Comparison, events': expect.stringContaining('nothing like it here'),
    'Comparison, differences': expect.stringContaining('left only'),
    'Script with its events': expect.stringMatching(/38 bind app nic0/),
    'Who can move': expect.stringMatching(/Can move .*smmu0 command processor.* Cannot move/),
    'Console lines': expect.stringContaining('ESRCH'),
    Bookmarks: expect.stringMatching(/60 the page request is lost/),
    'Invariants at the moment': expect.stringContaining('nothing to look at yet'),
    Streams: expect.stringMatching(/arm64.* Hit rate in the ATC .*ns/),
  });
});

test('the handout is a page for each key moment, printed alone, and Escape leads back to the moment shown', async ({
  playground,
}) => {
  const { page } = playground;
  await playground.open({ scenario: 'fault-invalid', at: 20 });
  await playground.press('Control+k');
  await page.getByRole('dialog', { name: 'Commands' }).getByRole('combobox').fill('handout to print');
  await page.keyboard.press('Enter');
  const handout = page.getByRole('dialog', { name: 'Handout to print' });
  await expect(handout.getByText('a page each, in landscape')).toBeVisible({ timeout: 20_000 });

  const moments = await handout.getByRole('region', { name: /^Event \d+$/ }).all();
  const contents = await handout.locator('.cover li').allTextContents();
  expect(moments.length).toBe(contents.length);
  expect(moments.length).toBeGreaterThan(2);
  for (const moment of moments) await expect(moment.getByRole('img').locator('svg text').first()).toBeVisible();
  await expect(handout.locator('.handout-note').last()).not.toBeEmpty();
  await page.emulateMedia({ media: 'print' });
  await expect(handout.getByRole('button', { name: 'Print' })).toBeHidden();
  await expect(page.locator('.top-bar')).toBeHidden();
  await expect(handout.locator('.handout-picture rect').first()).toHaveAttribute('fill', '#ffffff');
  const pages = (await page.pdf({ preferCSSPageSize: true })).toString('latin1').match(/\/Type \/Page\b/g) ?? [];
  const charts = pages.length - moments.length - 1;
  expect(charts).toBeGreaterThanOrEqual(1);
  expect(charts).toBeLessThanOrEqual(5);
  await page.emulateMedia({ media: 'screen' });

  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Escape');
  await expect(handout).toHaveCount(0);
  expect(await playground.event()).toBe(20);
});
