import { expect, test } from './playground.ts';

test('it leads from a value to the event that wrote it, on to its cause, and back', async ({ playground }) => {
  await playground.open();
  await playground.toEnd();
  const end = await playground.event();
  const inspector = playground.region('Inspector');
  const chain = inspector.getByRole('region', { name: 'Why', exact: true });
  await playground.thing('Processes', '7f00…1000').click();
  await playground.idle();

  await inspector.getByRole('button', { name: 'Why is Valid so?' }).click();
  await playground.idle();
  await expect(chain.getByRole('heading')).toContainText('why Valid is');
  await chain.getByRole('listitem').first().getByRole('button').click();
  await playground.idle();
  await expect(playground.region('Now')).toContainText('installs a descriptor for 7f00…1000');
  await chain.getByRole('listitem').nth(2).getByRole('button').click();
  await playground.idle();
  expect(await playground.event()).toBeLessThan(end);
  await expect(chain.locator('[aria-current="step"]')).toHaveCount(1);
  await chain.getByRole('button', { name: `Back to event ${end}` }).click();
  await playground.idle();
  expect(await playground.event()).toBe(end);

  await playground.thing('IOMMU', /^PRI queue, slot 0/).focus();
  await playground.press('w');
  await expect(chain.getByRole('listitem').first()).toContainText('handles the request for 7f00…1000');
  await chain.getByRole('button', { name: 'Close the chain of causes' }).click();
  await expect(chain).toHaveCount(0);
});
