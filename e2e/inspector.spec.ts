import { COLUMNS, expect, type Playground, test } from './playground.ts';

test('it tells of everything in the picture what it is made of, and of a record what each bit means', async ({
  playground,
}) => {
  test.slow();
  await test.step('everything has a title and values', async () => {
    await playground.openAtPageRequest();
    const untold: string[] = [];

    for (const column of COLUMNS) {
      for (const thing of await playground.region(column).locator('[data-key]').elementHandles()) {
        await thing.focus();
        await playground.press('Enter');
        const { title, values } = await inspection(playground);
        if (title === '' || values === 0) untold.push(`${column}: ${await thing.getAttribute('data-key')}`);
      }
    }

    expect(untold).toEqual([]);
  });
  await test.step('the fields of a page request record', async () => {
    const inspector = playground.region('Inspector');

    await playground.thing('IOMMU', /^PRI queue, slot 0/).click();
    await playground.idle();

    await expect(inspector).toContainText('SMMUv3 8');
    for (const [name, bits, value] of [
      ['SubstreamID', '51:32', '1'],
      ['StreamID', '31:0', '8'],
      ['W', '61', '1'],
      ['PRGIndex', '72:64', '0'],
      ['PageAddr', '127:76', '7f0000001'],
    ] as const) {
      const field = inspector.getByRole('button', { name: new RegExp(`^${bits}\\s*${name}\\s*${value}$`) });
      await field.click();
      await expect(field).toHaveAttribute('aria-pressed', 'true');
      await expect(inspector.locator('.meaning')).toContainText(new RegExp(`^${name} = .+ bits? ${bits} .{10}`));
    }
  });
  await test.step('its words in hexadecimal and, when asked, bit by bit', async () => {
    const inspector = playground.region('Inspector');

    await expect(inspector).toContainText('f000 0001 0000 0008');
    await playground.click('Show bits');
    await expect(inspector).toContainText(/1111\s*0000\s*0000\s*0000/);
    await playground.click('Show hex');
    await expect(inspector).toContainText('f000 0001 0000 0008');
  });
  await test.step('from a field to the thing that it refers to', async () => {
    await playground.thing('Devices and groups', /^write 64 B/).click();
    await playground.idle();

    await playground.region('Inspector').getByRole('definition').getByRole('button', { name: 'gpu0' }).click();
    await playground.idle();

    expect((await inspection(playground)).title).toBe('gpu0');
  });
  await test.step('the thing that is inspected is marked, and only that', async () => {
    const device = playground.thing('Devices and groups', /^gpu0 /);

    await device.click();
    await playground.idle();

    await expect(playground.page.locator('[data-key].selected')).toHaveCount(1);
    await expect(device).toHaveClass(/selected/);
  });
  await test.step('it keeps to what was picked, through time, until it is told to follow the moment', async () => {
    await playground.thing('Processes', '7f00…1000').click();
    await playground.idle();
    const picked = (await inspection(playground)).title;

    await playground.click('Step forward');
    expect((await inspection(playground)).title).toBe(picked);
    await playground.toEnd();
    expect((await inspection(playground)).title).toBe(picked);
    await playground.click('Follow the moment');
    await playground.toStart();
    await playground.press('.', 3);

    expect((await inspection(playground)).title).not.toBe(picked);
    await expect(playground.region('Inspector')).toContainText('of this moment');
  });
  await test.step('from the history to the event that wrote a value', async () => {
    await playground.toEnd();
    const inspector = playground.region('Inspector');
    await playground.thing('Devices and groups', /^write 64 B/).click();
    await playground.idle();

    const waits = inspector.getByRole('button', { name: /^\d+ .*running -> waiting/ });
    const event = Number(/\d+/.exec(String(await waits.locator('.event').textContent()))?.[0]);
    await waits.click();
    await playground.idle();

    expect(await playground.event()).toBe(event);
    await expect(playground.thing('Devices and groups', /^write 64 B/)).toContainText('waiting');
    await expect(inspector.getByRole('definition').filter({ hasText: /^waiting$/ })).toBeVisible();
  });
  await test.step('what was picked does not exist at this moment', async () => {
    await playground.toStart();

    await expect(playground.region('Inspector')).toContainText('It does not exist at this moment');
  });
});

test('it shows the fields of what a tap picked on a phone, in the panel Inspect', async ({ playground }) => {
  await playground.page.setViewportSize({ width: 390, height: 844 });
  await playground.openAtPageRequest();

  await playground.thing('IOMMU', /^PRI queue, slot 0/).click();
  await playground.idle();
  await playground.click('Inspect');

  await expect(playground.region('Inspector')).toContainText('PRGIndex');
});

/** The heading of what the inspector shows, and how many fields and bits it has. */
async function inspection(playground: Playground) {
  return playground.region('Inspector').evaluate((inspector) => ({
    title: [...inspector.querySelectorAll('h3')].map((heading) => heading.textContent).join(),
    values: inspector.querySelectorAll('dd, .bit:not(.gap)').length,
  }));
}
