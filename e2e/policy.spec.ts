import { expect, test } from './playground.ts';

test('it lists the kernel designs, and runs the scenario anew under the one that is chosen, from the start', async ({
  playground,
}) => {
  await test.step('it says which one runs', async () => {
    await playground.open();

    await expect(playground.policy).toHaveValue('rfcv2');
    await expect(playground.policy.locator('option')).toHaveText(['rfcv2-as-posted', 'rfcv2', 'v2-2018', 'mainline']);
  });
  await test.step('another one is chosen', async () => {
    await playground.press('.', 2);

    await playground.policy.selectOption('mainline');
    await playground.idle();

    await expect(playground.policy).toHaveValue('mainline');
    await expect(playground.scenario).toHaveValue('first-touch');
    expect(await playground.event()).toBe(0);
    await expect(playground.page.getByRole('contentinfo')).toContainText('under mainline, not as written');
  });
});

test('it carries the design in a link, to the same state', async ({ playground }) => {
  await playground.open({ policy: 'v2-2018' });
  await playground.toEnd();
  const fingerprint = await playground.fingerprint();

  const other = await playground.somebodyElse();
  await other.visit(await playground.share());

  await expect(other.policy).toHaveValue('v2-2018');
  expect(await other.fingerprint()).toBe(fingerprint);
  expect(await other.notices()).toBe('');
});

test('it runs a design with one decision changed, and names it', async ({ playground }) => {
  await playground.open({ policy: 'rfcv2,stack-growth=never' });

  await expect(playground.policy).toHaveValue('rfcv2,stack-growth=never');
});

test('it says which designs there are when an address names another', async ({ playground }) => {
  await playground.open({ policy: 'rfcv3' });

  expect(await playground.notices()).toContain('There is no policy rfcv3; there is rfcv2-as-posted, rfcv2');
  await expect(playground.policy).toHaveValue('rfcv2');
});

test('it tells of a bug that a design is known for, where it breaks and that the script expects it', async ({
  playground,
}) => {
  await playground.open({ scenario: 'two-binders', policy: 'rfcv2-as-posted' });
  const report = playground.page.getByRole('status').filter({ hasText: 'An invariant does not hold.' });

  await expect(report).toContainText('has two PASIDs');
  await expect(report).toContainText('The script expects it.');
  await report.getByRole('button', { name: /^Show event \d+$/ }).click();
  await playground.idle();

  const end = await playground.event();
  await playground.toEnd();
  expect(await playground.event(), 'the machine stops where it breaks').toBe(end);
  await expect(playground.page.getByRole('contentinfo')).toContainText('Broken, as the script expects');
});
