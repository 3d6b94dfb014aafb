// The page in a real browser: what it loads, when it is there, and how a long run is gone through.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { heapOf, interactions, paintOf, stepsOf, watchWorker } from './bench-probes.mjs';
import { findBrowser } from './browser.mjs';
import { ensureInstalled, root, say } from './lib.mjs';

const PORT = 4891;
const EVENTS = 100_000;
const STEPS = 200;
const SEEKS = 200;
const ROUNDS = 5;

/** Measures the page and tells each figure in a line, or all of them as JSON. */
export async function benchPage(asJson) {
  ensureInstalled();
  const path = await findBrowser();
  if (path === null) return say('bench: no Chromium could be found, so the page is not measured.');
  const server = await serve();
  const { chromium } = await import('@playwright/test');
  const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const results = [...sizes(), ...(await opening(browser)), await journey(browser), ...(await longRun(browser))];
    for (const { name, value, unit, budget } of asJson ? [] : results) {
      const told = value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
      console.log(
        `${name.padEnd(52)}${told.padStart(10)} ${unit.padEnd(6)} ${budget === undefined ? '' : `budget ${budget}`}`,
      );
    }
    if (asJson) console.log(JSON.stringify(results, null, 2));
  } finally {
    await browser.close();
    server.kill();
  }
}

/** Serves the built page, and answers once it does. */
async function serve() {
  const server = spawn(process.execPath, ['.ci/start.mjs', '--port', String(PORT)], { cwd: root, stdio: 'ignore' });
  for (let tries = 0; tries < 1200; tries++) {
    const answer = await fetch(`http://localhost:${PORT}/`).catch(() => null);
    if (answer?.ok) return server;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error('the page was not served');
}

const address = (rest) => `http://localhost:${PORT}/?motion=off${rest}`;
const quantile = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

/** What the first view needs, packed as servers pack it. */
function sizes() {
  const html = readFileSync(join(root, 'dist/index.html'), 'utf8');
  const packed = (pattern) => {
    const files = [...html.matchAll(pattern)].map((match) => match[1]);
    return (
      files.reduce((sum, file) => sum + gzipSync(readFileSync(join(root, 'dist', file)), { level: 9 }).length, 0) / 1000
    );
  };
  return [
    { name: 'page: initial JS, gz', value: packed(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g), unit: 'kB', budget: 200 },
    { name: 'page: initial CSS, gz', value: packed(/href="\.\/(assets\/[^"]+\.css)"/g), unit: 'kB', budget: 20 },
  ];
}

/** How long until something is seen, on a slow CPU, and until the emulator answers and the first moment is shown, on this one. */
async function opening(browser) {
  const [paints, starts, moments] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    const slow = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const session = await slow.context().newCDPSession(slow);
    await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    await slow.goto(address(''));
    await idle(slow);
    paints.push(await slow.evaluate(paintOf));
    await slow.close();
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.addInitScript(watchWorker);
    await page.goto(address(''));
    await idle(page);
    moments.push(await page.evaluate(() => performance.now()));
    starts.push(await page.evaluate(() => globalThis.workerReady));
    await page.close();
  }
  return [
    { name: 'page: LCP, 4x CPU throttle', value: quantile(paints, 0.5), unit: 'ms', budget: 1000 },
    { name: 'page: worker ready', value: quantile(starts, 0.5), unit: 'ms', budget: 150 },
    { name: 'page: first moment shown', value: quantile(moments, 0.5), unit: 'ms' },
  ];
}

/** A person's way through a scenario: keys, things, panels, the bar, another design. */
async function journey(browser) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(address(''));
  await idle(page);
  await page.evaluate(interactions);
  const press = async (key, times) => {
    for (let time = 0; time < times; time++) {
      await page.keyboard.press(key);
      await idle(page);
    }
  };
  await press('ArrowRight', 6);
  await page.getByRole('combobox', { name: 'Granularity' }).selectOption('step');
  await page.locator('html').focus();
  await press('.', 30);
  await press(',', 15);
  const bar = page.getByRole('slider', { name: 'Position' });
  const { width } = await bar.boundingBox();
  for (let part = 1; part < 12; part++) {
    await bar.click({ position: { x: (width * part) / 12, y: 6 } });
    await idle(page);
  }
  for (const name of ['Watches', 'Console', 'Script', 'Script']) {
    await page.getByRole('button', { name, exact: true }).first().click();
    await idle(page);
  }
  await press('w', 1);
  const value = await page.evaluate(() => globalThis.inp());
  await page.close();
  return { name: 'page: INP, p98 over a journey', value, unit: 'ms', budget: 100 };
}

/** Through a run of a hundred thousand events: step by step, back, and to any place. */
async function longRun(browser) {
  const made = spawnSync(process.execPath, ['.ci/svm.mjs', 'generate', '--events', String(EVENTS)], {
    cwd: root,
    encoding: 'utf8',
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const session = await page.context().newCDPSession(page);
  const heap = await heapOf(session);
  const begin = performance.now();
  await page.goto(address(`&at=${EVENTS / 2}#script=${deflateRawSync(made.stdout).toString('base64url')}`));
  await idle(page);
  const opened = performance.now() - begin;
  await page.getByRole('combobox', { name: 'Granularity' }).selectOption('step');
  await page.locator('html').focus();
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await busy(session);
  const ways = await page.evaluate(stepsOf, { steps: STEPS, seeks: SEEKS });
  const each = (((await busy(session)) - before) * 1000) / (2 * STEPS + SEEKS);
  const used = await heap();
  await page.close();
  const told = (name, values, share, budget) => ({
    name: `page, ${EVENTS} events: ${name}`,
    value: quantile(values, share),
    unit: 'ms',
    budget,
  });
  return [
    told('step to paint, p95', ways.forward, 0.95, 16),
    told('step back to paint, p95', ways.back, 0.95, 16),
    told('random seek to paint, p50', ways.seek, 0.5),
    told('random seek to paint, p99', ways.seek, 0.99, 50),
    { name: `page, ${EVENTS} events: CPU of the page a move, mean`, value: each, unit: 'ms' },
    { name: `page, ${EVENTS} events: heap`, value: used, unit: 'MB', budget: 150 },
    { name: `page, ${EVENTS} events: opened`, value: opened, unit: 'ms' },
  ];
}

/** Seconds of CPU that the page's own thread has used for its tasks: a busy machine makes them no longer. */
async function busy(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value;
}

/** Nothing is asked of the emulator any more. */
async function idle(page) {
  await page.waitForFunction(() => document.documentElement.dataset.engine === 'idle', null, {
    timeout: 600_000,
    polling: 20,
  });
}
