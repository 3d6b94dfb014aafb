import { useEffect, useRef, useState } from 'react';
import { columnsTold } from '../draw/columns.ts';
import { Button } from '../kit/button.tsx';
import { takePicture } from '../picture/apart.tsx';
import { useActions, usePage, usePlayground } from '../store/context.tsx';
import { isDark, onDark } from '../theme.ts';
import { Now } from '../views/now.tsx';
import { words } from '../words.ts';
import { presentAction } from './keys.ts';
import { type FullScreen, isFull, useFullScreen } from './screen.ts';

/** The halo goes when the pointer has rested so long, in ms. */
const HALO = 2000;

/**
 * The run for a lecture hall: the sentence of the moment and what the script says in letters that are read from the last row, and
 * of the machine the columns in which something happens, as large as they can be.
 */
export function Present({ onLeave }: { readonly onLeave: () => void }) {
  const [all, setAll] = useState(false);
  const [black, setBlack] = useState(false);
  const screen = useFullScreen();
  usePresentKeys({ black, setBlack, setAll, screen, onLeave });
  useAddress();
  return (
    <main className="present-view" aria-label={words.present.label}>
      <Chapters screen={screen} onLeave={onLeave} />
      <Picture all={all} />
      <Now />
      <p className="sr-only">{words.present.keys}</p>
      <p className="present-refused" role="status">
        {screen.refused && words.present.refused}
      </p>
      <Halo />
      {black && (
        <div className="present-black" role="status">
          <span className="sr-only">{words.present.black}</span>
        </div>
      )}
    </main>
  );
}

interface Presenting {
  readonly black: boolean;
  readonly setBlack: (change: (black: boolean) => boolean) => void;
  readonly setAll: (change: (all: boolean) => boolean) => void;
  readonly screen: FullScreen;
  readonly onLeave: () => void;
}

function usePresentKeys({ black, setBlack, setAll, screen, onLeave }: Presenting) {
  const { step, seek } = useActions();
  const events = usePage((page) => page.run?.events ?? 0);
  useEffect(() => {
    const doing = {
      on: () => void step(1),
      back: () => void step(-1),
      first: () => void seek(0),
      last: () => void seek(events),
      all: () => setAll((now) => !now),
      black: () => setBlack((now) => !now),
      screen: screen.toggle,
      leave: () => (isFull() ? screen.toggle() : onLeave()),
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      // The keys of the page are not for here.
      event.stopImmediatePropagation();
      const presses = event.target instanceof HTMLButtonElement && (event.key === 'Enter' || event.key === ' ');
      if (presses && !black) return;
      const action = presentAction(event.key, black);
      if (action === null) return;
      event.preventDefault();
      doing[action]();
    };
    addEventListener('keydown', onKeyDown, { capture: true });
    return () => removeEventListener('keydown', onKeyDown, { capture: true });
  });
}

/** The address says that the page presents, so that it still does when it is loaded again. */
function useAddress() {
  useEffect(() => {
    if (self.origin === 'null') return;
    const write = (presents: boolean) => {
      const url = new URL(location.href);
      if (presents) url.searchParams.set('present', '1');
      else url.searchParams.delete('present');
      history.replaceState(null, '', url);
    };
    write(true);
    return () => write(false);
  }, []);
}

interface ChaptersProps {
  readonly screen: FullScreen;
  readonly onLeave: () => void;
}

function Chapters({ screen, onLeave }: ChaptersProps) {
  const run = usePage((page) => page.run);
  const at = usePage((page) => page.moment?.at ?? 0);
  const events = run?.events ?? 0;
  const chapters = run?.chapters ?? [];
  const current = chapters.findLast(({ event }) => event < Math.max(1, at));
  const list = useRef<HTMLOListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: where there is no room for all, the one of the moment is shown
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [current]);
  return (
    <header className="present-head">
      <h1>{run?.title}</h1>
      <ol ref={list} aria-label={words.present.chapters}>
        {chapters.map((chapter) => (
          <li
            key={`${chapter.event} ${chapter.title}`}
            className={chapter.event < at ? 'past' : ''}
            aria-current={chapter === current ? 'step' : undefined}
          >
            {chapter.title}
          </li>
        ))}
      </ol>
      <span className="mono">{words.present.counter(at, events)}</span>
      <span className="present-ways">
        <Button
          kind="quiet"
          label={words.present.screen}
          icon={screen.full ? 'less' : 'more'}
          onClick={screen.toggle}
        />
        <Button kind="quiet" label={words.present.leave} icon="close" onClick={onLeave} />
      </span>
    </header>
  );
}

/** The columns in which something happens in the step that led to this moment, or all of them. */
function Picture({ all }: { readonly all: boolean }) {
  const playground = usePlayground();
  const { stepBegin } = useActions();
  const moment = usePage((page) => page.moment);
  const dark = useDark();
  const place = useRef<HTMLDivElement>(null);
  const [columns, setColumns] = useState<readonly string[]>([]);
  useEffect(() => {
    let wanted = moment !== null;
    const take = async () => {
      const page = playground.store.getState();
      const told =
        all || moment === null ? {} : { told: columnsTold(moment, page.messages, await stepBegin(moment.at)) };
      const shot = { page, view: 'machine', messages: [], source: '', bare: true, ...told } as const;
      const picture = await takePicture(shot, { theme: dark ? 'dark' : 'light', patterns: false }, playground);
      if (!wanted) return;
      place.current?.replaceChildren(picture);
      setColumns(picture.dataset['columns']?.split('|') ?? []);
    };
    if (wanted) void take();
    return () => {
      wanted = false;
    };
  }, [moment, all, dark, playground, stepBegin]);
  return <div ref={place} className="present-picture" role="img" aria-label={words.present.picture(columns)} />;
}

function useDark(): boolean {
  const [dark, setDark] = useState(isDark);
  useEffect(() => onDark(() => setDark(isDark())), []);
  return dark;
}

/** A ring round the pointer, that is seen from afar, while it moves. */
function Halo() {
  const ring = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let timer = 0;
    const follow = ({ clientX, clientY }: PointerEvent) => {
      const style = ring.current?.style;
      if (style === undefined) return;
      style.translate = `${clientX}px ${clientY}px`;
      style.opacity = '1';
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        style.opacity = '0';
      }, HALO);
    };
    addEventListener('pointermove', follow);
    return () => {
      removeEventListener('pointermove', follow);
      clearTimeout(timer);
    };
  }, []);
  return <div ref={ring} className="present-halo" aria-hidden="true" />;
}
