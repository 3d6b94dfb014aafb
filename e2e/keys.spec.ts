import type { Locator } from '@playwright/test';
import { COLUMNS, expect, type Playground, test } from './playground.ts';

/** Where the focus may be while '.' and ',' step. */
const PLACES: Record<string, (playground: Playground) => Locator> = {
  'a button': (playground) => playground.button('Share'),
  'the button that steps': (playground) => playground.button('Step forward'),
  'a list': (playground) => playground.granularity,
  'the slider': (playground) => playground.slider,
  'a process': (playground) => playground.thing('Processes', /^app pid 100/),
  'a page': (playground) => playground.thing('Processes', '7f00…1000'),
  'a strip of the page tables': (playground) => playground.thing('Shared page tables', /^Level 0 table/),
  'a device': (playground) => playground.thing('Devices and groups', /^gpu0/),
  'the log of the console': (playground) => playground.page.getByRole('log'),
};

test('it steps by . and , wherever the focus is but in a text, and leaves other keys to what has the focus', async ({
  playground,
}) => {
  await test.step('wherever the focus is', async () => {
    await playground.open({ at: 40 });
    await playground.stepBy('step');

    for (const [place, locate] of Object.entries(PLACES)) {
      const focused = locate(playground);
      await focused.focus();
      await playground.press('.');
      expect(await playground.event(), place).toBe(41);
      await expect(focused, place).toBeFocused();
      await playground.press(',');
      expect(await playground.event(), place).toBe(40);
      await expect(focused, place).toBeFocused();
    }
  });
  await test.step('in the textbox', async () => {
    await playground.textbox.focus();

    await playground.page.keyboard.type('ab ., ');
    await playground.press('ArrowLeft', 5);
    await playground.press('ArrowRight');
    await playground.page.keyboard.type('X');

    await expect(playground.textbox).toHaveValue('abX ., ');
    expect(await playground.event()).toBe(40);
    await expect(playground.button('Play')).toBeVisible();
  });
  await test.step('in a list', async () => {
    await playground.granularity.focus();

    await playground.press('ArrowRight');
    await playground.press('ArrowLeft');

    expect(await playground.event()).toBe(40);
    await expect(playground.granularity).toBeFocused();
  });
  await test.step('on the slider, whatever the granularity', async () => {
    await playground.slider.focus();

    await playground.press('ArrowRight');
    expect(await playground.event()).toBe(41);
    await playground.press('ArrowLeft', 2);
    expect(await playground.event()).toBe(39);
  });
  await test.step('the browser has its own shortcuts', async () => {
    for (const shortcut of ['Alt+ArrowRight', 'Control+ArrowLeft', 'Control+.']) await playground.press(shortcut);

    expect(await playground.event()).toBe(39);
  });
});

test('it goes through the page by the arrow keys, the space bar and ?', async ({ playground }) => {
  await test.step('from thing to thing of a column, without a step', async () => {
    const event = await playground.openAtPageRequest();

    for (const column of COLUMNS) {
      const things = playground.region(column).locator('[data-key]');
      await things.first().focus();
      await playground.press('ArrowDown');
      await expect(things.nth(1)).toBeFocused();
      await playground.press('End');
      await expect(things.last()).toBeFocused();
      await playground.press('ArrowUp');
      await expect(things.nth(-2)).toBeFocused();
      await playground.press('Home');
      await expect(things.first()).toBeFocused();
      await expect(playground.region(column).locator('[data-key][tabindex="0"]'), 'one tab stop').toHaveCount(1);
    }
    expect(await playground.event()).toBe(event);
  });
  await test.step('from the device by Right to the page frame, and back by Left', async () => {
    await playground.toEnd();
    const event = await playground.event();
    await playground.thing('Devices and groups', /^write 64 B/).focus();
    const way = [await focusedKey(playground)];

    for (let next = ''; next !== way.at(-1); next = await focusedKey(playground)) {
      if (next !== '') way.push(next);
      await playground.press('ArrowRight');
    }

    const kinds = way.map((key) => key.replace(/\/.*/, ''));
    expect(kinds.slice(0, 3)).toEqual(['job', 'cd', 'table']);
    expect(kinds.slice(2, -1)).toEqual(['table', 'pte', 'table', 'pte', 'table', 'pte', 'table', 'pte']);
    expect(kinds.at(-1)).toMatch(/^(page|frame)/);
    for (const key of way.slice(0, -1).toReversed()) {
      await playground.press('ArrowLeft');
      expect(await focusedKey(playground)).toBe(key);
    }
    expect(await playground.event()).toBe(event);
  });
  await test.step('a button that steps keeps the focus to the very end', async () => {
    await playground.stepBy('step');
    await playground.press(',', 2);
    const button = playground.button('Step forward');
    await button.focus();

    await playground.press('ArrowRight', 3);

    await expect(button).toBeDisabled();
    await expect(button).toBeFocused();
    const last = await playground.event();
    await playground.press('ArrowLeft');
    expect(await playground.event()).toBe(last - 1);
  });
  await test.step('the space bar, unless the focus is on something that has its own use for it', async () => {
    await playground.toStart();
    await playground.slider.blur();

    await playground.press('Space');
    await expect(playground.button('Pause')).toBeVisible();
    await playground.press('Space');
    await expect(playground.button('Play')).toBeVisible();
    await playground.slider.focus();
    await playground.press('Space');

    await expect(playground.button('Play')).toBeVisible();
  });
  await test.step('the sheet of keys, with the focus back where it was', async () => {
    await playground.slider.focus();
    const sheet = playground.page.getByRole('dialog', { name: 'Keyboard and legend' });

    await playground.press('?');
    await expect(sheet).toBeVisible();
    await playground.press('Escape');

    await expect(sheet).toBeHidden();
    await expect(playground.slider).toBeFocused();
  });
});

/** The key of the thing that has the focus. */
async function focusedKey({ page }: Playground): Promise<string> {
  return page.evaluate(() => document.activeElement?.getAttribute('data-key') ?? 'nothing');
}
