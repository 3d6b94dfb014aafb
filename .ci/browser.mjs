// A Chromium for the journeys: one on the machine, else Playwright's download, else Debian's package.
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { run, runTool, say, TO_STDERR } from './lib.mjs';

// The shell without windows starts a page in less than half the time.
const SHELL = 'chromium-headless-shell';
const NAMES = [SHELL, 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const DOWNLOAD_LIMIT_MS = 5 * 60_000;

/** The path of a Chromium that starts, installed if need be; null when none can be had. */
export async function findBrowser() {
  return onMachine() ?? (await downloaded()) ?? packaged();
}

/** A browser that misses a library, or is a stub, does not even tell its version. */
function starts(path) {
  return spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 30_000 }).status === 0;
}

function onMachine() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const known = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [process.env.CHROMIUM ?? '', ...known].find((path) => path !== '' && starts(path)) ?? null;
}

async function downloaded() {
  const { chromium } = await import('@playwright/test');
  const path = chromium.executablePath();
  if (starts(path)) return path;
  say('Downloading a Chromium (once) ...');
  runTool('playwright', ['install', 'chromium'], { stdio: TO_STDERR, timeout: DOWNLOAD_LIMIT_MS });
  return starts(path) ? path : null;
}

function packaged() {
  if (process.platform !== 'linux') return null;
  say("Installing Debian's Chromium (once) ...");
  const command = process.getuid() === 0 ? ['apt-get'] : ['sudo', '-n', 'apt-get'];
  const options = { stdio: TO_STDERR, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const apt = (...task) => {
    const [program, ...rest] = [...command, ...task];
    return run(program, rest, options) === 0;
  };
  if (!apt('update')) return null;
  const install = ['install', '-y', '--no-install-recommends'];
  return apt(...install, SHELL) || apt(...install, 'chromium') ? onMachine() : null;
}
