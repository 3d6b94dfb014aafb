import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { Button } from '../kit/button.tsx';
import { linkTo } from '../link.ts';
import { takePicture } from '../picture/apart.tsx';
import { type Playground, usePage, usePlayground } from '../store/context.tsx';
import { words } from '../words.ts';

/** One moment as it stands on paper. */
interface Sheet {
  readonly event: number;
  readonly chapter: string;
  readonly sentence: string;
  readonly cite: string;
  readonly note: string;
  readonly picture: SVGSVGElement;
}

/** What stands on paper beside the moments. */
interface Frame {
  readonly source: string;
  readonly link: string;
  readonly chart: string;
}

/** Black on white, and patterns beside hues: it may come out of a grey printer. */
const LOOK = { theme: 'light', patterns: true, white: true } as const;

/** The key moments of the run as pages to print; it lies over the page, and printing prints it alone. */
export function Handout({ onClose }: { readonly onClose: () => void }) {
  const { sheets, frame, all } = useSheets();
  const ready = frame !== null && sheets.length === all;
  const place = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    // The keys of the page below are not for here.
    event.stopPropagation();
    if (event.key === 'Escape') onClose();
  };
  useEffect(() => {
    const rest = document.getElementById('root');
    const before = document.activeElement;
    if (rest !== null) rest.inert = true;
    place.current?.focus();
    return () => {
      if (rest !== null) rest.inert = false;
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return createPortal(
    <div
      ref={place}
      className="handout"
      role="dialog"
      aria-modal="true"
      aria-label={words.handout.open}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <div className="handout-bar">
        <p aria-live="polite">
          {ready ? words.handout.ready(all) : words.handout.making(Math.min(sheets.length + 1, all), all)}
        </p>
        <Button onClick={onClose}>{words.handout.close}</Button>
        <Button kind="strong" disabled={!ready} onClick={() => print()}>
          {words.handout.print}
        </Button>
      </div>
      {frame !== null && <Cover sheets={sheets} frame={frame} />}
      {sheets.map((sheet) => (
        <Moment key={sheet.event} sheet={sheet} />
      ))}
      {ready && <Chart chart={frame.chart} />}
    </div>,
    document.body,
  );
}

function useSheets() {
  const playground = usePlayground();
  const [sheets, setSheets] = useState<readonly Sheet[]>([]);
  const [frame, setFrame] = useState<Frame | null>(null);
  const [all, setAll] = useState(0);
  useEffect(() => {
    let wanted = true;
    const make = async () => {
      const moments = await playground.actions.keyMoments();
      const made = await frameOf(playground);
      if (!wanted) return;
      setAll(moments.length);
      setFrame(made);
      for (const event of moments) {
        const sheet = await sheetOf(playground, event);
        if (!wanted) return;
        setSheets((before) => [...before, sheet]);
      }
    };
    setSheets([]);
    void make();
    return () => {
      wanted = false;
    };
  }, [playground]);
  return { sheets, frame, all };
}

async function frameOf({ store, actions }: Playground): Promise<Frame | null> {
  const { run } = store.getState();
  if (run === null) return null;
  const { text, command, fingerprint } = await actions.takeAway('chart', run.events);
  const link = await linkTo({ run, at: 0, fingerprint: null }, new URL(location.href));
  return { chart: text, link: link.href, source: words.takeaway.picture.source(command, run.version, fingerprint) };
}

async function sheetOf(playground: Playground, event: number): Promise<Sheet> {
  const page = await playground.actions.stillAt(event);
  const shot = { page, view: 'machine', messages: [], source: '', bare: true } as const;
  const picture = await takePicture(shot, LOOK, playground);
  const { sentence = '', cite = '', note } = page.moment?.now ?? {};
  const chapter = page.run?.chapters.findLast((one) => one.event < event)?.title ?? '';
  return { event, chapter, sentence, cite, note: note ?? '', picture };
}

function Cover({ sheets, frame }: { readonly sheets: readonly Sheet[]; readonly frame: Frame }) {
  const run = usePage((page) => page.run);
  const summary = usePage(({ scenarios, run: shown }) => scenarios.find(({ id }) => id === shown?.scenario)?.summary);
  return (
    <section className="handout-page cover" aria-label={run?.title}>
      <h1>{run?.title}</h1>
      <p className="handout-note">{summary}</p>
      <h2>{words.handout.contents}</h2>
      <ol>
        {sheets.map(({ event, chapter, sentence }) => (
          <li key={event}>
            <span className="mono">{event}</span>
            <b>{chapter}</b>
            <span>{sentence}</span>
          </li>
        ))}
      </ol>
      <p className="handout-source">
        <span className="mono">{frame.source}</span>
        {words.handout.again}: <span className="mono wrap">{frame.link}</span>
      </p>
    </section>
  );
}

function Moment({ sheet: { event, chapter, sentence, cite, note, picture } }: { readonly sheet: Sheet }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.replaceChildren(picture), [picture]);
  return (
    <section className="handout-page" aria-label={words.handout.event(event)}>
      <header>
        <h2>{chapter}</h2>
        <span className="mono">{words.handout.event(event)}</span>
      </header>
      <div ref={place} className="handout-picture" role="img" aria-label={words.handout.picture(event)} />
      <p className="handout-sentence">{sentence}</p>
      <p className="handout-cite">{cite}</p>
      {note !== '' && <p className="handout-note">{note}</p>}
    </section>
  );
}

function Chart({ chart }: { readonly chart: string }) {
  return (
    <section className="handout-page chart" aria-label={words.handout.chart}>
      <h2>{words.handout.chart}</h2>
      <pre className="mono">{chart}</pre>
    </section>
  );
}
