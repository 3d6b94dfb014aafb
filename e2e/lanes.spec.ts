import { CROWD } from './crowd.ts';
import { expect, type Playground, test } from './playground.ts';

const lanes = (playground: Playground) => playground.region('Messages').locator('.lane-head');

test('it lists every event in words, a window of them at a time, and goes to each', async ({ playground }) => {
  await playground.open({ script: CROWD });
  await playground.click('Show all events as a table');
  const table = playground.page.getByRole('table', { name: 'Events' });
  const events = Number(await playground.slider.getAttribute('aria-valuemax'));
  await expect(table).toHaveAttribute('aria-rowcount', String(events + 1));
  await expect(table.getByRole('button', { name: 'Go to event 1', exact: true })).toBeVisible();
  expect(await table.getByRole('row').count()).toBeLessThan(80);

  await playground.toEnd();
  const last = table.getByRole('row').filter({ has: playground.button(`Go to event ${events}`) });
  await expect(last).toHaveAttribute('aria-current', 'step');
  await expect(last).toBeInViewport();
  await expect(last.getByRole('rowheader')).toHaveText(
    String(await playground.region('Now').locator('.now-sentence').textContent()),
  );
  await table.getByRole('button', { name: `Go to event ${events - 3}`, exact: true }).click();

  expect(await playground.idle()).toBe(events - 3);
});

test('of a crowd it tells in lines, opens what the moment is about, and lets patterns say what hues say', async ({
  playground,
}) => {
  await test.step('it opens on focus what a crowd is told of in lines', async () => {
    await playground.open({ script: CROWD });
    const processes = playground.region('Processes');
    await expect(processes.locator('.folded')).toHaveCount(12);
    expect((await lanes(playground).count()) < 27).toBe(true);

    await playground.pointAt(1100);
    const about = await playground.region('Shared page tables').locator('.tree-head strong').textContent();
    await expect(processes.locator('.card.process .card-head strong')).toHaveText([String(about)]);
    await expect(processes.locator('.card.process')).toBeInViewport();
    await playground.thing('Processes', /^app11/).click();
    await expect(processes.locator('.card.process')).toHaveCount(2);
    await playground.click('Fold app11');
    await expect(processes.locator('.card.process')).toHaveCount(1);
  });
  await test.step('patterns say what hues say, and are remembered', async () => {
    const looks = () =>
      playground
        .region('Devices and groups')
        .locator('.pill')
        .evaluateAll((pills) =>
          Object.fromEntries(
            pills.map((pill) => [pill.getAttribute('data-hue'), getComputedStyle(pill).backgroundImage.slice(0, 30)]),
          ),
        );
    expect(new Set(Object.values(await looks()))).toEqual(new Set(['none']));

    await playground.click('Keyboard and legend');
    await playground.page.getByRole('checkbox', { name: /^Patterns/ }).check();
    await playground.press('Escape');

    expect(new Set(Object.values(await looks())).size).toBe(4);
    await playground.open();
    await expect(playground.page.locator('html')).toHaveAttribute('data-patterns', 'on');
  });
});

test('it shows faults in the bar, each kind of traffic in its own way, what is pointed at on the other side, and lanes that are hidden as stubs', async ({
  playground,
}) => {
  await test.step('the bar of chapters shows where faults are', async () => {
    await playground.open();
    await playground.slider.locator('canvas').waitFor();

    const red = await playground.slider.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data, width } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, 1) ?? { data: [], width: 1 };
      const shares: number[] = [];
      for (let x = 0; x < width; x += 1) {
        const [r = 0, g = 0, b = 0] = data.slice(4 * x, 4 * x + 3);
        if (r > 150 && g < 80 && b < 80) shares.push(x / width);
      }
      return shares;
    });

    const at =
      (await playground.press('ArrowRight', 3)) / Number(await playground.slider.getAttribute('aria-valuemax'));
    expect(red.length).toBeGreaterThan(0);
    expect(red.some((share) => Math.abs(share - at) < 0.06)).toBe(true);
  });
  await test.step('what is pointed at on the other side, and which events wrote what is picked', async () => {
    const chart = playground.region('Messages');
    const device = playground.region('Devices and groups').locator('.device');

    await chart.locator('.lane-row', { hasText: 'page request: group 0' }).last().hover();
    await expect(device).toHaveClass(/pointed/);
    await device.locator('.card-head').hover();
    await expect(device).not.toHaveClass(/pointed/);
    await expect(chart.locator('.lane-row.pointed')).not.toHaveCount(0);
    await playground.thing('IOMMU', /^PRI queue, slot 0/).click();
    await playground.idle();
    await expect(chart.locator('.lane-row.wrote')).not.toHaveCount(0);
    await expect(chart.locator('.lane-row.wrote').last()).toContainText('wrote what is inspected');
  });
  await test.step('a lane that is hidden, and brought back', async () => {
    const chart = playground.region('Messages');
    const names = await lanes(playground).allTextContents();
    expect(names).toContain('smmu0');
    await expect(chart.locator('.lane-arrow.stub')).toHaveCount(0);

    await playground.click('Hide smmu0');

    expect(await lanes(playground).allTextContents()).toEqual(names.filter((name) => name !== 'smmu0'));
    await expect(chart.locator('.lane-arrow.stub')).not.toHaveCount(0);
    await expect(chart.getByText(/\(gpu0 \u2192 smmu0\)$/).first()).toBeVisible();
    await playground.click(`${names.length - 1}/${names.length} actors shown`);
    await playground.page.getByRole('checkbox', { name: 'smmu0', exact: true }).check();
    await playground.click('Close');
    expect(await lanes(playground).allTextContents()).toEqual(names);
  });
  await test.step('each kind of traffic has a line and a head of its own', async () => {
    const chart = playground.region('Messages');
    const looks = new Map<string, string>();

    for (let step = 0; step < 4; step += 1) {
      for (const arrow of await chart.locator('.lane-arrow:has(.head)').all()) {
        const kind = String(await arrow.getAttribute('class')).split(' ')[1] ?? '';
        const look = await arrow.evaluate((picture) => {
          const [line, head] = ['.line', '.head'].map((part) => picture.querySelector(part));
          if (!line || !head) return '';
          return `${getComputedStyle(line).strokeDasharray} ${getComputedStyle(head).fill === 'none' ? 'open' : 'full'}`;
        });
        looks.set(kind, look);
      }
      await playground.press('.');
    }

    expect([...looks.keys()].toSorted()).toEqual(['call', 'message', 'response', 'wakeup']);
    expect(new Set(looks.values()).size).toBe(looks.size);
  });
});

test('it shows what an event takes away as a ghost, for that one event', async ({ playground }) => {
  await playground.open({ scenario: 'unmap-during-dma' });
  const atc = playground.region('Devices and groups').locator('.gone');
  const dropped = /drops one entry of its ATC/;
  const now = playground.region('Now').locator('.now-sentence');

  await playground.pointAt(88);
  await playground.stepBy('step');
  for (let step = 0; step < 30 && !dropped.test(String(await now.textContent())); step += 1)
    await playground.press('.');

  await expect(now).toHaveText(dropped);
  await expect(atc).toHaveText(/gone$/);
  await playground.press(',');
  await expect(atc).toHaveCount(0);
  await playground.press('.', 2);
  await expect(atc).toHaveCount(0);
});
