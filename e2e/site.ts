import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

const BUILT = fileURLToPath(new URL('../dist/', import.meta.url));

const TYPES: Record<string, string> = {
  css: 'text/css',
  html: 'text/html',
  js: 'text/javascript',
  png: 'image/png',
  svg: 'image/svg+xml',
  webmanifest: 'application/manifest+json',
  woff2: 'font/woff2',
};

/** Changes a file on its way; its path is below the page. */
type Change = (path: string, content: Buffer) => Buffer | string;

/** A file of the built page. */
export function builtFile(path: string): Buffer {
  return readFileSync(BUILT + path);
}

export interface Site {
  /** Where the page is. */
  readonly url: string;
  /** From now on files go out changed like this. */
  change(change: Change): void;
  stop(): Promise<void>;
}

/**
 * Serves the built page below a path as a plain file server does, with the type of each file and no other word about
 * it than `headers`; `others` are pages beside it.
 */
export async function serveSite(
  below: string,
  headers: Record<string, string> = {},
  others: Record<string, string> = {},
): Promise<Site> {
  let change: Change = (_, content) => content;
  const server = createServer(({ url = '' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const path = pathname.slice(below.length) || 'index.html';
    const other = others[path];
    if (!pathname.startsWith(below) || (other === undefined && !existsSync(BUILT + path))) {
      return response.writeHead(404).end();
    }
    const type = TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
    return response.writeHead(200, { 'content-type': type, ...headers }).end(other ?? change(path, builtFile(path)));
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}${below}`,
    change: (wanted) => {
      change = wanted;
    },
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}
