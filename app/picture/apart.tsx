import type { ComponentType } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import type { ColumnId } from '../draw/columns.ts';
import { foldLocals } from '../draw/lanes.ts';
import type { Stretch } from '../draw/stretch.ts';
import type { MessageView } from '../engine/contract.ts';
import type { Actions } from '../store/actions.ts';
import { type Playground, PlaygroundProvider } from '../store/context.tsx';
import { createPageStore, type PageState } from '../store/state.ts';
import { Devices } from '../views/devices.tsx';
import { Inspector } from '../views/inspector.tsx';
import { Iommus } from '../views/iommu.tsx';
import { Lanes } from '../views/lanes.tsx';
import { PageTables } from '../views/page-tables.tsx';
import { Processes } from '../views/processes.tsx';
import { WideScene } from '../views/scene.tsx';
import { Scrubber } from '../views/scrubber.tsx';
import { Watches } from '../views/watches.tsx';
import { words } from '../words.ts';
import { BranchesPart, ComparePart, DifferencesPart, EventsPart, ExplorePart, RowsPart } from './parts.tsx';
import { BookmarksPart, ConsolePart, InvariantsPart, ScriptPart, StreamPart, TurnsPart } from './text-parts.tsx';
import { leaveOutUntold } from './told.ts';
import { pictureOf } from './trace.ts';

/** How a view is drawn, and how wide it is then, in px. */
interface Drawn {
  readonly Part: ComponentType;
  readonly width: number;
  /** It stands among the columns of the machine, alone. */
  readonly column?: true;
  /** It asks the engine for what it shows. */
  readonly asks?: true;
  /** What it shows that the page may not know at this moment. */
  readonly prepare?: (actions: Actions) => Promise<Partial<PageState>>;
  /** Whether there is anything to be seen of it; always, where this is missing. */
  readonly isThere?: (page: PageState) => boolean;
}

const isOfRuns = ({ comparing }: PageState) => comparing?.kind === 'runs';

/** Every view that there are pictures of. */
const PARTS = {
  machine: { Part: WideScene, width: 1120 },
  processes: { Part: Processes, width: 280, column: true },
  tables: { Part: PageTables, width: 460, column: true },
  iommu: { Part: Iommus, width: 280, column: true },
  devices: { Part: Devices, width: 270, column: true },
  lanes: { Part: Lanes, width: 1000 },
  timeline: { Part: Scrubber, width: 900 },
  inspector: { Part: Inspector, width: 360, column: true },
  events: { Part: EventsPart, width: 1080, asks: true },
  watches: { Part: Watches, width: 400, isThere: ({ watches }) => watches.length > 0 },
  branches: { Part: BranchesPart, width: 620 },
  compare: { Part: ComparePart, width: 1160, asks: true, isThere: ({ comparing }) => comparing !== null },
  rows: { Part: RowsPart, width: 1160, asks: true, isThere: isOfRuns },
  differences: { Part: DifferencesPart, width: 1160, asks: true, isThere: isOfRuns },
  script: { Part: ScriptPart, width: 760 },
  scheduler: { Part: TurnsPart, width: 440, prepare: async ({ whoCanMove }) => ({ moves: await whoCanMove() }) },
  console: { Part: ConsolePart, width: 620, isThere: ({ lines }) => lines.length > 0 },
  bookmarks: { Part: BookmarksPart, width: 480, isThere: ({ bookmarks }) => bookmarks.length > 0 },
  invariants: {
    Part: InvariantsPart,
    width: 760,
    prepare: async ({ standings }) => ({ invariants: await standings() }),
  },
  stream: { Part: StreamPart, width: 860, isThere: ({ sweep }) => sweep !== null && sweep.points.length > 0 },
  explore: { Part: ExplorePart, width: 680, isThere: ({ exploration }) => exploration?.result != null },
} as const satisfies Record<string, Drawn>;

export type View = keyof typeof PARTS;
const drawnOf = (view: View): Drawn => PARTS[view];

/** The views of a page of which there is a picture to be taken. */
export function viewsOf(page: PageState): readonly View[] {
  return (Object.keys(PARTS) as View[]).filter((view) => drawnOf(view).isThere?.(page) ?? true);
}

const ROW_HEIGHT = 24;
/** Rows of the chart that a picture has at most, and those it has beside the ones that are past. */
const [MOST_ROWS, ROWS_MORE] = [200, 6];

export interface Look {
  readonly theme: 'light' | 'dark';
  /** Patterns beside hues, for grey printers. */
  readonly patterns: boolean;
  /** On white, for paper. */
  readonly white?: boolean;
}

/** What a picture shows. */
export interface Shot {
  readonly page: PageState;
  readonly view: View;
  /** All messages of the run, for the chart. */
  readonly messages: readonly MessageView[];
  /** A line below it that says where it comes from, empty for none. */
  readonly source: string;
  /** Without the sentence of the moment over it. */
  readonly bare?: boolean;
  /** Of the machine only the columns in which something happens, and these. */
  readonly told?: ReadonlySet<ColumnId>;
}

/**
 * Draws a view of the page once more where nobody sees it, whole, at its own width and in a look of its own, and takes
 * the picture. The page itself is left alone.
 */
export async function takePicture(shot: Shot, look: Look, playground: Playground): Promise<SVGSVGElement> {
  const { page, view, messages } = shot;
  const store = createPageStore();
  store.setState({ ...page, messages: view === 'lanes' ? messages : page.messages, asTable: false });
  store.setState((await drawnOf(view).prepare?.(playground.actions)) ?? {});
  if (view === 'events') store.setState({ stretch: page.stretch ?? lastEvents(page) });
  const place = document.createElement('div');
  place.className = `page wide apart ${look.white ? 'on-white' : ''}`;
  place.inert = true;
  place.ariaHidden = 'true';
  place.dataset['patterns'] = look.patterns ? 'on' : 'off';
  place.dataset['theme'] = look.theme;
  place.style.width = `${PARTS[view].width}px`;
  if (view === 'lanes') place.style.setProperty('--rows', `${rowsOf(messages, page.moment?.at ?? 0) * ROW_HEIGHT}px`);
  document.body.append(place);
  const root = createRoot(place);
  flushSync(() =>
    root.render(
      <PlaygroundProvider value={{ ...playground, store }}>
        <Framed shot={shot} />
      </PlaygroundProvider>,
    ),
  );
  await document.fonts.ready;
  // What depends on measured sizes is drawn by then, and what depends on that.
  await settled();
  if (drawnOf(view).asks) await answered(playground);
  const columns = shot.told ? leaveOutUntold(place, shot.told) : [];
  if (shot.told) await settled();
  const picture = pictureOf(place);
  if (columns.length > 0) picture.dataset['columns'] = columns.join('|');
  root.unmount();
  place.remove();
  return picture;
}

/** The events before the moment that a picture has room for. */
function lastEvents({ moment, run }: PageState): Stretch {
  const last = Math.max(1, moment?.at ?? 0);
  return { first: Math.max(0, last - MOST_ROWS), last: Math.min(last, run?.events ?? last), only: null };
}

/** Waits until the engine, which answers in order, has answered what the view has asked, and what it asked on that. */
async function answered({ actions }: Playground): Promise<void> {
  for (let time = 0; time < 2; time += 1) {
    await actions.events(0, 0);
    await settled();
  }
}

async function settled(): Promise<void> {
  for (let frame = 0; frame < 3; frame += 1) await new Promise((done) => requestAnimationFrame(done));
}

function rowsOf(messages: readonly MessageView[], at: number): number {
  const past = foldLocals([...messages], at).filter(({ first }) => first <= at).length;
  return Math.min(MOST_ROWS, past + ROWS_MORE);
}

function Framed({ shot: { page, view, source, bare = false } }: { readonly shot: Shot }) {
  const { Part } = PARTS[view];
  const now = page.moment?.now;
  return (
    <>
      {!bare && (
        <p className="apart-head">
          <b className="mono">{now?.event}</b> {now?.fault && <b>{words.now.fault}: </b>}
          {now?.sentence}
        </p>
      )}
      {drawnOf(view).column ? (
        <div className="scene one">
          <Part />
        </div>
      ) : (
        <Part />
      )}
      {source !== '' && <p className="apart-foot mono">{source}</p>}
    </>
  );
}
