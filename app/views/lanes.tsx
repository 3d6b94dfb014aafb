import { memo, useMemo } from 'react';
import { ARROW, type LaneColumns, type LaneMessage, layoutRow, lockWaits, type Run } from '../draw/lanes.ts';
import { Button } from '../kit/button.tsx';
import { usePointing } from '../kit/pointing.ts';
import { type Size, useNarrow, useSize } from '../kit/size.ts';
import { hueOf } from '../kit/thing.tsx';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { EventTable } from './event-table.tsx';
import { LaneHeads } from './lane-heads.tsx';
import { useLaneNames, useLanes, useRuns } from './lane-parts.ts';

const ROW_HEIGHT = 24;
const FUTURE = 2;
/** Width of the event numbers at the left, and of the button at the right. */
const GUTTER = 44;
const ASIDE = 30;
/** Height of the names of the lanes, and some air. */
const HEADS = 26;
const ROWS_IN_LIST = 40;

/** Who said what to whom around this moment, the newest at the bottom; or all events as a table. */
export function Lanes() {
  const narrow = useNarrow();
  const [box, size] = useSize<HTMLDivElement>();
  const asTable = usePage((page) => page.asTable);
  const { showTable } = useActions();
  const label = asTable ? words.lanes.asChart : words.lanes.asTable;
  return (
    <section className="lanes" aria-label={words.lanes.label} data-box="lanes">
      <div className="lanes-box" ref={box}>
        {size.width > 0 && (narrow ? <MessageList /> : asTable ? <EventTable /> : <Chart size={size} />)}
      </div>
      {!narrow && (
        <Button
          className="lanes-switch"
          kind="quiet"
          icon={asTable ? 'chart' : 'table'}
          label={label}
          onClick={() => showTable(!asTable)}
        />
      )}
    </section>
  );
}

function Chart({ size }: { readonly size: Size }) {
  const width = size.width - GUTTER - ASIDE;
  const { lanes, shown, columns } = useLanes(width);
  const locks = usePage((page) => page.moment?.view.kernel.locks);
  const at = usePage((page) => page.moment?.at ?? 0);
  const wishes = usePage((page) => page.laneWishes);
  const waits = useMemo(() => lockWaits(locks ?? [], at), [locks, at]);
  const rows = Math.max(FUTURE + 1, Math.floor((size.height - HEADS) / ROW_HEIGHT));
  const runs = useRuns(Math.max(1, rows - FUTURE - waits.length), FUTURE, wishes);
  const next = runs.findIndex(({ first }) => first > at);
  const now = next === -1 ? runs.length : next;
  return (
    <>
      <LaneHeads lanes={lanes} shown={shown} columns={columns.at} gutter={GUTTER} />
      <div className="lane-rows">
        <svg
          className="lane-lines"
          style={{ left: GUTTER }}
          width={width}
          height={rows * ROW_HEIGHT}
          aria-hidden="true"
        >
          {shown.map(({ id }) => (
            <path key={id} d={`M${Math.round(columns.at.get(id) ?? 0) + 0.5},0V${rows * ROW_HEIGHT}`} />
          ))}
        </svg>
        {runs.length === 0 && (
          <p className="empty">
            <Nothing />
          </p>
        )}
        <ol>
          {runs.slice(0, now).map((run) => (
            <ChartRow key={run.id} run={run} columns={columns} width={width} />
          ))}
          {waits.map((wait) => (
            <WaitRow key={wait.text} wait={wait} columns={columns} width={width} />
          ))}
          {runs.slice(now).map((run) => (
            <ChartRow key={run.id} run={run} columns={columns} width={width} />
          ))}
        </ol>
      </div>
    </>
  );
}

interface RowProps {
  readonly run: Run;
  readonly columns: LaneColumns;
  readonly width: number;
}

const ChartRow = memo(function ChartRow({ run, columns, width }: RowProps) {
  const { seek } = useActions();
  const when = useWhen(run);
  const wrote = useWrote(run);
  const { event, from, to, text, mm, fault } = run.message;
  const { pointed, pointing } = usePointing('lanes', [from, to]);
  const told = run.count > 1 ? `${text} ${words.lanes.steps(run.count)}` : text;
  return (
    <li>
      <button
        type="button"
        className={`lane-row ${when} ${fault ? 'fault' : ''} ${wrote ? 'wrote' : ''} ${pointed}`}
        data-hue={hueOf(mm)}
        aria-current={when === 'present' ? 'step' : undefined}
        onClick={() => seek(event)}
        {...pointing}
      >
        <span className="lane-event mono">{event}</span>
        <Picture message={{ ...run.message, text: told }} columns={columns} width={width} />
        <span className="sr-only">
          , {words.lanes.between(from, to)}
          {wrote && `, ${words.lanes.wrote}`}
        </span>
      </button>
    </li>
  );
});

interface PictureProps extends Omit<RowProps, 'run'> {
  readonly message: LaneMessage;
}

/** Somebody who cannot go on at this moment, and who holds what is waited for: a state, no event. */
function WaitRow({ wait, columns, width }: Omit<PictureProps, 'message'> & { readonly wait: LaneMessage }) {
  return (
    <li className="lane-row wait-row">
      <span className="lane-event" />
      <Picture message={wait} columns={columns} width={width} />
    </li>
  );
}

function Picture({ message, columns, width }: PictureProps) {
  const { from, to, text, traffic } = message;
  const beyond = [from, to].some((lane) => !columns.at.has(lane));
  const told = beyond && from !== to ? words.lanes.told(text, from, to) : beyond ? words.lanes.by(text, from) : text;
  const row = layoutRow({ ...message, text: told }, columns, width);
  return (
    <span className="lane-picture" style={{ left: GUTTER, width }}>
      {row.stub !== 'both' && <Arrow {...row} traffic={traffic} />}
      <span
        className={`lane-text ${row.on ? 'on' : ''} ${row.stub === 'both' ? 'beyond' : ''}`}
        style={{ left: row.x }}
      >
        {told}
      </span>
    </span>
  );
}

function useWhen(run: Run): 'past' | 'present' | 'future' {
  return usePage(({ moment }) => {
    const at = moment?.at ?? 0;
    return run.first > at ? 'future' : run.last === at ? 'present' : 'past';
  });
}

/** Whether the row stands for an event that wrote what the person has picked. */
function useWrote({ first, last }: Run): boolean {
  return usePage(
    ({ selected, inspection }) =>
      selected !== null && (inspection?.history.some(({ event }) => event >= first && event <= last) ?? false),
  );
}

interface ArrowProps {
  readonly from: number;
  readonly to: number;
  readonly traffic: LaneMessage['traffic'];
  readonly stub: 'from' | 'to' | 'both' | null;
}

/** One kind of line and head for each kind of traffic; what goes to a hidden lane has an open end. */
function Arrow({ from, to, traffic, stub }: ArrowProps) {
  const y = ROW_HEIGHT / 2;
  const side = to > from ? -1 : 1;
  const end = stub === 'to' ? to : to + side * (traffic === 'message' || traffic === 'wakeup' ? ARROW : 1);
  const lines = traffic === 'wait' ? [y - 1.75, y + 1.75] : [y];
  return (
    <svg
      className={`lane-arrow ${traffic} ${stub === null ? '' : 'stub'}`}
      width="100%"
      height={ROW_HEIGHT}
      aria-hidden="true"
    >
      {from === to ? (
        <circle cx={from} cy={y} r={3.5} />
      ) : (
        <>
          {lines.map((height) => (
            <path key={height} className="line" d={`M${from},${height}H${end}`} />
          ))}
          {stub !== 'to' && (
            <path className="head" d={`M${to + side * ARROW},${y - 4}L${to},${y}L${to + side * ARROW},${y + 4}`} />
          )}
          {stub === 'to' && <circle className="more" cx={to} cy={y} r={1.5} />}
          {stub === 'from' && <circle className="more" cx={from} cy={y} r={1.5} />}
        </>
      )}
    </svg>
  );
}

/** What stands where nothing was said. */
function Nothing() {
  const events = usePage((page) => page.run?.events ?? 0);
  return words.lanes.empty(events);
}

/** On a narrow page: one line of words per message. */
function MessageList() {
  const runs = useRuns(ROWS_IN_LIST, FUTURE);
  const lanes = useLaneNames();
  const name = (id: string) => lanes.find((lane) => lane.id === id)?.label ?? id;
  return (
    <ol className="message-list">
      {runs.toReversed().map((run) => (
        <ListRow key={run.id} run={run} from={name(run.message.from)} to={name(run.message.to)} />
      ))}
      {runs.length === 0 && (
        <li className="empty">
          <Nothing />
        </li>
      )}
    </ol>
  );
}

function ListRow({ run, from, to }: { readonly run: Run; readonly from: string; readonly to: string }) {
  const { seek } = useActions();
  const when = useWhen(run);
  const { event, text, mm, fault, traffic } = run.message;
  return (
    <li>
      <button
        type="button"
        className={`list-row ${when} ${fault ? 'fault' : ''}`}
        data-hue={hueOf(mm)}
        aria-current={when === 'present' ? 'step' : undefined}
        onClick={() => seek(event)}
      >
        <span className="lane-event mono">{event}</span>
        <span className="wrap">
          <b>{traffic === 'local' ? from : `${from} \u2192 ${to}`}</b> {text}
          {run.count > 1 && ` ${words.lanes.steps(run.count)}`}
        </span>
      </button>
    </li>
  );
}
