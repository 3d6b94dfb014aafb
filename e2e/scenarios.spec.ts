import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { everyChapter, geometryProblems, places } from './geometry.ts';
import { expect, type Playground, type SIZES, test } from './playground.ts';
import type { Stop } from './stops.ts';

const CATALOGUE = readdirSync(join(import.meta.dirname, '../core/scenarios'))
  .filter((name) => name.endsWith('.svm'))
  .map((name) => name.replace(/\.svm$/, ''));
/** `npm run prove` looks at every chapter of every scenario, `npm test` at those in which most is drawn. */
const PROVE = process.env['SVM_PROVE'] === '1';
/** So many journeys share out the scenarios; the longer a window is gone on in, the faster it gets. */
const SHARES = PROVE ? 8 : 2;
const PATIENCE = 300_000;
/** By so many events a pointer may miss a moment on a narrow bar. */
const NEAR = 2;
const shares = Array.from({ length: SHARES }, (_, index) =>
  CATALOGUE.slice((index * CATALOGUE.length) / SHARES, ((index + 1) * CATALOGUE.length) / SHARES),
);

for (const share of shares) {
  test(`it opens and lays out ${share[0]} to ${share.at(-1)} without collisions, and no region moves`, async ({
    playground,
  }) => {
    test.setTimeout(PATIENCE);
    const stops = PROVE ? [] : tellingStops(share);
    await playground.open();
    expect(await choices(playground)).toEqual(['#museum', ...CATALOGUE].toSorted());
    const found: Findings = { problems: {}, starts: new Map() };

    // A window is made wide or narrow half as often when the size of one moment stays for the next.
    let sizes: [Size, Size] = ['desk', 'phone'];
    for (const scenario of share) {
      await playground.choose(scenario);
      expect(await playground.event(), scenario).toBe(0);
      const look = lookerAt(playground, scenario, await kindOf(playground), found);
      if (PROVE) await lookAtAll(playground, look);
      const moments = stops.filter((stop) => stop.scenario === scenario);
      for (const { at } of moments) sizes = await lookAt(playground, look, at, sizes);
      expect(PROVE || moments.length > 0, `${scenario} is looked at`).toBe(true);
    }

    expect(found.problems).toEqual({});
  });
}

test('it lays out first-touch and real-process without collisions in 1920 by 1080 and in 1024 by 768', async ({
  playground,
}) => {
  await playground.open();
  const found: Findings = { problems: {}, starts: new Map() };

  for (const size of ['large', 'small'] as const) {
    await playground.resize(size);
    for (const scenario of ['first-touch', 'real-process']) {
      await playground.choose(scenario);
      const look = lookerAt(playground, scenario, scenario, found);
      for await (const _ of everyChapter(playground)) await look(size);
    }
  }

  expect(found.problems).toEqual({});
});

type Size = keyof typeof SIZES;
interface Findings {
  readonly problems: Record<string, string[]>;
  /** Where the regions are to stay, for each kind of run in each size. */
  readonly starts: Map<string, Record<string, string>>;
}

/** Notes what is wrong with how the page lies there; the first look at such a run in a size says where the regions are to stay. */
type Look = (size: Size) => Promise<void>;

function lookerAt(playground: Playground, scenario: string, kind: string, { problems, starts }: Findings): Look {
  return async (size) => {
    const now = await places(playground.page);
    const start = starts.get(`${size}, ${kind}`) ?? now;
    starts.set(`${size}, ${kind}`, start);
    const moved = Object.entries(start).filter(([name, place]) => now[name] !== place);
    const found = [
      ...(await geometryProblems(playground.page)),
      ...moved.map(([name, place]) => `${name} moved: ${place} -> ${now[name]}`),
    ];
    if (found.length > 0) problems[`${scenario}, ${size}, ${await playground.event()}`] = [...new Set(found)];
  };
}

/** At every chapter on a desk, and at the end, the middle and the start on a phone. */
async function lookAtAll(playground: Playground, look: Look): Promise<void> {
  for await (const _ of everyChapter(playground)) await look('desk');
  const last = await playground.event();
  await playground.resize('phone');
  for (const at of [last, Math.round(last / 2), 0]) {
    await playground.pointAt(at);
    await look('phone');
  }
  await playground.resize('desk');
}

/** At one moment, in the size that the window has and then in another one; the answer is that and the former. */
async function lookAt(
  playground: Playground,
  look: Look,
  at: number,
  [now, then]: [Size, Size],
): Promise<[Size, Size]> {
  await playground.pointAt(at);
  expect(Math.abs((await playground.event()) - at)).toBeLessThanOrEqual(NEAR);
  await look(now);
  await playground.resize(then);
  await look(then);
  return [then, now];
}

/** What decides in a whole run how much room its regions have: notices above them, and words of the script to the reader. */
async function kindOf(playground: Playground): Promise<string> {
  const hasNotes = await playground.region('Now').evaluate((region) => region.classList.contains('noted'));
  return `${hasNotes ? 'with' : 'without'} notes, ${await playground.notices()}`;
}

/** The scenarios that the page offers, in the order of their ids. */
async function choices({ scenario }: Playground): Promise<string[]> {
  const values = await scenario
    .locator('option')
    .evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value));
  return values.toSorted();
}

/** The moments of some scenarios that show all that they draw (stops.ts). */
function tellingStops(scenarios: readonly string[]): Stop[] {
  const command = fileURLToPath(new URL('../.ci/stops.mjs', import.meta.url));
  const { stdout, status } = spawnSync(process.execPath, [command, ...scenarios], { encoding: 'utf8' });
  expect(status, 'the moments to look at are found').toBe(0);
  return JSON.parse(stdout) as Stop[];
}
