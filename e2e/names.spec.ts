import type { Locator } from '@playwright/test';
import { COLUMNS, expect, type Playground, SIZES, test } from './playground.ts';

// The names that tests may rely on, of other projects too: docs/testing-against.md lists them.

test('its parts stand under their names, each once, and do what they are named for', async ({ playground }) => {
  await test.step('the title and the eight regions', async () => {
    await playground.open();

    await expect(playground.page).toHaveTitle('SVM Playground');
    for (const name of [...COLUMNS, 'Now', 'Timeline', 'Inspector', 'Console']) {
      await expect(playground.region(name)).toHaveCount(1);
      await expect(playground.region(name)).toBeVisible();
    }
  });
  await test.step('the controls', async () => {
    await playground.press('.', 2);

    const buttons = ['Play', 'Step forward', 'Step back', 'Go to start', 'Go to end', 'Share'].map((name) =>
      playground.button(name),
    );
    const others = [playground.scenario, playground.granularity, playground.slider, playground.textbox];
    for (const control of [...buttons, ...others]) await expectUsable(control);
  });
  await test.step('each button moves', async () => {
    await playground.toStart();

    await playground.click('Step forward');
    const first = await playground.event();
    await playground.click('Go to end');
    const last = await playground.event();
    await playground.click('Step back');
    const before = await playground.event();
    await playground.click('Go to start');

    expect(first).toBeGreaterThan(0);
    expect(last).toBeGreaterThan(first);
    expect(before).toBeLessThan(last);
    expect(await playground.event()).toBe(0);
    await expect(playground.slider).toHaveAttribute('aria-valuemax', String(last));
  });
  await test.step('Play is renamed to Pause while it plays, and back', async () => {
    await playground.button('Play').click();
    await expect(playground.button('Pause')).toBeVisible();
    await expect(playground.button('Play')).toHaveCount(0);
    await playground.click('Pause');

    await expect(playground.button('Play')).toBeVisible();
  });
  await test.step('a shortened address is written in one way, in labels and in sentences', async () => {
    await playground.toStart();

    for (let at = -1; at !== (await playground.event()); await playground.press('.')) {
      at = await playground.event();
      const text = Object.values(await playground.reading()).join('\n');
      expect(text, `event ${at}`).not.toMatch(/[\da-f]\.\.\.[\da-f]/);
    }
    await expect(playground.region('Messages')).toContainText('7f00…1000');
  });
  await test.step('data-engine and data-event say when it shows what was asked for', async () => {
    await playground.toStart();
    await playground.stepBy('step');
    const engine = await watchEngine(playground);

    await playground.press('.', 3);

    expect(await playground.event()).toBe(3);
    expect(await engine()).toEqual(['busy', 'idle', 'busy', 'idle', 'busy', 'idle']);
  });
});

test('it has them on a phone too, each panel behind its tab', async ({ playground }) => {
  await playground.page.setViewportSize(SIZES.phone);
  await playground.open({ at: 20 });

  for (const name of [...COLUMNS, 'Now', 'Timeline']) await expect(playground.region(name)).toHaveCount(1);
  for (const name of ['Play', 'Step forward', 'Step back', 'Go to start', 'Go to end', 'Share']) {
    await expectUsable(playground.button(name));
  }
  for (const control of [playground.scenario, playground.granularity, playground.slider]) await expectUsable(control);
  await playground.click('Inspect');
  await expect(playground.region('Inspector')).toBeVisible();
  await playground.click('Console');
  await expect(playground.region('Console')).toBeVisible();
  await expectUsable(playground.textbox);
});

test('it opens what the address names, and keeps still when the address turns motion off', async ({ playground }) => {
  await test.step('the scenario and the event', async () => {
    await playground.open({ scenario: 'shared-pointer', at: 17 });

    await expect(playground.scenario).toHaveValue('shared-pointer');
    expect(await playground.event()).toBe(17);
    await expect(playground.region('Now')).toContainText('17');
    await expect(playground.slider).toHaveAttribute('aria-valuenow', '17');
  });
  await test.step('motion', async () => {
    expect(await movesOfThreeSteps(playground)).toBe(0);

    await playground.open({ scenario: 'shared-pointer', at: 17, motion: 'on' });
    expect(await movesOfThreeSteps(playground)).toBeGreaterThan(0);
  });
});

async function expectUsable(control: Locator) {
  await expect(control).toHaveCount(1);
  await expect(control).toBeInViewport({ ratio: 1 });
  await expect(control).toBeEnabled();
}

/** Writes down every value of data-engine from now on; the answer reads them. */
async function watchEngine({ page }: Playground): Promise<() => Promise<(string | undefined)[]>> {
  const seen = await page.evaluateHandle(() => {
    const root = document.documentElement;
    const values: (string | undefined)[] = [];
    const note = () => {
      if (root.dataset['engine'] !== values.at(-1)) values.push(root.dataset['engine']);
    };
    new MutationObserver(note).observe(root, { attributeFilter: ['data-engine'] });
    return values;
  });
  return () => seen.evaluate((values) => values);
}

/** How many parts of the page begin to move on the way to the page request. */
async function movesOfThreeSteps(playground: Playground): Promise<number> {
  const begun = await playground.page.evaluateHandle(() => {
    const moves: string[] = [];
    for (const kind of ['transitionrun', 'animationstart']) addEventListener(kind, () => moves.push(kind), true);
    return moves;
  });
  await playground.press('ArrowRight', 3);
  // What begins to move is told with the frame that is drawn next.
  return begun.evaluate(async (moves) => {
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
    return moves.length;
  });
}
