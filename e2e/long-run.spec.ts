import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { expect, type Playground, test } from './playground.ts';

/** `npm run prove` scrubs through the longest run that is promised. */
const EVENTS = process.env['SVM_PROVE'] === '1' ? 100_000 : 20_000;
/** Steps back from the end that are compared with the same moments on the way forward. */
const STEPS = 4;
/** To play, tell and check 100,000 events takes 8 s where nothing else runs. */
const PATIENCE = 180_000;

test(`it scrubs through a run of ${EVENTS} events, and each moment is the same whichever way it is reached`, async ({
  playground,
}) => {
  test.setTimeout(PATIENCE);
  // Beyond the end is the end: the machine has gone forward only.
  await playground.visit(`./?motion=off&at=999999#script=${longRun()}`);
  const end = await playground.event();
  expect(end).toBeGreaterThanOrEqual(EVENTS);
  const [played, atEnd] = [await playground.fingerprint(), await playground.reading()];
  await playground.stepBy('step');

  const forward = await fingerprints(playground, ',', STEPS);
  expect(await playground.event()).toBe(end - STEPS);
  const again = await fingerprints(playground, '.', STEPS);
  expect(again).toEqual([...forward.slice(0, -1).reverse(), played]);
  expect(new Set([...forward, played]).size).toBeGreaterThan(1);

  await playground.toStart();
  expect(await playground.event()).toBe(0);
  const start = await playground.fingerprint();
  const dragged = await drag(playground, 0.1, 0.7);
  expect(Math.abs(dragged / end - 0.7)).toBeLessThan(0.01);
  const [print, there] = [await playground.fingerprint(), await playground.reading()];
  await playground.toEnd();
  expect(await playground.event()).toBe(end);
  expect(await playground.fingerprint()).toBe(played);
  expect(await playground.reading()).toEqual(atEnd);

  expect(await drag(playground, 0.9, 0.7)).toBe(dragged);
  expect(await playground.fingerprint()).toBe(print);
  expect(await playground.reading()).toEqual(there);
  await playground.toStart();
  expect(await playground.fingerprint()).toBe(start);
});

/** The script of the run, as a link has it. */
function longRun(): string {
  const command = fileURLToPath(new URL('../.ci/svm.mjs', import.meta.url));
  const { stdout, status } = spawnSync(process.execPath, [command, 'generate', '--events', String(EVENTS)]);
  expect(status, 'the script of a long run is generated').toBe(0);
  return deflateRawSync(stdout).toString('base64url');
}

/** Presses a key so often, and reads the fingerprint each time. */
async function fingerprints(playground: Playground, key: string, times: number): Promise<string[]> {
  const found: string[] = [];
  for (let time = 0; time < times; time += 1) {
    await playground.press(key);
    found.push(await playground.fingerprint());
  }
  return found;
}

/** Drags along the bar between two shares of its length; the answer is the event at which the hand lets go. */
async function drag(playground: Playground, from: number, to: number): Promise<number> {
  const { mouse } = playground.page;
  const box = await playground.slider.boundingBox();
  expect(box).not.toBeNull();
  const { x = 0, y = 0, width = 0, height = 0 } = box ?? {};
  const move = (share: number) => mouse.move(x + width * share, y + height / 2);
  await move(from);
  await mouse.down();
  const parts = 12;
  for (let part = 1; part <= parts; part += 1) await move(from + ((to - from) * part) / parts);
  const shown = await playground.idle();
  await mouse.up();
  expect(await playground.idle()).toBe(shown);
  return shown;
}
