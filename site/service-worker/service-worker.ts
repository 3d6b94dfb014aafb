declare const self: ServiceWorkerGlobalScope;

/** What the build has made; the build writes it in here (`site/offline.ts`). */
declare const BUILD: {
  /** Changes when any file does. */
  readonly version: string;
  /** Every file by its path below the page, '' for the page itself, with the SHA-256 of its bytes in hex. */
  readonly files: Readonly<Record<string, string>>;
};

/** Several playgrounds may live at one origin, each with caches of its own. */
const OURS = `svm-playground ${self.registration.scope} `;
const CACHE = OURS + BUILD.version;
/** The names of files here change with what is in them, so that those of an older build are told apart. */
const NAMED_BY_CONTENT = 'assets/';

self.addEventListener('install', (event) => event.waitUntil(keepBuild()));
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));
self.addEventListener('message', ({ data }) => {
  if (data === 'take over') void self.skipWaiting();
});
self.addEventListener('fetch', (event) => {
  const path = pathOf(event.request);
  if (path !== null) event.respondWith(answer(path, event.request));
});

/** Keeps all files of this build, or none: one that is missing or of another build lets the installation fail. */
async function keepBuild(): Promise<void> {
  const cache = await caches.open(CACHE);
  try {
    await Promise.all(Object.entries(BUILD.files).map(([path, hash]) => keepFile(cache, path, hash)));
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

async function keepFile(cache: Cache, path: string, hash: string): Promise<void> {
  const url = self.registration.scope + path;
  const response = await fetch(url, { cache: 'no-cache' });
  const bytes = await response.arrayBuffer();
  if (!response.ok || (await sha256(bytes)) !== hash) throw new Error(`${url} is not the file of this build`);
  // A new answer of the same bytes: one that was redirected could not be given to a navigation.
  const headers = { 'content-type': response.headers.get('content-type') ?? 'application/octet-stream' };
  await cache.put(url, new Response(bytes, { headers }));
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Drops older builds but the one before: a page of that may be open still, and ask for its parts. */
async function takeOver(): Promise<void> {
  const others = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== CACHE);
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** The path of a file that may be kept, null for what is left to the network. */
function pathOf({ method, url }: Request): string | null {
  const { scope } = self.registration;
  if (method !== 'GET' || !url.startsWith(scope)) return null;
  const path = new URL(url).pathname.slice(new URL(scope).pathname.length).replace(/^index\.html$/, '');
  return Object.hasOwn(BUILD.files, path) || path.startsWith(NAMED_BY_CONTENT) ? path : null;
}

/** The file as this build, or else the one before, has it; the network where the browser has thrown it away. */
async function answer(path: string, request: Request): Promise<Response> {
  const url = self.registration.scope + path;
  const own = await (await caches.open(CACHE)).match(url);
  const kept = own ?? (Object.hasOwn(BUILD.files, path) ? undefined : await caches.match(url));
  return kept ?? fetch(request);
}
