/**
 * The page as it is before anything is known of a run, as HTML: the build puts it into the page, which has something to
 * paint then before its program is there. It is drawn by the same parts as the page itself, outside of a browser.
 */
import { renderToString } from 'react-dom/server';
import type { Engine } from './engine/contract.ts';
import type { PageHost } from './store/actions.ts';

/** Wide and narrow: which one is shown is for the style sheet to say (css/still.css). */
const WIDTHS = ['wide', 'narrow'] as const;

const never = () => new Promise<never>(() => undefined);
/** Nobody is asked: nothing happens in a still. */
const NO_ENGINE = new Proxy({} as Engine, { get: () => never });
const NO_SHELF: PageHost['shelf'] = { read: () => null, write: () => undefined };
const NO_HOST: PageHost = {
  wait: never,
  now: () => 0,
  bookmarks: { read: () => [], write: () => undefined },
  startSearcher: never,
  tree: NO_SHELF,
  shelf: NO_SHELF,
};

async function drawStills(): Promise<string> {
  const media = { matches: false, addEventListener: () => undefined };
  Object.assign(globalThis, { matchMedia: () => media, location: { href: 'http://localhost/' } });
  const { App } = await import('./app.tsx');
  const { createActions } = await import('./store/actions.ts');
  const { PlaygroundProvider } = await import('./store/context.tsx');
  const { createPageStore } = await import('./store/state.ts');
  const store = createPageStore();
  const playground = { store, actions: createActions(NO_ENGINE, store, NO_HOST), restart: () => undefined };
  const page = (
    <PlaygroundProvider value={playground}>
      <App />
    </PlaygroundProvider>
  );
  const draw = (width: (typeof WIDTHS)[number]) => {
    media.matches = width === 'narrow';
    return `<div data-still="${width}" inert>${renderToString(page)}</div>`;
  };
  return WIDTHS.map(draw).join('\n');
}

/** Both pictures, to stand in the page where its program draws. */
export const stills = await drawStills();
