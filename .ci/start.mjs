// npm start: builds the page when a source is newer, and serves it. --port N or PORT asks for a port.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureInstalled, rebuildIfStale, root, say } from './lib.mjs';

const DEFAULT_PORT = 4173;
const PORTS_TO_TRY = 50;
const SOURCES = ['app', 'core', 'public', 'site', 'index.html', 'vite.config.ts', 'package-lock.json'];
const SITE = join(root, 'dist');

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** The file of the site that a request's path names, or null; no path leads out of the site. */
function fileFor(path) {
  const file = join(SITE, path.endsWith('/') ? `${path}index.html` : path);
  if (!file.startsWith(SITE + sep) || file.includes('\0')) return null;
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? file : null;
}

/** The path of a request, without its query and percent signs, or null when it is malformed. */
function pathOf(url) {
  try {
    return decodeURIComponent(url.split(/[?#]/, 1)[0]);
  } catch {
    return null;
  }
}

function refuse(response, status, words) {
  response.writeHead(status, { 'content-type': TYPES['.txt'] }).end(`${words}\n`);
}

function serve(request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'only GET and HEAD');
  const path = pathOf(request.url);
  if (path === null) return refuse(response, 400, 'malformed path');
  const file = fileFor(path);
  if (file === null) return refuse(response, 404, 'not found');
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    'x-content-type-options': 'nosniff',
    // A sandboxed frame has no origin: even the page's own files are another origin's there (docs/embedding.md).
    'access-control-allow-origin': '*',
  });
  if (request.method === 'HEAD') return response.end();
  createReadStream(file)
    .on('error', () => response.destroy())
    .pipe(response);
}

function listen(port, last) {
  const server = createServer(serve);
  server.on('error', (error) => {
    if (error.code === 'EADDRINUSE' && port < last) return listen(port + 1, last);
    say(`Port ${port}: ${error.message}`);
    process.exit(1);
  });
  server.listen(port, '127.0.0.1', () => {
    console.log(`SVM Playground: http://localhost:${server.address().port}/`);
  });
}

function portAsked() {
  const { values } = parseArgs({ options: { port: { type: 'string' } } });
  const port = Number(values.port ?? process.env.PORT ?? DEFAULT_PORT);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  say('A port is a number from 0 to 65535.');
  return process.exit(64);
}

const port = portAsked();
ensureInstalled();
await rebuildIfStale('dist', SOURCES, async (outDir) => {
  const { build } = await import('vite');
  await build({ root, logLevel: 'warn', build: { outDir } });
});
listen(port, Math.min(port + PORTS_TO_TRY, 65_535));
