import { type FormEvent, useState } from 'react';
import type { WatchView } from '../engine/contract.ts';
import { Button } from '../kit/button.tsx';
import { useActions, usePage } from '../store/context.tsx';
import type { Watch } from '../store/state.ts';
import { words } from '../words.ts';
import { RailTabs } from './rail-tabs.tsx';

/** Expressions over the state: their value now, all over the run, and the run stops where one becomes true. */
export function Watches() {
  const watches = usePage((page) => page.watches);
  const watched = usePage((page) => page.watched);
  return (
    <section className="watches" aria-label={words.watches.label} data-box="watches">
      <div className="rail-title">
        <RailTabs />
        <span className="grow" />
        <Stops />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <div className="rail-scroll" tabIndex={0}>
        {watches.length === 0 && <Examples />}
        <ul>
          {watches.map((watch, index) => (
            <Row key={watch.text} watch={watch} view={watched[index]} />
          ))}
        </ul>
      </div>
      <NewWatch />
    </section>
  );
}

function Stops() {
  const any = usePage((page) => page.watches.some(({ stops }) => stops));
  const noStop = usePage((page) => page.noStop);
  const { runToStop } = useActions();
  if (!any) return null;
  return (
    <>
      <span className="muted small" role="status">
        {noStop !== null && words.watches.noStop(noStop)}
      </span>
      <Button kind="quiet" icon="back" label={words.watches.lastStop} onClick={() => runToStop(-1)} />
      <Button kind="quiet" icon="forward" label={words.watches.nextStop} onClick={() => runToStop(1)} />
    </>
  );
}

function Examples() {
  const { addWatch } = useActions();
  return (
    <>
      <p className="muted small">{words.watches.hint}</p>
      <div className="examples">
        {words.watches.examples.map((text) => (
          <button key={text} type="button" className="chip mono" onClick={() => void addWatch(text)}>
            {text}
          </button>
        ))}
      </div>
    </>
  );
}

function Row({ watch, view }: { readonly watch: Watch; readonly view: WatchView | undefined }) {
  const { removeWatch, toggleStop } = useActions();
  const { text, stops } = watch;
  return (
    <li className="watch">
      <div className="watch-line">
        <code className="mono">{text}</code>
        <Button kind="quiet" icon="close" label={words.watches.remove(text)} onClick={() => removeWatch(text)} />
      </div>
      {view !== undefined && (
        <>
          {view.problem === null ? (
            <>
              <output className="mono watch-value">{view.value}</output>
              <Spark view={view} />
            </>
          ) : (
            <p className="fault-text small wrap">{words.watches.problem(view.problem)}</p>
          )}
          <div className="watch-line">
            <details>
              <summary>{words.watches.changes(view.count)}</summary>
              <Changes view={view} />
            </details>
            <button
              type="button"
              className="stop"
              aria-pressed={stops}
              title={words.watches.stopTold(view.stops)}
              onClick={() => toggleStop(text)}
            >
              {words.watches.stop}
            </button>
          </div>
        </>
      )}
    </li>
  );
}

const HEIGHT = 20;

/** The value all over the part of the run that is looked at: higher is more, or for words a later one; the moment is the line across. */
function Spark({ view: { spark } }: { readonly view: WatchView }) {
  const share = usePage(({ moment, run, stretch }) => {
    const { first, last } = stretch ?? { first: 0, last: run?.events ?? 1 };
    return ((moment?.at ?? 0) - first) / Math.max(1, last - first);
  });
  const y = (height: number) => (1 - height) * (HEIGHT - 4) + 2;
  const width = 1 / Math.max(1, spark.length);
  const path = spark.map(({ x, low, high }, index) => {
    const start = `${index === 0 ? 'M' : 'L'}${x},${y(low)}`;
    return `${start}${high === low ? '' : `V${y(high)}`}H${x + width}`;
  });
  return (
    <svg className="spark" viewBox={`0 0 1 ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={path.join('')} />
      <path className="moment" d={`M${share},0V${HEIGHT}`} />
    </svg>
  );
}

function Changes({ view }: { readonly view: WatchView }) {
  const { seek } = useActions();
  return (
    <ol className="history">
      {view.changes.map(({ event, value, now }) => (
        <li key={event}>
          <button type="button" aria-current={now ? 'step' : undefined} onClick={() => seek(event)}>
            <span className="mono event">{event}</span>
            <span className="mono wrap">{value}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

function NewWatch() {
  const { addWatch } = useActions();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<WatchView['problem']>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '') return;
    const wrong = await addWatch(text);
    setProblem(wrong);
    if (wrong === null) setText('');
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      {problem !== null && (
        <p className="fault-text small wrap" role="alert">
          {words.watches.problem(problem)}
        </p>
      )}
      <div className="command">
        <input
          className="mono"
          type="text"
          aria-label={words.watches.field}
          placeholder={words.watches.placeholder}
          aria-invalid={problem !== null}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setProblem(null);
          }}
        />
      </div>
    </form>
  );
}
