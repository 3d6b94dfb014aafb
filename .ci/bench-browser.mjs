// The streams of `npm run bench` in a browser: the same code in the engine that the page runs in, by processor time.
import { chromium } from '@playwright/test';
import { build } from 'vite';
import { findBrowser } from './browser.mjs';
import { root, say } from './lib.mjs';

const ROUNDS = 5;

/** Measures the streams whose name has one of the words, and tells each in a line, or all of them as JSON. */
export async function benchBrowser(words, asJson) {
  const path = await findBrowser();
  if (path === null) return say('bench: no Chromium could be found, so no stream is measured in one.');
  const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const script = await bundle();
    const page = await browser.newPage();
    await page.addScriptTag({ content: script });
    const names = await page.evaluate(() => globalThis.streams.STREAM_SECTIONS.map(({ name }) => name));
    const wanted = names.filter((name) => words.every((word) => name.includes(word)));
    await page.close();
    const results = [];
    for (const name of wanted) {
      const result = await measure(browser, script, name);
      results.push(result);
      const [middle, low, high] = [result.median, result.low, result.high].map((n) => Math.round(n).toLocaleString());
      if (!asJson) console.log(`browser: ${name.padEnd(36)}${middle.padStart(14)} accesses/s   (${low} to ${high})`);
    }
    if (asJson) console.log(JSON.stringify(results, null, 2));
  } finally {
    await browser.close();
  }
}

/** One script that declares `streams`, made as the page's is. */
async function bundle() {
  const lib = { entry: 'core/cli/bench-stream.ts', name: 'streams', formats: ['iife'] };
  const options = { root, configFile: false, logLevel: 'warn', publicDir: false };
  const [{ output }] = [await build({ ...options, build: { lib, write: false, minify: true } })].flat();
  return output[0].code;
}

/** Each section in a page of its own, so that none meets code that another one made general. */
async function measure(browser, script, name) {
  const page = await browser.newPage();
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find((metric) => metric.name === 'TaskDuration').value;
  };
  await page.addScriptTag({ content: script });
  await page.evaluate((wanted) => {
    // The section reads the clock of Node's process; here the browser tells the processor time.
    globalThis.process = { cpuUsage: () => ({ user: 0, system: 0 }) };
    globalThis.round = globalThis.streams.STREAM_SECTIONS.find((section) => section.name === wanted).prepare();
    globalThis.round();
  }, name);
  const rates = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = await busy();
    const done = await page.evaluate(() => {
      globalThis.round();
      return globalThis.streams.ACCESSES;
    });
    rates.push(done / ((await busy()) - before));
  }
  await page.close();
  rates.sort((one, other) => one - other);
  return { name, median: rates[2], low: rates[0], high: rates[4] };
}
