import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { rowOf } from '../draw/beside.ts';
import { typeset } from '../draw/text.ts';
import { rowsInView } from '../draw/window.ts';
import type { Beside, BesideRow, EventView } from '../engine/contract.ts';
import { useActions, usePage } from '../store/context.tsx';
import type { Comparing } from '../store/state.ts';
import { words } from '../words.ts';

type Side = 'left' | 'right';
const SIDES = ['left', 'right'] as const;
const ROW_HEIGHT = { wide: 28, narrow: 44 };
/** Rows beyond both ends of what is in sight. */
const SPARE = 20;

interface TableProps {
  readonly comparing: Extract<Comparing, { kind: 'runs' }>;
  /** The one side that there is room for, null for both. */
  readonly only: Side | null;
}

/** The events of both runs, partners in one row, and a gap where one of them has none. Only what is in sight is there. */
export function BesideTable({ comparing: { beside, row }, only }: TableProps) {
  const count = beside.rows.left.length;
  const height = only === null ? ROW_HEIGHT.wide : ROW_HEIGHT.narrow;
  const { frame, first, last, look } = useSight(count, height, row);
  const rows = useRows(beside, first, last);
  const sides = only === null ? SIDES : [only];
  return (
    <section className="beside" aria-label={words.compare.rows} data-box="beside">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <div className="compare-scroll" ref={frame} tabIndex={0} onScroll={look}>
        <table aria-label={words.compare.rows} aria-rowcount={count + 1}>
          <colgroup>
            {sides.map((side) => (
              <Columns key={side} />
            ))}
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              {sides.map((side) => (
                <Head key={side} side={side} beside={beside} />
              ))}
            </tr>
          </thead>
          <tbody>
            {first > 0 && <Room rows={first} height={height} columns={2 * sides.length} />}
            {rows.map((each) => (
              <Row key={each.row} both={each} sides={sides} now={each.row === row} />
            ))}
            {last < count && <Room rows={count - last} height={height} columns={2 * sides.length} />}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface StillProps extends Pick<TableProps, 'comparing'> {
  readonly first: number;
  readonly last: number;
}

/** Some of the rows, from `first` up to `last`, all at once. */
export function StillRows({ comparing: { beside, row }, first, last }: StillProps) {
  const rows = useRows(beside, first, last);
  return (
    <section className="beside">
      <table>
        <colgroup>
          <Columns />
          <Columns />
        </colgroup>
        <thead>
          <tr>
            {SIDES.map((side) => (
              <Head key={side} side={side} beside={beside} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((each) => (
            <Row key={each.row} both={each} sides={SIDES} now={each.row === row} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Which rows are in sight; the one that the runs stand at always is. */
function useSight(count: number, height: number, row: number) {
  const frame = useRef<HTMLDivElement>(null);
  const [scrolled, setScrolled] = useState({ top: 0, height: 0 });
  const look = () => {
    const element = frame.current;
    if (element !== null) setScrolled({ top: element.scrollTop, height: element.clientHeight });
  };
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const measure = () => setScrolled({ top: element.scrollTop, height: element.clientHeight });
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const [top, room] = [(row - 1) * height, element.clientHeight - 2 * height];
    if (top < element.scrollTop) element.scrollTop = Math.max(0, top - room / 3);
    else if (top > element.scrollTop + room) element.scrollTop = top - room / 2;
  }, [row, height]);
  return { frame, look, ...rowsInView(scrolled, count, height, SPARE) };
}

/** A row with its number, from 1 on. */
type Numbered = BesideRow & { readonly row: number };

function useRows(beside: Beside, first: number, last: number): readonly Numbered[] {
  const { besideRows } = useActions();
  const [found, setFound] = useState<{ beside: Beside; first: number; rows: readonly BesideRow[] } | null>(null);
  useEffect(() => {
    let wanted = true;
    void besideRows(first, last).then((rows) => wanted && setFound({ beside, first, rows: typeset(rows) }));
    return () => {
      wanted = false;
    };
  }, [besideRows, beside, first, last]);
  const known = found?.beside === beside ? found : null;
  const missing = { left: null, right: null };
  return Array.from({ length: last - first }, (_, index) => ({
    row: first + index + 1,
    ...(known?.rows[first + index - known.first] ?? missing),
  }));
}

/** The event that a run stands at, in its sentence; null for the start. */
export function useSentence(beside: Beside, side: Side, event: number): EventView | null {
  const { besideRows } = useActions();
  const [found, setFound] = useState<EventView | null>(null);
  useEffect(() => {
    let wanted = true;
    const row = rowOf(beside.rows[side], event);
    if (row === 0) setFound(null);
    else void besideRows(row - 1, row).then(([told]) => wanted && setFound(typeset(told?.[side] ?? null)));
    return () => {
      wanted = false;
    };
  }, [besideRows, beside, side, event]);
  return found;
}

function Columns() {
  return (
    <>
      <col className="number" />
      <col />
    </>
  );
}

/** What a side runs, in a few words. */
export function useRunInWords(beside: Beside, side: Side): string {
  const shown = usePage((page) => page.run?.title ?? '');
  const policy = usePage((page) => page.moment?.view.policy ?? '');
  const bug = usePage((page) => page.moment?.view.bug ?? null);
  return side === 'left'
    ? words.compare.run(shown, policy, bug)
    : words.compare.run(beside.run.title, beside.policy, beside.bug);
}

function Head({ side, beside }: { readonly side: Side; readonly beside: Beside }) {
  const told = useRunInWords(beside, side);
  return (
    <th scope="col" colSpan={2}>
      <span className="muted">{words.compare.sides[side]}</span> {told}
    </th>
  );
}

interface RoomProps {
  readonly rows: number;
  readonly height: number;
  readonly columns: number;
}

/** Rows that are out of sight. */
function Room({ rows, height, columns }: RoomProps) {
  return (
    <tr className="room" style={{ height: rows * height }}>
      <td colSpan={columns} />
    </tr>
  );
}

interface RowProps {
  readonly both: Numbered;
  readonly sides: readonly Side[];
  readonly now: boolean;
}

function Row({ both, sides, now }: RowProps) {
  return (
    <tr aria-rowindex={both.row + 1} className={now ? 'present' : ''} aria-current={now ? 'step' : undefined}>
      {sides.map((side) => (
        <Cells key={side} row={both.row} told={both[side]} other={both[side === 'left' ? 'right' : 'left']} />
      ))}
    </tr>
  );
}

function Cells({
  row,
  told,
  other,
}: {
  readonly row: number;
  readonly told: EventView | null;
  readonly other: EventView | null;
}) {
  const { showRow } = useActions();
  if (told === null) {
    return (
      <td className="gap" colSpan={2}>
        {other !== null && <span>{words.compare.gap}</span>}
      </td>
    );
  }
  const tone = `${told.fault ? 'fault' : ''} ${other === null ? 'alone' : ''}`;
  return (
    <>
      <td className={`number ${tone}`}>
        <button
          type="button"
          className="mono"
          aria-label={words.compare.goTo(told.event, row)}
          onClick={() => void showRow(row)}
        >
          {told.event}
        </button>
      </td>
      <td className={tone} title={told.sentence}>
        <span>{told.sentence}</span>
      </td>
    </>
  );
}
