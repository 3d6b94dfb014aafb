import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Plugin } from 'vite';

const SOURCE = 'site/service-worker/service-worker.ts';
const SCRIPT = 'service-worker.js';
/** Not kept: maps are for tools, and the emulator without a worker is for frames in which no service worker runs. */
const NOT_KEPT = /^service-worker\.js|\.map$|^assets\/in-page-/;

/**
 * Builds the service worker beside the page, and writes the list of all built files into it, each with its hash: what
 * the browser keeps is one whole build or nothing.
 */
export function offline(): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    config: () => ({
      build: {
        rolldownOptions: {
          input: { index: 'index.html', 'service-worker': SOURCE },
          output: {
            entryFileNames: ({ name }) => (name === 'service-worker' ? SCRIPT : 'assets/[name]-[hash].js'),
          },
        },
      },
    }),
    writeBundle: {
      order: 'post',
      handler({ dir = '' }) {
        const files = filesOf(dir);
        const version = sha256(JSON.stringify(files)).slice(0, 16);
        const script = join(dir, SCRIPT);
        const list = `const BUILD = ${JSON.stringify({ version, files }, null, 1)};\n`;
        writeFileSync(script, list + readFileSync(script, 'utf8'));
      },
    },
  };
}

/** The files of a built page by their paths below it, with their hashes; the page itself has no name. */
function filesOf(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll(sep, '/'))
    .filter((path) => !NOT_KEPT.test(path))
    .sort();
  return Object.fromEntries(
    paths.map((path) => [path.replace(/^index\.html$/, ''), sha256(readFileSync(join(folder, path)))]),
  );
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
