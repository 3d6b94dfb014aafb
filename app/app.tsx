import { lazy, Suspense, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { asksForMuseum, isEmbedded, isPresenting } from './embed/address.ts';
import { actionFor, focusOf, type KeyAction } from './keys.ts';
import { useNarrow } from './kit/size.ts';
import type { PaletteHost } from './palette/entries.ts';
import type { Actions } from './store/actions.ts';
import { useActions, usePage } from './store/context.tsx';
import { PANELS, type Panel } from './store/state.ts';
import { Banners } from './views/banners.tsx';
import { Bookmarks } from './views/bookmarks.tsx';
import { Console } from './views/console.tsx';
import { DropPlace } from './views/drop-place.tsx';
import { Embedded } from './views/embedded.tsx';
import { Events } from './views/event-table.tsx';
import { Help } from './views/help.tsx';
import { Inspector } from './views/inspector.tsx';
import { Lanes } from './views/lanes.tsx';
import { Now } from './views/now.tsx';
import { Scene } from './views/scene.tsx';
import { focusTurns, Scheduler } from './views/scheduler.tsx';
import { Script } from './views/script.tsx';
import { Status } from './views/status.tsx';
import { Timeline } from './views/timeline.tsx';
import { TopBar } from './views/top-bar.tsx';
import { Watches } from './views/watches.tsx';
import { words } from './words.ts';

const TakeAway = lazy(async () => ({ default: (await import('./takeaway/dialog.tsx')).TakeAway }));
const Compare = lazy(async () => ({ default: (await import('./compare/compare.tsx')).Compare }));
const Explore = lazy(async () => ({ default: (await import('./explore/dialog.tsx')).Explore }));
const Streams = lazy(async () => ({ default: (await import('./stream/dialog.tsx')).Streams }));
const Present = lazy(async () => ({ default: (await import('./present/present.tsx')).Present }));
const Handout = lazy(async () => ({ default: (await import('./takeaway/handout.tsx')).Handout }));
const Museum = lazy(async () => ({ default: (await import('./museum/museum.tsx')).Museum }));
const Palette = lazy(async () => ({ default: (await import('./palette/palette.tsx')).Palette }));

/** What lies over the page: one thing at a time. */
interface Overlay {
  readonly kind: 'palette' | 'takeAway' | 'handout' | 'explore' | 'stream' | 'present' | 'museum';
  /** A file that was let go over the page, null for none. */
  readonly dropped: File | null;
}

/** The page, whole or inside another one. */
export function App() {
  return isEmbedded(new URL(location.href)) ? <EmbeddedPage /> : <WholePage />;
}

function EmbeddedPage() {
  const help = useRef<HTMLDialogElement>(null);
  const none = () => undefined;
  const host = { palette: none, takeAway: none, explore: none, present: none, museum: none };
  usePageKeys({ help: () => help.current?.showModal(), ...host });
  return (
    <div className={`page embed ${useNarrow() ? 'narrow' : 'wide'}`}>
      <Marks />
      <Banners />
      <Embedded />
      <Help dialog={help} />
      <Bookmarks />
    </div>
  );
}

function WholePage() {
  const help = useRef<HTMLDialogElement>(null);
  const narrow = useNarrow();
  const comparing = usePage((page) => page.comparing !== null);
  const [overlay, setOverlay] = useState<Overlay | null>(() => overlayIn(new URL(location.href)));
  const opener = (kind: Overlay['kind']) => () => setOverlay({ kind, dropped: null });
  const host = {
    help: () => (help.current?.open ? help.current.close() : help.current?.showModal()),
    palette: opener('palette'),
    takeAway: opener('takeAway'),
    handout: opener('handout'),
    explore: opener('explore'),
    stream: opener('stream'),
    present: opener('present'),
    museum: opener('museum'),
  };
  const { explore, museum } = host;
  usePageKeys(host);
  if (overlay?.kind === 'present') return <Presenting onLeave={() => setOverlay(null)} />;
  return (
    <div className={narrow ? 'page narrow' : 'page wide'}>
      <Marks />
      <TopBar
        onHelp={host.help}
        onSearch={host.palette}
        onTakeAway={host.takeAway}
        onExplore={explore}
        onMuseum={museum}
      />
      <Banners />
      {comparing && (
        <Suspense>
          <Compare />
        </Suspense>
      )}
      {!comparing && (narrow ? <NarrowLayout onExplore={explore} /> : <WideLayout onExplore={explore} />)}
      {!narrow && <Status onExplore={explore} />}
      <Help dialog={help} />
      <Bookmarks />
      <Over
        overlay={overlay}
        host={host}
        // What was opened from a thing that closes stays.
        onClose={(kind) => setOverlay((now) => (now?.kind === kind ? null : now))}
      />
      <DropPlace onDrop={(dropped) => setOverlay({ kind: 'takeAway', dropped })} />
    </div>
  );
}

/** The page while it presents: that and nothing else. */
function Presenting({ onLeave }: { readonly onLeave: () => void }) {
  return (
    <div className="page presenting">
      <Marks />
      <Suspense>
        <Present onLeave={onLeave} />
      </Suspense>
    </div>
  );
}

interface OverProps {
  readonly overlay: Overlay | null;
  readonly host: PaletteHost;
  readonly onClose: (kind: Overlay['kind']) => void;
}

/** What is loaded when it is opened, and lies over the page then. */
function Over({ overlay, host, onClose }: OverProps) {
  if (overlay === null) return null;
  const { kind, dropped } = overlay;
  const close = () => onClose(kind);
  return (
    <Suspense>
      {kind === 'palette' && <Palette host={host} onClose={close} />}
      {kind === 'takeAway' && <TakeAway dropped={dropped} onClose={close} onHandout={host.handout} />}
      {kind === 'handout' && <Handout onClose={close} />}
      {kind === 'explore' && <Explore onClose={close} />}
      {kind === 'museum' && <Museum onClose={close} onExplore={host.explore} />}
      {kind === 'stream' && <Streams onClose={close} />}
    </Suspense>
  );
}

/** What an address asks to have over the page: the museum, or the page as it is presented. */
function overlayIn(url: URL): Overlay | null {
  if (isPresenting(url)) return { kind: 'present', dropped: null };
  return asksForMuseum(url) ? { kind: 'museum', dropped: null } : null;
}

interface LayoutProps {
  readonly onExplore: () => void;
}

function WideLayout({ onExplore }: LayoutProps) {
  const writing = usePage((page) => page.panel === 'script');
  return (
    <>
      <main className={writing ? 'desk writing' : 'desk'}>
        <Scene />
        <Now />
        <Timeline />
        {writing ? <Script /> : <Lanes />}
      </main>
      <aside className="rail">
        <Inspector />
        <RailPanels onExplore={onExplore} />
      </aside>
    </>
  );
}

/** The panels that take turns below the inspector. */
function RailPanels({ onExplore }: LayoutProps) {
  const rail = usePage((page) => page.rail);
  if (rail === 'console') return <Console />;
  return rail === 'watches' ? <Watches /> : <Scheduler onExplore={onExplore} />;
}

const TABS: Record<Panel, string> = {
  lanes: words.lanes.tab,
  inspector: words.inspector.tab,
  events: words.lanes.table,
  console: words.console.label,
  watches: words.watches.label,
  scheduler: words.scheduler.label,
  script: words.script.tab,
};

function NarrowLayout({ onExplore }: LayoutProps) {
  const panel = usePage((page) => page.panel);
  const { showPanel } = useActions();
  return (
    <main className="pocket">
      <Scene />
      <Now />
      <div className="sheet">
        <nav className="tabs" aria-label={words.sheet}>
          {PANELS.map((id) => (
            <button key={id} type="button" aria-pressed={id === panel} onClick={() => showPanel(id)}>
              {TABS[id]}
            </button>
          ))}
        </nav>
        {panel === 'lanes' && <Lanes />}
        {panel === 'inspector' && <Inspector />}
        {panel === 'events' && <Events />}
        {panel === 'console' && <Console />}
        {panel === 'watches' && <Watches />}
        {panel === 'scheduler' && <Scheduler onExplore={onExplore} />}
        {panel === 'script' && <Script />}
      </div>
      <Timeline />
    </main>
  );
}

/** Keys that work wherever the focus is not using them itself. */
function usePageKeys(
  host: Pick<Record<KeyAction, () => void>, 'help' | 'palette' | 'takeAway' | 'explore' | 'present' | 'museum'>,
) {
  const actions = useActions();
  const comparing = usePage((page) => page.comparing?.kind ?? null);
  useEffect(() => {
    const why = () => {
      const thing = document.activeElement?.closest<HTMLElement>('[data-key]')?.dataset['key'];
      return thing === undefined ? actions.askWhyOfInspected() : actions.askWhy(thing, null);
    };
    const meet = (direction: 1 | -1) =>
      comparing === 'runs' ? actions.showGap(direction) : actions.runToStop(direction);
    const doing = {
      forward: () => actions.stepEither(1),
      back: () => actions.stepEither(-1),
      play: comparing === 'runs' ? () => undefined : actions.toggle,
      ...host,
      why,
      ...bookmarkKeys(actions),
      compare: () => actions.compareMoments(null),
      leave: actions.stopComparing,
      focus: actions.toggleFocus,
      causes: actions.focusOnCauses,
      undo: actions.undo,
      redo: actions.redo,
      nextStop: () => meet(1),
      lastStop: () => meet(-1),
      scheduler: () => {
        actions.showPanel('scheduler');
        focusTurns();
      },
    };
    const onKeyDown = (event: KeyboardEvent) => {
      const action = event.defaultPrevented ? null : actionFor(event, focusOf(document.activeElement));
      if (action === null) return;
      event.preventDefault();
      void doing[action]();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  });
}

function bookmarkKeys({ openBookmarks, nextBookmark, goToBookmark }: Actions) {
  const goTo = (direction: 1 | -1) => {
    const found = nextBookmark(direction);
    return found === null ? openBookmarks(false) : goToBookmark(found);
  };
  return { bookmark: () => openBookmarks(true), nextBookmark: () => goTo(1), lastBookmark: () => goTo(-1) };
}

/** Tells tests and style sheets which moment the page shows, once it does. */
function Marks() {
  const busy = usePage((page) => page.busy);
  const at = usePage((page) => page.moment?.at ?? 0);
  const stepped = usePage((page) => page.stepped);
  const fault = usePage((page) => page.moment?.now.fault ?? false);
  useLayoutEffect(() => {
    const { dataset } = document.documentElement;
    dataset['event'] = String(at);
    dataset['beat'] = String(at % 2);
    dataset['stepped'] = String(stepped);
    dataset['fault'] = String(fault);
    if (!busy) dataset['engine'] = 'idle';
  }, [busy, at, stepped, fault]);
  return null;
}
