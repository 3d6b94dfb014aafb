import { expect, type Playground, SIZES, test } from './playground.ts';

const SET_UP = `machine smmuv3
device gpu0 pci 00:01.0 ats pri pasid 16 group 4
process app
mmap app heap 64K rw- at 0x7f0000000000
bind app gpu0
run
`;

const DEAD = 'The emulator has stopped working.';
/** The page's program, and by how much later than its worker it can come, in ms. */
const PROGRAM = /\/assets\/main-.*\.js/;
const LATE = 800;
const NOT_STARTED = 'The emulator could not be started.';

test('it reports an expectation that does not hold, leads to its event, and goes away with the run', async ({
  playground,
}) => {
  await test.step('it leads to the event', async () => {
    await playground.open({ script: `${SET_UP}expect pasid app 3\ndma gpu0 app write heap 64\nrun\n` });
    const report = playground.page.getByRole('alert');

    await expect(report).toContainText('An expectation does not hold.');
    await expect(report).toContainText('expect pasid app 3');
    await report.getByRole('button', { name: /^Show event \d+$/ }).click();
    await playground.idle();

    const label = await report.getByRole('button', { name: /^Show event/ }).textContent();
    const [event] = /\d+/.exec(String(label)) ?? [];
    expect(await playground.event()).toBe(Number(event));
    expect(Number(event)).toBeGreaterThan(0);
    await expect(playground.region('Processes').getByTitle('PASID 1')).toBeVisible();
  });
  await test.step('it goes away with the run that it is about', async () => {
    await expect(playground.page.getByRole('alert')).toHaveCount(1);

    await playground.scenario.selectOption('first-touch');
    await playground.idle();

    await expect(playground.page.getByRole('alert')).toHaveCount(0);
  });
});

test('it stays usable beside the report, which a link shows to others', async ({ playground }) => {
  await playground.open({ script: `${SET_UP}expect pasid app 3\n` });
  await playground.toEnd();

  expect((await playground.command('expect pasid app 1')).join()).not.toMatch(/not/);
  await playground.toStart();
  await playground.press('.', 1);
  expect(await playground.event()).toBeGreaterThan(0);
  const other = await playground.somebodyElse();
  await other.visit(await playground.share());

  await expect(other.page.getByRole('alert')).toContainText('An expectation does not hold.');
});

test('it tells of a process’s lines that cannot be mapped', async ({ playground }) => {
  await playground.open({ scenario: 'real-process' });

  expect(await playground.notices()).toMatch(/^perl.maps:49: .*not mapped: .*kernel/);
});

test('it says so when the emulator cannot be started, and starts it again at the same link when that is asked for', async ({
  playground,
}) => {
  playground.excuse(/emulator that cannot start|Failed to load|worker/i);
  await routeWorker(playground, () => 'throw new Error("an emulator that cannot start")');
  // The program comes when it has failed already.
  await playground.page.route(PROGRAM, async (route) => {
    await new Promise((done) => setTimeout(done, LATE));
    await route.continue();
  });

  await playground.visit('./?scenario=shared-pointer&at=17');

  const alert = playground.page.getByRole('alert');
  await expect(alert).toContainText(NOT_STARTED);
  await expect(alert).not.toContainText('What you see stays');
  await expect(playground.region('Now')).toContainText(NOT_STARTED);
  await playground.page.unroute(WORKER);
  await playground.click('Start again');
  await expect(playground.region('Processes')).toContainText('app');
  await expect(alert).toHaveCount(0);
  await expect(playground.scenario).toHaveValue('shared-pointer');
  expect(await playground.event()).toBe(17);
});

test('it starts an emulator that dies again at the same state, and says so and leaves all in sight when that dies too', async ({
  playground,
}) => {
  playground.excuse(/the emulator breaks/);
  await routeWorker(playground, (source) => `${source}\n${breaksWhenAskedFor('target')}`);
  await playground.open({ at: 17 });
  const before = await playground.reading();
  const fingerprint = await playground.fingerprint();

  await playground.page.keyboard.press('ArrowRight');
  const restarted = /the emulator breaks.*was started again, at the same event/;
  await expect.poll(() => playground.notices(), { timeout: 20_000 }).toMatch(restarted);
  await playground.idle();
  expect(await playground.event()).toBe(17);
  expect(await playground.fingerprint()).toBe(fingerprint);
  expect(await playground.notices()).not.toContain('not the state that the link promises');
  await playground.page.keyboard.press('ArrowRight');

  await expect(playground.page.getByRole('alert')).toContainText(DEAD);
  await expect(playground.region('Processes')).toContainText('app');
  expect(Object.keys(await playground.reading())).toEqual(Object.keys(before));
  await playground.page.unroute(WORKER);
  await playground.click('Start again');
  await playground.press('ArrowRight');
  expect(await playground.event()).toBeGreaterThan(17);
});

/** The script of the worker, as the build or the development server names it. */
const WORKER = /\/entry[-.]/;

/** Has the browser load another script instead of the worker's. */
async function routeWorker({ page }: Playground, change: (source: string) => string) {
  await page.route(WORKER, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: change(await response.text()) });
  });
}

/** Code of a worker that fails as soon as it hears a question, before it answers. */
function breaksWhenAskedFor(method: string): string {
  return `self.addEventListener('message', ({ data }) => {
    if (data.method === '${method}') setTimeout(() => { throw new Error('the emulator breaks'); });
  });`;
}

test('it tells on demand how every invariant stands at the moment, and how often it had something to look at', async ({
  playground,
}) => {
  await playground.open({ scenario: 'two-binders', policy: 'rfcv2-as-posted' });
  await playground.toEnd();
  await playground.click('Invariants');
  const dialog = playground.page.getByRole('dialog', { name: /What must hold in every state/ });

  const [, holding, applying] = /(\d+) \/ (\d+)/.exec(String(await dialog.getByRole('heading').textContent())) ?? [];
  expect(Number(applying)).toBeGreaterThan(30);
  expect(Number(holding)).toBe(Number(applying) - 1);
  const broken = dialog.getByRole('listitem').filter({ hasText: 'one-pasid' });
  await expect(broken).toContainText('broken');
  await expect(broken).toContainText('app has two PASIDs');
  await expect(dialog.getByRole('listitem').filter({ hasText: 'context-refs' })).toContainText(/\d+ events/);
});

test('it tells them on a phone too, where there is no status line', async ({ playground }) => {
  await playground.page.setViewportSize(SIZES.phone);
  await playground.open();
  await playground.click('Keyboard and legend');
  await playground.click('Invariants');

  await expect(playground.page.getByRole('dialog', { name: /What must hold/ })).toContainText(/nothing to look at yet/);
});
