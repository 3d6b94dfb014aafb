import { memo, useMemo } from 'react';
import { ARROW, foldLocals, laneColumns, lanesWith, layoutRow, type Run, windowOf } from '../draw/lanes.ts';
import { type Size, useNarrow, useSize } from '../kit/size.ts';
import { hueOf } from '../kit/thing.tsx';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';

const ROW_HEIGHT = 24;
const FUTURE = 2;
/** Width of the event numbers at the left. */
const GUTTER = 44;
const ROWS_IN_LIST = 40;

/** Who said what to whom around this moment: the newest at the bottom. */
export function Lanes() {
  const narrow = useNarrow();
  const [box, size] = useSize<HTMLDivElement>();
  return (
    <section className="lanes" aria-label={words.lanes.label} data-box="lanes">
      <div className="lanes-box" ref={box}>
        {size.width > 0 && (narrow ? <MessageList /> : <Chart size={size} />)}
      </div>
    </section>
  );
}

function useRuns(past: number, future: number): readonly Run[] {
  const messages = usePage((page) => page.messages);
  const at = usePage((page) => page.moment?.at ?? 0);
  return useMemo(() => windowOf(foldLocals(messages, at), at, { past, future }), [messages, at, past, future]);
}

function useLaneNames() {
  const run = usePage((page) => page.run);
  const messages = usePage((page) => page.messages);
  return useMemo(() => lanesWith(run?.lanes ?? [], messages), [run, messages]);
}

function Chart({ size }: { readonly size: Size }) {
  const lanes = useLaneNames();
  const rows = Math.max(FUTURE + 1, Math.floor((size.height - 26) / ROW_HEIGHT));
  const runs = useRuns(rows - FUTURE, FUTURE);
  const width = size.width - GUTTER;
  const columns = useMemo(() => laneColumns(lanes, width), [lanes, width]);
  return (
    <>
      <div className="lane-heads" style={{ marginLeft: GUTTER }}>
        {lanes.map(({ id, label }) => (
          <span key={id} className="lane-head" style={{ left: columns.get(id) }} data-box={`lane ${label}`}>
            {label}
          </span>
        ))}
      </div>
      <div className="lane-rows">
        <svg
          className="lane-lines"
          style={{ left: GUTTER }}
          width={width}
          height={rows * ROW_HEIGHT}
          aria-hidden="true"
        >
          {lanes.map(({ id }) => (
            <path key={id} d={`M${Math.round(columns.get(id) ?? 0) + 0.5},0V${rows * ROW_HEIGHT}`} />
          ))}
        </svg>
        {runs.length === 0 && <p className="empty">{words.lanes.empty}</p>}
        <ol>
          {runs.map((run) => (
            <ChartRow key={run.id} run={run} columns={columns} width={width} />
          ))}
        </ol>
      </div>
    </>
  );
}

interface RowProps {
  readonly run: Run;
  readonly columns: ReadonlyMap<string, number>;
  readonly width: number;
}

const ChartRow = memo(function ChartRow({ run, columns, width }: RowProps) {
  const { seek } = useActions();
  const when = useWhen(run);
  const { event, traffic, from, to, text, mm, fault } = run.message;
  const told = run.count > 1 ? `${text} ${words.lanes.steps(run.count)}` : text;
  const row = layoutRow({ ...run.message, text: told }, columns, width);
  return (
    <li>
      <button
        type="button"
        className={`lane-row ${when} ${fault ? 'fault' : ''}`}
        data-hue={hueOf(mm)}
        aria-current={when === 'present' ? 'step' : undefined}
        onClick={() => seek(event)}
      >
        <span className="lane-event mono">{event}</span>
        <span className="lane-picture" style={{ left: GUTTER, width }}>
          <Arrow from={row.from} to={row.to} traffic={traffic} />
          <span className={`lane-text ${row.on ? 'on' : ''}`} style={{ left: row.x }}>
            {told}
          </span>
        </span>
        <span className="sr-only">, {words.lanes.between(from, to)}</span>
      </button>
    </li>
  );
});

function useWhen(run: Run): 'past' | 'present' | 'future' {
  return usePage(({ moment }) => {
    const at = moment?.at ?? 0;
    return run.first > at ? 'future' : run.last === at ? 'present' : 'past';
  });
}

function Arrow({ from, to, traffic }: { readonly from: number; readonly to: number; readonly traffic: string }) {
  const y = ROW_HEIGHT / 2;
  const side = to > from ? -1 : 1;
  return (
    <svg className={`lane-arrow ${traffic}`} width="100%" height={ROW_HEIGHT} aria-hidden="true">
      {from === to ? (
        <circle cx={from} cy={y} r={3.5} />
      ) : (
        <>
          <path className="line" d={`M${from},${y}H${to + side * ARROW}`} />
          <path className="head" d={`M${to},${y}l${side * ARROW},-4v8Z`} />
        </>
      )}
    </svg>
  );
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
      {runs.length === 0 && <li className="empty">{words.lanes.empty}</li>}
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
