import { expect, type Playground, SIZES, test } from './playground.ts';

const BOUND = 'PASID 1';
/** The device's root arrow, into the strip that the CPU's leads to. */
const SECOND_ARROW = '.root-arrows .device';

test('it opens on first touch: paused, at event 0, a chapter a step, nothing to read before one can begin', async ({
  playground,
}) => {
  await playground.visit('./');

  expect(await playground.event()).toBe(0);
  await expect(playground.scenario).toHaveValue('first-touch');
  await expect(playground.granularity).toHaveValue('chapter');
  await expect(playground.button('Play')).toBeVisible();
  await expect(playground.page.getByRole('dialog')).toHaveCount(0);
  expect(await playground.notices()).toBe('');
});

for (const size of ['desk', 'phone'] as const) {
  test(`it shows the life of one fault in five key presses, at the size of a ${size}`, async ({ playground }) => {
    await playground.page.setViewportSize(SIZES[size]);
    await playground.open();
    await expectNothingBound(playground);
    await expectNoScroll(playground);

    for (const expectNext of [bind, untouchedWrite, pageRequest, resolvedFault, completedWrite]) {
      const before = await playground.event();
      await playground.press('ArrowRight');
      expect(await playground.event()).toBeGreaterThan(before);
      await expectNext(playground);
      await expectNoScroll(playground);
    }
  });
}

async function expectNothingBound(playground: Playground) {
  await expect(playground.page.getByTitle(BOUND, { exact: true })).toHaveCount(0);
  const tables = playground.region('Shared page tables');
  await expect(tables).toContainText('TTBR0');
  await expect(tables).toContainText('no device');
  await expect(tables.locator(SECOND_ARROW)).toHaveCount(0);
}

/** Bound: one pill in the three places that know of it, and a second root arrow into the same tree. */
async function bind(playground: Playground) {
  for (const column of ['Processes', 'IOMMU', 'Devices and groups']) {
    await expect(playground.region(column).getByTitle(BOUND, { exact: true }).first()).toBeVisible();
  }
  const tables = playground.region('Shared page tables');
  await expect(tables).toContainText('TTB0');
  await expect(tables.getByTitle(BOUND, { exact: true })).toBeVisible();
  await expect(tables).not.toContainText('no device');
  await expect(tables.locator(SECOND_ARROW)).toHaveCount(1);
}

/** The device has a write to do to a page without a frame, and nothing has been asked yet. */
async function untouchedWrite(playground: Playground) {
  await expect(playground.thing('Devices and groups', /^write 64 B/)).toContainText(/queued|running/);
  await expect(playground.thing('Processes', '7f00…1000: no frame')).not.toHaveAccessibleName(/asked/);
}

/** One record in the PRI queue, in sight, and the page that it asks for is red. */
async function pageRequest(playground: Playground) {
  const record = playground.thing('IOMMU', /^PRI queue, slot 0: (?!empty)/);
  await expect(record).toBeInViewport();
  await expect(playground.region('IOMMU')).toContainText(/PRI queue[^/]*1 \/ 32/);
  const asked = playground.thing('Processes', '7f00…1000: no frame, asked for now');
  await expect(asked).toHaveCSS('border-style', 'dashed');
  expect(redOf(await asked.evaluate((cell) => getComputedStyle(cell).borderTopColor))).toBe(true);
  await expect(playground.region('Shared page tables')).toContainText('no frame');
  await expect(playground.thing('Devices and groups', /^write 64 B/)).toContainText('waiting');
}

/** The descriptor is in the one tree, and the cell is filled. */
async function resolvedFault(playground: Playground) {
  await expect(playground.thing('Shared page tables', /^(pfn )?\w+.*, page 7f00…1000/)).toBeVisible();
  await expect(playground.thing('Processes', '7f00…1000: has a frame')).toHaveCount(1);
  await expect(playground.region('Shared page tables')).not.toContainText('no frame');
}

/** The job is done, and the device remembers the translation. */
async function completedWrite(playground: Playground) {
  const devices = playground.region('Devices and groups');
  await expect(playground.thing('Devices and groups', /^write 64 B/)).toContainText('done');
  await expect(devices).toContainText(/ATC\s*1 \/ 32/);
  await expect(playground.thing('Devices and groups', /^PASID 1 7f00…1000→\w+ rw-/)).toHaveCount(1);
  await expect(playground.button('Step forward')).toBeDisabled();
}

async function expectNoScroll(playground: Playground) {
  const excess = await playground.page.evaluate(() => {
    const { scrollWidth, scrollHeight } = document.documentElement;
    return { wide: scrollWidth - innerWidth, high: scrollHeight - innerHeight };
  });
  expect(excess).toEqual({ wide: 0, high: 0 });
}

/** Whether a colour as the browser computes it has much more red than green and blue. */
function redOf(color: string): boolean {
  const [red = 0, green = 0, blue = 0] = [...color.matchAll(/[\d.]+/g)].map(([part]) => Number(part));
  return red > 2 * green && red > 2 * blue;
}
