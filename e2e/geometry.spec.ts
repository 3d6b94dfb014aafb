import { CROWD } from './crowd.ts';
import { everyChapter, geometryProblems, places } from './geometry.ts';
import { COLUMNS, expect, type Playground, SIZES, test } from './playground.ts';

for (const size of ['desk', 'phone'] as const) {
  test(`it lays out twelve processes, eight devices, four domains and two SMMUs, folded and unfolded, at the size of a ${size}`, async ({
    playground,
  }) => {
    await playground.page.setViewportSize(SIZES[size]);
    await playground.open({ script: CROWD });
    const problems: Record<string, string[]> = {};
    const look = async (what: string) => {
      const found = await geometryProblems(playground.page);
      if (found.length > 0) problems[what] = [...new Set(found)];
    };

    for await (const at of everyChapter(playground)) await look(`event ${at}`);
    await playground.pointAt(830);
    await playground.stepBy('transaction');
    for (let step = 0; step < 6; step += 1) await look(`event ${await playground.press('.')}`);
    for (const [column, name] of [
      ['Processes', /^app3/],
      ['Devices and groups', /^dev0/],
      ['IOMMU', /^smmu0/],
    ] as const) {
      await playground.thing(column, name).dispatchEvent('click');
      await playground.idle();
      await look(`${column} unfolded`);
      await expect(playground.button(`Fold ${String(name).slice(2, -1)}`)).toBeAttached();
    }

    expect(problems).toEqual({});
  });
}

for (const size of ['desk', 'phone'] as const) {
  test(`it lays out long records in the inspector, at the size of a ${size}`, async ({ playground }) => {
    await playground.page.setViewportSize(SIZES[size]);
    await playground.openAtPageRequest();
    const problems: Record<string, string[]> = {};

    for (const [column, name] of [
      ['IOMMU', /^0x8/],
      ['IOMMU', /^PASID 1/],
      ['IOMMU', /^Event queue, slot 0/],
      ['IOMMU', /^PRI queue, slot 0/],
      ['Devices and groups', /^write 64 B/],
      ['Shared page tables', /^Level 0, slot 254/],
    ] as const) {
      await playground.thing(column, name).dispatchEvent('click');
      await playground.idle();
      if (size === 'phone') await playground.click('Inspect');
      const found = await geometryProblems(playground.page);
      const bits = playground.region('Inspector').locator('.bit:not(.gap)');
      const isRecord = (await bits.count()) > 0;
      if (isRecord) {
        await bits.last().click();
        await playground.click('Show bits');
      }
      problems[String(name)] = [...new Set([...found, ...(await geometryProblems(playground.page))])];
      if (isRecord) await playground.click('Show hex');
    }

    expect(Object.values(problems).flat(), JSON.stringify(problems, null, 2)).toEqual([]);
  });

  test(`it lays out its dialogs, notices and a long console, at the size of a ${size}`, async ({ playground }) => {
    await playground.page.setViewportSize(SIZES[size]);
    await playground.visit('./?scenario=nope&at=-5&motion=off');
    expect(await geometryProblems(playground.page), 'notices').toEqual([]);

    await playground.click('Share');
    expect(await geometryProblems(playground.page), 'the dialog with the link').toEqual([]);
    await playground.press('Escape');
    await playground.click('Keyboard and legend');
    expect(await geometryProblems(playground.page), 'the sheet of keys').toEqual([]);
    await playground.press('Escape');
    if (size === 'phone') await playground.click('Console');
    await playground.command('help');
    await playground.command(`note "${'a long word without an end '.repeat(4)}${'x'.repeat(120)}"`);
    expect(await geometryProblems(playground.page), 'the console').toEqual([]);
  });
}

/** What would be a collision, and the word by which it must be told. */
const COLLISIONS: Record<string, { css: string; told: RegExp }> = {
  'cards that lie on each other': { css: '.card { margin-bottom: -60px !important; }', told: /" and ".*" intersect/ },
  'words that lie on each other': { css: '.capabilities .chip { margin-right: -30px; }', told: /lie on each other/ },
  'words that are cut': {
    css: '.now-sentence { width: 60px; white-space: nowrap; overflow: hidden; }',
    told: /is cut by/,
  },
  'words outside of their card': {
    css: '.process { width: 50px !important; overflow: visible !important; }',
    told: /sticks out of/,
  },
  'words under a veil': {
    css: '.now { position: relative; margin-top: -200px; z-index: 9; }',
    told: /lies under section.now/,
  },
  'a page that is too wide': { css: '.top-bar { width: 2000px !important; }', told: /too wide|sticks out \d+ px/ },
};

test('it would notice collisions', async ({ playground }) => {
  await playground.openAtPageRequest();
  expect(await geometryProblems(playground.page)).toEqual([]);
  for (const [what, { css, told }] of Object.entries(COLLISIONS)) {
    const style = await playground.page.addStyleTag({ content: css });
    expect((await geometryProblems(playground.page)).join('\n'), what).toMatch(told);
    await style.evaluate((element) => (element as Element).remove());
  }
  expect(await geometryProblems(playground.page)).toEqual([]);
});

test('it fits on a desk without scrolling in any column, at every step of the first visit', async ({ playground }) => {
  await playground.open();

  for (let step = 0; step <= 5; step += 1) {
    expect(await scrollingColumns(playground), `after ${step} steps`).toEqual([]);
    await playground.press('ArrowRight');
  }
});

test('it shows two whole columns at a time where there is no room for four, those of the moment among them', async ({
  playground,
}) => {
  await playground.page.setViewportSize(SIZES.small);
  await playground.open();

  for (let at = -1; at !== (await playground.event()); await playground.press('.')) {
    at = await playground.event();
    await expect.poll(() => columnsInSight(playground), `event ${at}`).toEqual([1, 1]);
  }
  await playground.page.getByRole('navigation').getByRole('button', { name: 'Device' }).click();
  await expect(playground.region('Devices and groups')).toBeInViewport({ ratio: 1 });
});

/** A script whose last chapter has a title that takes more than the lines there are. */
const LONG_CHAPTER = `machine smmuv3
process app
chapter "${'A title that goes on and on '.repeat(8)}"
mmap app heap 64K rw-
`;

test('it opens a long citation over what is below, which stays where it is', async ({ playground }) => {
  await playground.open({ script: LONG_CHAPTER });
  await playground.toEnd();
  const cite = playground.region('Now').locator('.now-cite-text');
  expect(await cite.evaluate((text) => text.scrollHeight - text.clientHeight)).toBeGreaterThan(1);
  const before = await places(playground.page);

  await cite.focus();

  expect(await cite.evaluate((text) => text.scrollHeight - text.clientHeight)).toBeLessThanOrEqual(1);
  expect(await places(playground.page)).toEqual(before);
  await expect(playground.region('Inspector')).toContainText(String(await cite.textContent()));
});

/** How much of each column can be seen, of those that can be seen at all. */
async function columnsInSight({ page }: Playground): Promise<number[]> {
  const shares = await page.locator('.carousel .column').evaluateAll((columns) =>
    columns.map((column) => {
      const { left, right, width } = column.getBoundingClientRect();
      return Math.round((100 * (Math.min(right, innerWidth) - Math.max(left, 0))) / width) / 100;
    }),
  );
  return shares.filter((share) => share > 0);
}

async function scrollingColumns(playground: Playground): Promise<string[]> {
  const excess = await Promise.all(
    COLUMNS.map((name) =>
      playground
        .region(name)
        .locator('.column-scroll')
        .evaluate((frame) => frame.scrollHeight - frame.clientHeight),
    ),
  );
  return COLUMNS.filter((_, index) => (excess[index] ?? 0) > 1);
}
