import { expect, type Granularity, type Playground, test } from './playground.ts';

/** Events before the end of a run that are gone through one by one (`npm run prove`: all), and how far apart the page is read there. */
const STRETCH = process.env['SVM_PROVE'] === '1' ? Number.POSITIVE_INFINITY : 30;
const SAMPLE = 5;

test('it moves by one event, by the keys of the slider and by the pointer that drags it, and not beyond the ends', async ({
  playground,
}) => {
  await test.step('one event', async () => {
    await playground.open();
    await playground.stepBy('step');

    await playground.press(',');
    expect(await playground.event()).toBe(0);
    await playground.press('.', 2);
    expect(await playground.event()).toBe(2);
    await playground.press(',');
    expect(await playground.event()).toBe(1);
    await playground.click('Go to end');
    const last = await playground.event();
    await playground.press('.');
    expect(await playground.event()).toBe(last);
  });
  await test.step('the keys of the slider', async () => {
    const last = await lastEvent(playground);
    await playground.slider.focus();

    const expected: [string, number][] = [
      ['End', last],
      ['ArrowLeft', last - 1],
      ['Home', 0],
      ['ArrowRight', 1],
    ];
    for (const [key, at] of expected) {
      await playground.press(key);
      expect(await playground.event(), key).toBe(at);
      await expect(playground.slider).toHaveAttribute('aria-valuenow', String(at));
    }
    await playground.press('PageUp');
    expect(await playground.event()).toBeGreaterThan(1);
    await expect(playground.slider).toBeFocused();
  });
  await test.step('the pointer that drags the slider', async () => {
    const last = await lastEvent(playground);
    const { x, y, width, height } = (await playground.slider.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    const { mouse } = playground.page;

    await mouse.move(x + 2, y + height / 2);
    await mouse.down();
    for (const share of [0.25, 0.75, 0.5]) {
      await mouse.move(x + width * share, y + height / 2, { steps: 4 });
      await playground.idle();
      expect(Math.abs((await playground.event()) - last * share)).toBeLessThanOrEqual(1);
    }
    await mouse.move(x + width + 60, y - 40);
    await mouse.up();
    await playground.idle();
    expect(await playground.event()).toBe(last);
  });
});

test('it shows on the way back what it showed on the way forward, event by event', async ({ playground }) => {
  test.slow();
  await playground.open();
  const last = await lastEvent(playground);
  const first = Math.max(1, last - STRETCH);
  const forward: unknown[] = [];

  await playground.open({ at: first });
  await playground.stepBy('step');
  for (let at = first; at <= last; at += 1) {
    if (at % SAMPLE === 0 || at === last) forward[at] = await playground.reading();
    expect(await playground.press('.')).toBe(Math.min(at + 1, last));
  }
  for (let at = last; at >= first; at -= 1) {
    if (forward[at] !== undefined) expect(await playground.reading(), `event ${at}`).toEqual(forward[at]);
    expect(await playground.press(',')).toBe(at - 1);
  }
});

test('it shows the same moment whichever way it is reached', async ({ playground }) => {
  test.slow();
  await playground.open();
  const middles: { scenario: string; at: number; reading: unknown }[] = [];
  for (const scenario of ['shared-pointer', 'unmap-during-dma', 'real-process']) {
    await playground.choose(scenario);
    const chapters = await boundaries(playground);
    const forward = new Map<number, unknown>();
    for (const at of chapters) {
      expect(await playground.press('.')).toBe(at);
      forward.set(at, await playground.reading());
    }

    for (const at of chapters.toReversed()) {
      expect(await playground.event()).toBe(at);
      expect(await playground.reading(), `${scenario}, event ${at}`).toEqual(forward.get(at));
      await playground.press(',');
    }
    const [middle = 0] = chapters.slice(chapters.length / 2);
    middles.push({ scenario, at: middle, reading: forward.get(middle) });
  }

  for (const { scenario, at, reading } of middles) {
    await playground.open({ scenario, at });
    expect(await playground.reading(), `a link to event ${at} of ${scenario}`).toEqual(reading);
  }
});

test('it steps farther by a call or a transaction than by a step, by a chapter farthest, and back by the same stops', async ({
  playground,
}) => {
  await playground.open();
  const stops: Partial<Record<Granularity, number[]>> = {};
  for (const size of ['transaction', 'call', 'chapter'] as const) {
    await playground.stepBy(size);
    const forward = await stopsOf(playground);
    const back = await stopsOf(playground, ',');
    expect(back.toReversed(), size).toEqual([0, ...forward.slice(0, -1)]);
    stops[size] = forward;
  }

  const { chapter = [], call = [], transaction = [] } = stops;
  expect(chapter).toHaveLength(5);
  for (const finer of [call, transaction]) {
    expect(finer.length).toBeGreaterThan(2 * chapter.length);
    expect(finer.length).toBeLessThan((await lastEvent(playground)) / 2);
  }
  expect(call).not.toEqual(transaction);
});

test('it plays on by itself until it is paused, stops at the end, plays again from the start, and shows no other moment than it says', async ({
  playground,
}) => {
  await test.step('it plays until it is paused, and steps on from there', async () => {
    await playground.open();
    await playground.stepBy('step');
    await playground.page.getByRole('combobox', { name: 'Speed' }).selectOption('8');

    await playground.click('Play');
    await expect.poll(() => playground.event()).toBeGreaterThan(3);
    await playground.click('Pause');
    const paused = await playground.event();
    await playground.press('.');

    expect(await playground.event()).toBe(paused + 1);
    await expect(playground.button('Play')).toBeVisible();
  });
  await test.step('it stops at the end, and plays again from the start', async () => {
    await playground.toEnd();
    const last = await playground.event();
    await playground.click('Step back');

    await playground.click('Play');
    await expect(playground.button('Step forward')).toBeDisabled();
    await expect(playground.button('Play')).toBeVisible();
    await playground.click('Play');
    await expect(playground.button('Pause')).toBeVisible();

    await expect.poll(() => playground.event()).toBeLessThan(last - 1);
    await playground.click('Pause');
  });
  await test.step('it never says that it is idle while it shows another moment than data-event', async () => {
    await playground.toStart();
    await playground.slider.blur();
    await playground.stepBy('step');
    const seen = await playground.page.evaluateHandle(() => {
      const root = document.documentElement;
      const told: { said: string; shown: string; counted: string }[] = [];
      new MutationObserver(() => {
        if (root.dataset['engine'] !== 'idle') return;
        const textOf = (selector: string) => document.querySelector(selector)?.textContent ?? '';
        const counted = textOf('[aria-label="Timeline"] .counter').split(' /')[0] ?? '';
        told.push({ said: root.dataset['event'] ?? '', shown: textOf('.now-event'), counted });
      }).observe(root, { attributes: true });
      return told;
    });

    const { keyboard } = playground.page;
    // Not more than the page lets wait: a key that is held down must not run on after it is let go.
    await Promise.all(Array.from({ length: 20 }, () => keyboard.press('.')));
    await Promise.all(Array.from({ length: 8 }, () => keyboard.press(',')));
    await playground.idle();

    expect(await playground.event()).toBe(12);
    await playground.slider.focus();
    await Promise.all(['End', 'Home', 'End', 'Home'].map((key) => keyboard.press(key)));
    await playground.idle();
    expect(await playground.event()).toBe(0);
    const idles = await seen.evaluate((told) => told);
    expect(idles.length).toBeGreaterThan(0);
    for (const { said, shown, counted } of idles) expect({ shown, counted }).toEqual({ shown: said, counted: said });
  });
  await test.step('messages in the order of their events, with those of the moment marked and in sight', async () => {
    await playground.stepBy('chapter');

    for (let at = await playground.event(); at < (await lastEvent(playground)); at = await playground.event()) {
      await playground.press('ArrowRight');
      const rows = playground.region('Messages').getByRole('button');
      const events = await rows.locator('.lane-event').allInnerTexts();
      expect(events.map(Number), `around event ${at}`).toEqual(events.map(Number).toSorted((one, two) => one - two));
      const present = playground.region('Messages').locator('[aria-current="step"]');
      await expect(present.last()).toBeInViewport();
      const marked = await present.locator('.lane-event').allInnerTexts();
      expect(new Set(marked)).toEqual(new Set([String(await playground.event())]));
    }
  });
});

/** Goes to the end of the run and tells every event on the way there, or with ',' to the start. */
async function stopsOf(playground: Playground, key = '.'): Promise<number[]> {
  const stops: number[] = [];
  for (let at = await playground.event(); ; ) {
    const next = await playground.press(key);
    if (next === at) return stops;
    stops.push(next);
    at = next;
  }
}

/** The events at which the chapters of the run end. */
async function boundaries(playground: Playground): Promise<number[]> {
  await playground.stepBy('chapter');
  const stops = await stopsOf(playground);
  await playground.toStart();
  return stops;
}

async function lastEvent(playground: Playground): Promise<number> {
  return Number(await playground.slider.getAttribute('aria-valuemax'));
}
