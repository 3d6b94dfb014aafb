import { StrictMode } from 'react';
import { App } from './app.tsx';
import { bookmarkShelf } from './bookmark-shelf.ts';
import { drawIn } from './drawing.ts';
import { hostsOf, isEmbedded, keepEmbedded } from './embed/address.ts';
import { type Around, serveHost } from './embed/host.ts';
import { startEngine } from './engine/start.ts';
import { keep, keepHere, kept, keptHere } from './kept.ts';
import { isNarrow } from './kit/size.ts';
import { linkTo, readLink } from './link.ts';
import { addCompared, comparedIn } from './link-compare.ts';
import { addFocus, focusIn } from './link-focus.ts';
import { keepForOffline } from './offline.ts';
import { type Actions, createActions, type PageHost } from './store/actions.ts';
import { PlaygroundProvider } from './store/context.tsx';
import { createPageStore, type PageState, type PageStore } from './store/state.ts';
import { applyPatterns, applyTheme, keptPatterns, keptTheme } from './theme.ts';
import { words } from './words.ts';

/** The address of the page follows the moment once nobody has gone on for this time, in ms: writing it takes as long as a step. */
const ADDRESS_PAUSE = 300;
/** It is not further behind than this, in ms, however long somebody goes on. */
const ADDRESS_LATEST = 3000;

/** Where a script that was not played yet is kept in this browser. */
const DRAFT_KEPT_AS = 'svm-draft';
/** Where the runs that were made in this tab are kept over a reload. */
const BRANCHES_KEPT_AS = 'svm-branches';

const host: PageHost = {
  wait: (ms) => new Promise((done) => setTimeout(done, ms)),
  now: () => performance.now(),
  bookmarks: bookmarkShelf,
  startSearcher: startEngine,
  tree: { read: () => keptHere(BRANCHES_KEPT_AS), write: (text) => keepHere(BRANCHES_KEPT_AS, text) },
  shelf: { read: () => kept(DRAFT_KEPT_AS), write: (text) => keep(DRAFT_KEPT_AS, text) },
};

/** The page that is shown: the emulator behind it may be replaced, and it with that. */
interface Shown {
  readonly store: PageStore;
  readonly actions: Actions;
}

/** Back, after a file was opened, leads to the run that was shown before it. */
function followBack(shown: () => Shown | null): void {
  addEventListener('popstate', () => {
    const now = shown();
    if (now !== null) void openAddress(new URL(location.href), now.store, now.actions, []);
  });
}

function main(root: HTMLElement): void {
  applyTheme(keptTheme());
  applyPatterns(keptPatterns());
  const { dataset } = document.documentElement;
  if (new URL(location.href).searchParams.get('motion') === 'off') dataset['motion'] = 'off';
  const page = drawIn(root, isNarrow());
  let starts = 0;
  /** Where an emulator was replaced unasked: one that dies there again is not. */
  let lastDeath: number | null = null;
  let current: Shown | null = null;

  /** Starts an emulator with a page of its own, opens what an address asks for, and tells what is to be known besides. */
  const start = async (address: URL, settings: Partial<PageState>, told: readonly string[]): Promise<void> => {
    starts += 1;
    const own = starts;
    dataset['engine'] = 'busy';
    const store = createPageStore();
    store.setState(settings);
    store.subscribe(({ busy }) => {
      if (busy) dataset['engine'] = 'busy';
    });
    let leaveHost: () => void = () => undefined;
    /** Begins anew at the moment shown, whatever has become of the emulator. */
    const restart = async (why: readonly string[] = []) => {
      if (own !== starts) return;
      stop();
      leaveHost();
      const link = await linkOf(store.getState());
      await start(link ?? address, settingsOf(store.getState()), why);
    };
    const { engine, stop } = await startEngine((reason) => {
      const at = store.getState().moment?.at ?? lastDeath;
      const isAnother = at !== lastDeath;
      lastDeath = at;
      if (isAnother) void restart([words.report.restarted(reason)]);
      else actions.die(reason);
    });
    const actions = createActions(engine, store, host);
    current = { store, actions };
    page.render(
      <StrictMode>
        <PlaygroundProvider key={starts} value={{ store, actions, restart: () => void restart() }}>
          <App />
        </PlaygroundProvider>
      </StrictMode>,
    );
    const opened = openAddress(address, store, actions, told);
    if (isEmbedded(address)) leaveHost = serveHost(store, actions, aroundOf(window, hostsOf(address)), opened);
    await opened;
    actions.recallDraft();
    actions.recallBranches();
    await followMoment(store, address);
  };
  followBack(() => current);
  // The first moment comes first: what is kept for later is fetched after it.
  void start(new URL(location.href), {}, []).then(keepForOffline);
}

/** What the person has set up beside the run: it outlives an emulator. */
function settingsOf({ watches, granularity, speed, panel, rail, asTable }: PageState): Partial<PageState> {
  return { watches, granularity, speed, panel, rail, asTable };
}

/** Opens the run that an address asks for, and what to compare it with. */
async function openAddress(address: URL, store: PageStore, actions: Actions, told: readonly string[]): Promise<void> {
  const { source, problems, selected, bookmarks } = await readLink(address);
  const strange = [...problems];
  const compared = await comparedIn(address, source, strange);
  const focused = focusIn(address, strange);
  await actions.start(source, [...strange, ...told]);
  const { run } = store.getState();
  const isOpen = source.script === undefined ? run?.scenario === source.scenario : run?.script === source.script;
  // What a link says about its run is said about no other that is shown instead.
  if (isOpen && bookmarks.length > 0) actions.takeBookmarks(bookmarks);
  if (isOpen && selected !== null) await actions.select(selected);
  if (isOpen && focused !== null) await actions.focusAsked(focused);
  if (compared !== null) await actions.compare(compared);
}

/** What the page that embeds this one can say and hear. */
function aroundOf({ parent }: Window, allowed: readonly string[]): Around {
  return {
    parent,
    allowed,
    listen: (hear) => {
      addEventListener('message', hear);
      return () => removeEventListener('message', hear);
    },
    send: (message, origin) => parent.postMessage(message, origin),
  };
}

/** The address of the moment shown, with all that is beside it; null while none is. */
async function linkOf(page: PageState): Promise<URL | null> {
  const { run, moment, selected, bookmarks } = page;
  if (run === null || moment === null) return null;
  const here = new URL(location.href);
  const { fingerprint } = moment.view;
  const url = await linkTo({ run, at: moment.at, fingerprint, selected, bookmarks }, here);
  await addCompared(url, page);
  addFocus(url, page);
  return keepEmbedded(url, here);
}

/** Keeps the address of the page a link to the moment shown; one that asked for anything else is replaced at once. */
async function followMoment(store: PageStore, asked: URL): Promise<void> {
  // A page without an origin, as in a sandboxed frame, may not change its address.
  if (self.origin === 'null') return;
  let timer = 0;
  let moving: number | null = null;
  const write = async () => {
    moving = null;
    const { moment } = store.getState();
    const link = await linkOf(store.getState());
    if (link !== null && store.getState().moment === moment) history.replaceState(null, '', link);
  };
  const followed = ['moment', 'run', 'comparing', 'selected', 'bookmarks', 'stretch'] as const;
  store.subscribe((page, old) => {
    const moved = followed.some((part) => page[part] !== old[part]);
    if (!moved) return;
    const now = performance.now();
    moving ??= now;
    clearTimeout(timer);
    timer = window.setTimeout(write, Math.max(0, Math.min(ADDRESS_PAUSE, moving + ADDRESS_LATEST - now)));
  });
  if (asked.search !== '' || asked.hash !== '') await write();
}

/** Begins where the page says, once it was read so far. */
function begin(): void {
  const root = document.getElementById('root');
  if (root !== null) main(root);
  document.querySelector('.unstarted')?.remove();
}

if (document.readyState === 'loading') addEventListener('DOMContentLoaded', begin);
else begin();
