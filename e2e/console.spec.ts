import { expect, type Playground, test } from './playground.ts';

test('it leaves everything as it was where it refuses a line, and cuts the run where it takes one', async ({
  playground,
}) => {
  await test.step('a refused line is answered with errno and rule', async () => {
    await playground.openAtPageRequest();
    const before = await stateOf(playground);

    const refused: [string, RegExp][] = [
      ['bind nobody gpu0', /^ESRCH: .*nobody/],
      ['dma gpu0 nobody write heap 64', /^ESRCH: .*nobody/],
      ['munmap app heep 1', /^EFAULT: .*heep/],
      ['machine smmuv3', /^EBUSY: .*first/],
    ];
    for (const [line, answer] of refused) {
      expect((await playground.command(line)).join('\n'), line).toMatch(answer);
      expect(await stateOf(playground), line).toEqual(before);
    }
  });
  await test.step('a malformed line is answered with its place and what was expected there', async () => {
    const before = await stateOf(playground);

    expect(await playground.command('bind app')).toEqual(['        ^ expected a device, found the end of the line']);
    expect(await playground.command('frobnicate')).toEqual(['^ "frobnicate" is not a command']);
    const [located = ''] = await playground.command('mmap app heap 64Q');
    expect(located.indexOf('^')).toBe('mmap app heap '.length);
    expect(located).toContain('expected a size such as 64K');
    expect(await stateOf(playground)).toEqual(before);
  });
  await test.step('a command in the middle of a run leaves the future behind, and says so', async () => {
    const middle = await playground.event();
    const before = await playground.fingerprint();
    const left = Number(await playground.slider.getAttribute('aria-valuemax')) - middle;

    const output = await playground.command('munmap app heap+0x3000 1');

    expect(output.at(-1)).toBe(`${left} later events are left behind`);
    const end = await playground.event();
    expect(end).toBeGreaterThan(middle);
    expect(await playground.fingerprint()).not.toBe(before);
    await expect(playground.scenario.locator('option:checked')).toHaveText('Your own run');
    await expect(playground.slider).toHaveAttribute('aria-valuemax', String(end));
    await playground.click('Step back');
    await playground.toEnd();
    expect(await playground.event()).toBe(end);

    await playground.stepBy('step');
    while ((await playground.event()) > middle) await playground.click('Step back');
    expect(await playground.fingerprint(), 'it is taken back by stepping over it').toBe(before);
  });
});

test('it does what lines say, brings them back, completes them, and takes them for text', async ({ playground }) => {
  await test.step('earlier lines by the arrow keys, newest first', async () => {
    await playground.open();
    await playground.command('bind app gpu0');
    await playground.command('expect pasid app 1');

    const lines: [string, string][] = [
      ['ArrowUp', 'expect pasid app 1'],
      ['ArrowUp', 'bind app gpu0'],
      ['ArrowUp', 'bind app gpu0'],
      ['ArrowDown', 'expect pasid app 1'],
      ['ArrowDown', ''],
    ];
    for (const [key, line] of lines) {
      await playground.press(key);
      await expect(playground.textbox).toHaveValue(line);
    }
  });
  await test.step('a second bind of the same pair is one more user, until both have unbound', async () => {
    const users = () => playground.region('Devices and groups').getByRole('button', { name: /^Bound to/ });

    await expect(users()).toContainText('1 user');
    expect((await playground.command('bind app gpu0'))[0]).toBe('PASID 1');
    await expect(users()).toContainText('2 users');
    await playground.command('unbind app gpu0');
    await expect(users()).toContainText('1 user');
    await playground.command('unbind app gpu0');
    await expect(playground.region('Devices and groups')).toContainText('bound to nobody');
  });
  await test.step('what was typed is text, whatever it looks like', async () => {
    await playground.command('<img src=x onerror=alert(1)>');

    await expect(playground.region('Console')).toContainText('> <img src=x onerror=alert(1)>');
    await expect(playground.page.locator('img')).toHaveCount(0);
  });
  await test.step('Tab completes from the words of the language and from what lives now', async () => {
    await playground.textbox.focus();
    const offers = playground.page.getByRole('listbox', { name: 'Completions' });

    await playground.page.keyboard.type('munm');
    await playground.press('Tab');
    await expect(playground.textbox).toHaveValue('munmap ');
    await playground.press('Tab');
    await expect(playground.textbox).toHaveValue('munmap app ');
    await playground.press('Tab');
    await expect(offers.getByRole('option')).toHaveCount(3);
    await playground.press('ArrowDown', 2);
    const [chosen = ''] = String(await offers.getByRole('option', { selected: true }).textContent()).split(' ');
    expect(['text', 'heap', 'stack']).toContain(chosen);
    await playground.press('Enter');
    await expect(playground.textbox).toHaveValue(new RegExp(`^munmap app ${chosen}`));
    await expect(offers).toBeHidden();
  });
  await test.step('Tab leaves an empty textbox, and Escape closes the completions', async () => {
    await playground.textbox.fill('');
    await playground.textbox.focus();

    await playground.page.keyboard.type('m');
    await playground.press('Tab');
    await expect(playground.page.getByRole('listbox', { name: 'Completions' })).toBeVisible();
    await playground.press('Escape');
    await expect(playground.page.getByRole('listbox', { name: 'Completions' })).toBeHidden();
    await playground.textbox.fill('');
    await playground.press('Shift+Tab');

    await expect(playground.textbox).not.toBeFocused();
  });
});

test('it restores the exact moment of a run of one’s own from its link', async ({ playground }) => {
  await playground.openAtPageRequest();
  await playground.command('munmap app heap+0x3000 1');
  await playground.command('dma gpu0 app write heap 64');
  await playground.command('run until fault.handled');
  await playground.click('Step back');
  const [state, reading] = [await stateOf(playground), await playground.reading()];

  const other = await playground.somebodyElse();
  await other.visit(await playground.share());

  expect(await stateOf(other)).toEqual(state);
  expect(await other.reading()).toEqual(reading);
  expect(await other.notices()).toBe('');
});

/** What a refused line may not change. */
async function stateOf(playground: Playground) {
  return {
    event: await playground.event(),
    timeline: await playground.region('Timeline').textContent(),
    fingerprint: await playground.fingerprint(),
    run: await playground.scenario.locator('option:checked').textContent(),
  };
}
