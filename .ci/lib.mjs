// What the scripts of this folder share. Node's own modules only: it must run before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, absolute. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const onWindows = process.platform === 'win32';

/** Says something to the person; stdout is for results. */
export function say(message) {
  process.stderr.write(`${message}\n`);
}

/** Runs a command in the project's folder, its output on ours, and returns its exit code; 127 when it cannot start. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: onWindows, ...options });
  if (result.error) say(`${command}: ${result.error.message}`);
  return result.status ?? 127;
}

/** Runs a program that a dependency brings. */
export function runTool(name, args, options = {}) {
  return run(join(root, 'node_modules', '.bin', name), args, options);
}

/**
 * Runs a program that a dependency brings while others run; the answer is its exit code, 127 when it cannot start. With
 * `aside` it takes what the others leave of the processor, and its output is held back until it ends, so that it stands in
 * one piece between that of others.
 */
export function startTool(name, args, { aside = false, env = process.env } = {}) {
  const command = join(root, 'node_modules', '.bin', name);
  const child = spawn(command, args, { cwd: root, env, shell: onWindows, stdio: aside ? 'pipe' : 'inherit' });
  if (aside && child.pid !== undefined) giveWay(child.pid);
  const held = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => held.push(data));
  return new Promise((resolve) => {
    child.on('error', (error) => {
      say(`${command}: ${error.message}`);
      resolve(127);
    });
    child.on('close', (code) => {
      process.stdout.write(Buffer.concat(held));
      resolve(code ?? 127);
    });
  });
}

/** Lets other processes go first; where that is not allowed, or the process is over already, nothing is lost. */
function giveWay(pid) {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It runs as the others do.
  }
}

/** Standard streams for a helper whose chatter must not reach stdout. */
export const TO_STDERR = ['ignore', 2, 2];

/** Installs the dependencies, unless those of the lockfile are in place. None of them needs an install script. */
export function ensureInstalled() {
  if (isInstalled()) return;
  say('Installing the dependencies (once) ...');
  if (run('npm', ['ci', '--include=dev', '--ignore-scripts'], { stdio: TO_STDERR }) !== 0) {
    say('The dependencies could not be installed.');
    process.exit(1);
  }
}

/** npm keeps what it has installed in a lockfile of its own, and writes that last. */
function isInstalled() {
  const installed = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  const wanted = packagesOf(join(root, 'package-lock.json'));
  return Object.entries(wanted).every(
    ([path, { version, optional, devOptional }]) =>
      path === '' || optional || devOptional || installed[path]?.version === version,
  );
}

function packagesOf(lockfile) {
  return existsSync(lockfile) ? JSON.parse(readFileSync(lockfile, 'utf8')).packages : {};
}

/**
 * Builds `folder` anew when one of `sources` (files or folders) is newer than it. The build goes to a folder
 * beside it and replaces the old one when it is whole, so that a server or a second script never sees half of it.
 */
export async function rebuildIfStale(folder, sources, build) {
  const target = join(root, folder);
  if (existsSync(target) && newest(sources.map((source) => join(root, source))) < statSync(target).mtimeMs) return;
  say(`Building ${folder}/ ...`);
  const fresh = `${target}-${process.pid}`;
  try {
    await build(fresh);
    rmSync(target, { recursive: true, force: true });
    renameSync(fresh, target);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** The latest change under these paths, in ms; a folder's own time tells of files removed from it. */
function newest(paths) {
  const times = paths.filter(existsSync).map((path) => {
    const stat = statSync(path);
    const inside = stat.isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [];
    return Math.max(stat.mtimeMs, newest(inside));
  });
  return Math.max(0, ...times);
}

/** Bundles one entry, a path without its ending, for Node into dist-cli/ when it or core/ is newer, and runs it in this process. */
export async function runBundled(entry) {
  ensureInstalled();
  const name = basename(entry);
  const folder = `dist-cli/${name}`;
  await rebuildIfStale(folder, ['core', `${entry}.ts`, 'package-lock.json', '.ci/lib.mjs'], async (outDir) => {
    const { build } = await import('vite');
    await build({
      root,
      configFile: false,
      logLevel: 'warn',
      publicDir: false,
      build: { ssr: `${entry}.ts`, outDir, target: 'node20', minify: false, sourcemap: true },
    });
  });
  await import(new URL(`../${folder}/${name}.js`, import.meta.url).href);
}
