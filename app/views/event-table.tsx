import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { countIn, isIn, placeIn, type Stretch } from '../draw/stretch.ts';
import { duration, typeset } from '../draw/text.ts';
import { rowsInView } from '../draw/window.ts';
import type { Engine, EventView } from '../engine/contract.ts';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';

const ROW_HEIGHT = 26;
/** Rows beyond both ends of what is in sight. */
const SPARE = 20;
/** Rows that the table is moved by without a jump. */
const FAR = 4;

/** All events of the run in words: the text that says what the scene and the chart show. Only what is in sight is there. */
export function EventTable() {
  const all = usePage((page) => page.run?.events ?? 0);
  const stretch = usePage((page) => page.stretch);
  const events = stretch === null ? all : countIn(stretch);
  const at = usePage((page) => page.moment?.at ?? 0);
  const frame = useRef<HTMLDivElement>(null);
  const [scrolled, setScrolled] = useState({ top: 0, height: 0 });
  const { first, last } = rowsInView(scrolled, events, ROW_HEIGHT, SPARE);
  const rows = useRows(first, last, stretch);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const look = () => setScrolled({ top: element.scrollTop, height: element.clientHeight });
    look();
    const watch = new ResizeObserver(look);
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  const place = stretch === null ? at : placeIn(stretch, at) + 1;
  useLayoutEffect(() => keepInSight(frame.current, place), [place]);
  return (
    <div
      className="event-table"
      ref={frame}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, clientHeight } }) =>
        setScrolled({ top: scrollTop, height: clientHeight })
      }
    >
      <table aria-label={words.lanes.table} aria-rowcount={events + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {words.lanes.columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {first > 0 && <Room rows={first} />}
          {placesOf(rows, first, last, stretch).map(({ place, row }) =>
            typeof row === 'number' ? (
              <Room key={`room ${place}`} rows={row} />
            ) : (
              <Row key={row.event} row={row} place={place} now={row.event === at} />
            ),
          )}
          {last < events && <Room rows={events - last} />}
        </tbody>
      </table>
    </div>
  );
}

/** The table as a panel of its own. */
export function Events() {
  return (
    <section className="events" aria-label={words.lanes.table} data-box="events">
      <EventTable />
    </section>
  );
}

/** Rows that are out of sight. */
function Room({ rows }: { readonly rows: number }) {
  return (
    <tr className="room" style={{ height: rows * ROW_HEIGHT }}>
      <td colSpan={words.lanes.columns.length} />
    </tr>
  );
}

/** The rows that are known in their places, from 1 on, and how many are not known yet where they will be: the table has its full height at once. */
function placesOf(rows: readonly EventView[], first: number, last: number, stretch: Stretch | null) {
  const found: { readonly place: number; readonly row: EventView | number }[] = [];
  let next = first + 1;
  const leave = (up: number) => {
    if (up > next) found.push({ place: next, row: up - next });
  };
  for (const row of rows) {
    const place = stretch === null ? row.event : placeIn(stretch, row.event) + 1;
    leave(place);
    found.push({ place, row });
    next = place + 1;
  }
  leave(last + 1);
  return found;
}

interface RowProps {
  readonly row: EventView;
  /** Its place in the table, from 1 on. */
  readonly place: number;
  readonly now: boolean;
}

function Row({ row, place, now }: RowProps) {
  const { seek } = useActions();
  const { event, time, sentence, step, cite, cause, fault } = row;
  return (
    <tr
      aria-rowindex={place + 1}
      aria-current={now ? 'step' : undefined}
      className={`${now ? 'present' : ''} ${fault ? 'fault' : ''}`}
    >
      <td className="mono">
        <button type="button" aria-label={words.lanes.goTo(event)} onClick={() => seek(event)}>
          {event}
        </button>
      </td>
      <th scope="row" title={sentence}>
        {fault && <b className="fault-text">{words.now.fault}: </b>}
        {sentence}
      </th>
      <td className="mono muted">{duration(time)}</td>
      <td className="mono muted" title={step}>
        {step}
      </td>
      <td className="muted" title={cite}>
        {cite}
      </td>
      <td className="mono">
        {cause > 0 && (
          <button type="button" aria-label={words.lanes.goToCause(cause)} onClick={() => seek(cause)}>
            {cause}
          </button>
        )}
      </td>
    </tr>
  );
}

/** The rows asked for, those that were there before until the others come. */
function useRows(first: number, last: number, stretch: Stretch | null): readonly EventView[] {
  const run = usePage((page) => page.run);
  const { events } = useActions();
  const [rows, setRows] = useState<readonly EventView[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another run has other events
  useEffect(() => {
    let wanted = true;
    void rowsOf(events, [first, last], stretch).then((found) => wanted && setRows(typeset(found)));
    return () => {
      wanted = false;
    };
  }, [events, first, last, stretch, run]);
  const isShown = (event: number) => {
    const place = stretch === null ? event : placeIn(stretch, event) + 1;
    return place > first && place <= last && (stretch === null || isIn(stretch, event));
  };
  return rows.filter(({ event }) => isShown(event));
}

/** The events in these places of the table. */
async function rowsOf(
  events: Engine['events'],
  [first, last]: readonly [number, number],
  stretch: Stretch | null,
): Promise<readonly EventView[]> {
  if (stretch === null) return events(first, last);
  if (stretch.only === null) return events(stretch.first + first, stretch.first + last);
  return (await Promise.all(stretch.only.slice(first, last).map((event) => events(event - 1, event)))).flat();
}

/** Scrolls the table, and nothing else, so that the row of the moment is in it: in the middle if it was farther away than a few rows. */
function keepInSight(frame: HTMLElement | null, at: number) {
  if (frame === null) return;
  const top = (at - 1) * ROW_HEIGHT;
  const head = ROW_HEIGHT;
  const above = frame.scrollTop - top;
  const below = top + head + ROW_HEIGHT - (frame.scrollTop + frame.clientHeight);
  if (above <= 0 && below <= 0) return;
  if (Math.max(above, below) > FAR * ROW_HEIGHT) frame.scrollTop = top - (frame.clientHeight - head) / 2;
  else frame.scrollTop = above > 0 ? top : frame.scrollTop + below + ROW_HEIGHT;
}
