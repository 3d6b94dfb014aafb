// The stages of `npm run check` and `npm test`: each answers with how many of its checks passed and failed.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBrowser } from './browser.mjs';
import { ensureInstalled, root, say, startTool } from './lib.mjs';

const PROJECTS = ['.', 'core', 'core/cli', 'app', 'site/service-worker'];

/** A stage that is one check: it holds when every program ends well. */
const one = (codes) => (codes.every((code) => code === 0) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });

async function types() {
  const codes = [];
  for (const project of PROJECTS.filter(hasSource)) {
    codes.push(await startTool('tsc', ['-p', project], { aside: true }));
  }
  return one(codes);
}

function hasSource(folder) {
  return readdirSync(join(root, folder)).some((name) => /\.tsx?$/.test(name));
}

async function lint() {
  return one([await startTool('biome', ['check', '--error-on-warnings', '.'], { aside: true })]);
}

async function deadCode() {
  return one([await startTool('knip', [], { aside: true })]);
}

function unit(args) {
  return counted((report) => {
    const json = ['--reporter=json', `--outputFile.json=${report}`];
    return startTool('vitest', ['run', '--reporter=default', ...json, ...args]);
  }, countVitest);
}

async function e2e(args) {
  const browser = await findBrowser();
  if (browser === null) {
    say('No Chromium could be found or installed; CHROMIUM=/path/to/one names yours.');
    return { passed: 0, failed: 1 };
  }
  const port = String(await freePort());
  return counted((report) => {
    const env = { ...process.env, CHROMIUM: browser, E2E_PORT: port, PLAYWRIGHT_JSON_OUTPUT_FILE: report };
    const chosen = args.some((arg) => arg.startsWith('--project')) ? args : ['--project=journeys', ...args];
    return startTool('playwright', ['test', ...chosen], { env });
  }, countPlaywright);
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Runs a test runner that writes a JSON report; one that fails in no test, or runs none, has failed all the same. */
async function counted(runner, count) {
  const folder = mkdtempSync(join(tmpdir(), 'svm-playground-'));
  const report = join(folder, 'report.json');
  const code = await runner(report);
  const { passed, failed } = existsSync(report)
    ? count(JSON.parse(readFileSync(report, 'utf8')))
    : { passed: 0, failed: 0 };
  rmSync(folder, { recursive: true });
  const ran = passed + failed > 0;
  return { passed, failed: failed === 0 && (code !== 0 || !ran) ? 1 : failed };
}

const countVitest = ({ numPassedTests, numFailedTests }) => ({ passed: numPassedTests, failed: numFailedTests });

const countPlaywright = ({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected });

/** The stages by name. */
const STAGES = { types, lint, 'dead-code': deadCode, unit, e2e };
/** They need one core, and the unit tests end with a long one that leaves the other idle: they go beside them. */
const BESIDE_UNIT = ['types', 'lint', 'dead-code'];

/**
 * Runs the named stages, says how each went, and ends the process; the last line is `N passed, N failed`.
 * All of that is done once in each round: `env` is set in the environment, and `asked` is what the command line asks for:
 * one of the stages, which gets the rest as its runner's arguments, or nothing for all of them.
 */
export async function runStages(names, rounds = [{ env: {}, asked: process.argv.slice(2) }]) {
  const unknown = rounds.some(({ asked: [only] }) => only !== undefined && !names.includes(only));
  if (unknown) {
    say(`There are the stages ${names.join(', ')}.`);
    process.exit(64);
  }
  ensureInstalled();
  const total = { passed: 0, failed: 0 };
  for (const { env, asked } of rounds) {
    Object.assign(process.env, env);
    await runRound(names, asked, total);
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

async function runRound(names, [only, ...args], total) {
  const chosen = only === undefined ? names : [only];
  const inTurn = async (stages) => {
    for (const name of stages) {
      const { passed, failed } = await runStage(name, args);
      total.passed += passed;
      total.failed += failed;
    }
  };
  const isBeside = (name) => BESIDE_UNIT.includes(name) && chosen.includes('unit');
  await Promise.all([
    inTurn(chosen.filter(isBeside)),
    inTurn(chosen.filter((name) => !isBeside(name) && name !== 'e2e')),
  ]);
  await inTurn(chosen.filter((name) => name === 'e2e'));
}

async function runStage(name, args) {
  const start = performance.now();
  const result = await STAGES[name](args);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${name}: ${result.passed} passed, ${result.failed} failed, ${seconds} s`);
  return result;
}
