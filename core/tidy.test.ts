import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';
import { expect, test } from 'vitest';

/** The folders of core/; each imports only from itself and from those before it. */
const FOLDERS = [
  ...['lib', 'world', 'sim', 'policy', 'hardware', 'devices', 'process', 'iommu', 'faults', 'drivers'],
  ...['machine', 'conformance', 'script', 'play', 'scenarios', 'stream', 'explore', 'export', 'query', 'worker', 'cli'],
];
/** Folders that need less than all before them: what each may still import. */
const NARROWER: Record<string, string[]> = {
  script: ['lib'],
  export: FOLDERS.slice(0, FOLDERS.indexOf('explore')),
};
/** The shell passes the clock and the outside world in; it may wait and talk. */
const SHELL = ['worker', 'cli'];
const SILICON = ['smmuv3', 'riscv-iommu', 'vtd'];
const DOOR = 'core/index.ts';
/** The language is a door of its own, so that what only the editor needs is loaded with it; so is an emulator without a worker. */
const DOORS_FOR_THE_PAGE = [DOOR, 'core/worker/protocol.ts', 'core/worker/in-page.ts', 'core/script/index.ts'];

const MEMBERS_OF_THE_OUTSIDE = ['Date.now', 'Math.random'];
const OBJECTS_OF_THE_OUTSIDE = ['console', 'Date', 'performance', 'crypto', 'BroadcastChannel', 'indexedDB'];
const CALLS_TO_THE_OUTSIDE = [
  ...['require', 'fetch', 'importScripts', 'postMessage', 'queueMicrotask'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'requestAnimationFrame'],
];

const LONGEST_FUNCTION = 60;
const LONGEST_FILE = 300;

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

interface Visit {
  readonly node: Node;
  readonly parent: Node | null;
}

interface Source {
  readonly path: string;
  readonly text: string;
  readonly nodes: readonly Visit[];
}

const sources = filesUnder('core', 'app')
  .filter((path) => /\.tsx?$/.test(path))
  .map(readSource);
// The rules for code are not about tests, nor data, nor what a program wrote.
const code = sources.filter(({ path }) => !/\.(test|data|generated)\.tsx?$|\/(testdata|fixtures)\//.test(path));
const core = code.filter(({ path }) => path.startsWith('core/'));
const pure = core.filter(({ path }) => !SHELL.includes(folderOf(path)));
const app = code.filter(({ path }) => path.startsWith('app/'));

test('it sees the whole house', () => {
  const rooms = filesUnder('core').filter((path) => /^core\/[^/]+\/.*\.ts$/.test(path));

  expect(new Set(core.map(({ path }) => folderOf(path)).filter((folder) => folder !== ''))).toEqual(
    new Set(rooms.map(folderOf)),
  );
  expect(core.length).toBeGreaterThan(20);
  expect(app.length).toBeGreaterThan(0);
  expect(core.flatMap(importsOf).length).toBeGreaterThan(20);
  expect(core.flatMap(functionsOf).length).toBeGreaterThan(100);
});

test('every folder of core has its place in the order', () => {
  const unplaced = [...new Set(core.map(({ path }) => folderOf(path)))].filter((folder) => !FOLDERS.includes(folder));

  expect(unplaced.filter((folder) => folder !== '')).toEqual([]);
});

test('a folder of core imports only from those above it', () => {
  const inside = core.filter(({ path }) => path !== DOOR);
  const upward = inside.flatMap((source) =>
    importsOf(source)
      .filter((target) => target.startsWith('core/') && !mayImport(source.path, target))
      .map((target) => `${source.path} imports ${target}`),
  );

  expect(upward).toEqual([]);
});

test('silicon imports no other silicon', () => {
  const crossings = core.flatMap((source) => {
    const own = siliconOf(source.path);
    const others = importsOf(source).filter((target) => ![null, own].includes(siliconOf(target)));
    return own === null ? [] : others.map((target) => `${source.path} imports ${target}`);
  });

  expect(crossings).toEqual([]);
});

test('core uses no package, and nothing outside of core but Node in the cli', () => {
  const strangers = core.flatMap((source) =>
    importsOf(source)
      .filter((target) => !target.startsWith('core/'))
      .filter((target) => !(target.startsWith('node:') && folderOf(source.path) === 'cli'))
      .map((target) => `${source.path} imports ${target}`),
  );

  expect(strangers).toEqual([]);
});

test('the page reaches core only through its doors', () => {
  const intrusions = app.flatMap((source) =>
    importsOf(source)
      .filter((target) => target.startsWith('core/') && !DOORS_FOR_THE_PAGE.includes(target))
      .map((target) => `${source.path} imports ${target}`),
  );

  expect(intrusions).toEqual([]);
});

test('core reads no clock and no chance, never waits, and talks to nobody', () => {
  expect(findings(pure, (visit) => outsideWord(visit) ?? waitingWord(visit))).toEqual([]);
});

test('nothing that moves sees the simulated clock: no time-out comes while somebody it waits for can still move', () => {
  const moving = FOLDERS.slice(FOLDERS.indexOf('policy'), FOLDERS.indexOf('machine'));
  const readers = core
    .filter(({ path }) => moving.includes(folderOf(path)))
    .filter((source) => importsOf(source).includes('core/sim/clock.ts'))
    .map(({ path }) => path);

  expect(moving).toContain('drivers');
  expect(readers).toEqual([]);
});

test('core has no classes but the storage in world and InvariantError', () => {
  const others = pure.filter(({ path }) => folderOf(path) !== 'world');

  expect(findings(others, className)).toEqual([]);
});

test('core uses bigint for formatting only', () => {
  const others = pure.filter(({ path }) => !/format[^/]*\.ts$/.test(path));

  expect(findings(others, bigintWord)).toEqual([]);
});

test('a function fits a screen', () => {
  const long = code.flatMap((source) =>
    functionsOf(source)
      .map((node) => ({ where: placeOf(source, node), lines: linesOf(source.text.slice(node.start, node.end)) }))
      .filter(({ lines }) => lines > LONGEST_FUNCTION)
      .map(({ where, lines }) => `${where} has ${lines} lines`),
  );

  expect(long).toEqual([]);
});

test('a file has one subject', () => {
  const long = code
    .map(({ path, text }) => ({ path, lines: linesOf(text.trimEnd()) }))
    .filter(({ lines }) => lines > LONGEST_FILE)
    .map(({ path, lines }) => `${path} has ${lines} lines`);

  expect(long).toEqual([]);
});

test('source is plain ASCII, but for what the page says', () => {
  const marked = code
    .filter((source) => /[^\n -~]/.test(source.path.startsWith('app/') ? withoutWords(source) : source.text))
    .map(({ path }) => path);

  expect(marked).toEqual([]);
});

test('nothing is left to do, and nothing names the machine it was written on', () => {
  // Spelt so that this file does not find itself.
  const leftover = /\b(?:TO[D]O|FIX[M]E|XX[X])\b/;
  const place = /(?<![\w.])\/(?:home|root|work|tmp|mnt|srv)\/|\.\.\/shared\b|\bregistry\.[a-z]+\.(?:org|com)/;
  const files = filesUnder('.').filter((path) => !/\.(png|woff2)$/.test(path) && path !== 'LICENSE');

  expect(files.length).toBeGreaterThan(30);
  expect(files.flatMap((path) => [...linesWith(path, leftover), ...linesWith(path, place)])).toEqual([]);
});

/** The files under folders of the project, as paths from its root with forward slashes; what is made is left out. */
function filesUnder(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
      if (/^(\.git|node_modules|dist.*|test-results|playwright-report|coverage)$/.test(entry.name)) return [];
      return entry.isDirectory() ? filesUnder(path) : [path];
    }),
  );
}

function readSource(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const { program, errors } = parseSync(path, text);
  expect(errors, path).toEqual([]);
  return { path, text, nodes: visitsOf(program as unknown as Node, null) };
}

function visitsOf(node: Node, parent: Node | null): Visit[] {
  return [{ node, parent }, ...childrenOf(node).flatMap((child) => visitsOf(child, node))];
}

function childrenOf(node: Node): Node[] {
  return Object.values(node).flat().filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** What a source imports or passes on: paths from the root for its own files, names for packages. */
function importsOf({ path, nodes }: Source): string[] {
  return nodes.flatMap(({ node }) => {
    const target = isNode(node['source']) ? node['source']['value'] : undefined;
    if (typeof target !== 'string') return [];
    const bare = target.replace(/\?.*$/, '');
    return [bare.startsWith('.') ? posix.join(dirname(path), bare) : bare];
  });
}

/** The folder of core that a path lies in, or '' for core's own door and its tests. */
function folderOf(path: string): string {
  return /^core\/([^/]+)\//.exec(path)?.[1] ?? '';
}

function siliconOf(path: string): string | null {
  return SILICON.find((name) => path.startsWith(`core/hardware/${name}/`)) ?? null;
}

/** core/index.ts stands between what it gathers and the shell, which may come in by it. */
function mayImport(from: string, target: string): boolean {
  const [own, other] = [folderOf(from), folderOf(target)];
  if (own === other) return true;
  if (own === '') return !SHELL.includes(other);
  if (other === '') return SHELL.includes(own);
  return (NARROWER[own] ?? FOLDERS.slice(0, FOLDERS.indexOf(own))).includes(other);
}

function findings(among: readonly Source[], find: (visit: Visit) => string | null): string[] {
  return among.flatMap((source) =>
    source.nodes.flatMap((visit) => {
      const found = find(visit);
      return found === null ? [] : [`${placeOf(source, visit.node)}: ${found}`];
    }),
  );
}

function outsideWord({ node, parent }: Visit): string | null {
  if (node.type === 'MemberExpression') {
    const path = [node['object'], node['property']].map((part) => (isNode(part) ? part['name'] : '')).join('.');
    return MEMBERS_OF_THE_OUTSIDE.includes(path) ? path : null;
  }
  if (node.type !== 'Identifier' || isKey(node, parent)) return null;
  const name = String(node['name']);
  const isCalled = parent?.type === 'CallExpression' && parent['callee'] === node;
  if (isCalled && CALLS_TO_THE_OUTSIDE.includes(name)) return name;
  return OBJECTS_OF_THE_OUTSIDE.includes(name) ? name : null;
}

/** Whether an identifier only names a field: `row.date`, `{ date: 1 }`. */
function isKey(node: Node, parent: Node | null): boolean {
  if (parent === null || parent['computed'] === true) return false;
  return parent['property'] === node || (parent['key'] === node && parent['shorthand'] !== true);
}

function waitingWord({ node }: Visit): string | null {
  return node.type === 'AwaitExpression' || node['async'] === true || node['await'] === true ? 'async or await' : null;
}

function className({ node }: Visit): string | null {
  if (node.type !== 'ClassDeclaration' && node.type !== 'ClassExpression') return null;
  const name = isNode(node['id']) ? String(node['id']['name']) : 'a class without a name';
  return name === 'InvariantError' ? null : name;
}

function bigintWord({ node }: Visit): string | null {
  if (node.type === 'TSBigIntKeyword' || typeof node['bigint'] === 'string') return 'bigint';
  return node.type === 'Identifier' && /^Big(Int|Uint)/.test(String(node['name'])) ? String(node['name']) : null;
}

/** Functions with a body; a function that only returns a table of others (a procedure's steps) is a table. */
function functionsOf({ nodes }: Source): Node[] {
  return nodes
    .map(({ node }) => node)
    .filter(({ type }) => /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(type))
    .filter(({ body }) => isNode(body) && !/^(ObjectExpression|ParenthesizedExpression)$/.test(body.type));
}

function placeOf({ path, text }: Source, node: Node): string {
  return `${path}:${linesOf(text.slice(0, node.start))}`;
}

function linesOf(text: string): number {
  return text.split('\n').length;
}

/** A source of the page without the words that people read. */
function withoutWords({ text, nodes }: Source): string {
  const words = nodes.map(({ node }) => node).filter(({ type }) => /^(Literal|JSXText|TemplateElement)$/.test(type));
  return words.reduce((rest, { start, end }) => rest.slice(0, start) + ' '.repeat(end - start) + rest.slice(end), text);
}

function linesWith(path: string, words: RegExp): string[] {
  const lines = readFileSync(join(ROOT, path), 'utf8').split('\n');
  return lines.flatMap((line, index) => (words.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []));
}
