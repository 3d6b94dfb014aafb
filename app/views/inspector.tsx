import { memo, useEffect, useRef, useState } from 'react';
import { linesInSight } from '../draw/history.ts';
import { isIn } from '../draw/stretch.ts';
import type { InspectionView } from '../engine/contract.ts';
import { Button } from '../kit/button.tsx';
import { useSize } from '../kit/size.ts';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { RecordRows } from './record.tsx';
import { WatchButton, WhyButton, WhyChain } from './why.tsx';

/** What one thing is made of: fields, bits, and the events that wrote it. */
export function Inspector() {
  const inspection = usePage((page) => page.inspection);
  const selected = usePage((page) => page.selected);
  const { select } = useActions();
  const [box, { height }] = useSize<HTMLDivElement>();
  return (
    <section className="inspector" aria-label={words.inspector.label} data-box="inspector">
      <div className="rail-title">
        <h2>{words.inspector.label}</h2>
        <span className="grow" />
        {selected === null ? (
          inspection !== null && <span className="muted small">{words.inspector.following}</span>
        ) : (
          <Button kind="quiet" className="small" onClick={() => select(null)}>
            {words.inspector.follow}
          </Button>
        )}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <div className="rail-scroll" tabIndex={0} ref={box}>
        <WhyChain />
        {inspection === null ? (
          <p className="empty">{selected === null ? words.inspector.hint : words.inspector.gone}</p>
        ) : (
          <Inspection inspection={inspection} height={height} />
        )}
        {selected === null && <Source />}
      </div>
    </section>
  );
}

/** The chapter of the moment and where its event is specified, in full. */
function Source() {
  const now = usePage((page) => page.moment?.now);
  const told = now === undefined ? '' : words.now.cite(now);
  return told === '' ? null : <p className="muted small source">{told}</p>;
}

interface InspectionProps {
  readonly inspection: InspectionView;
  /** Of the box that shows it, in px. */
  readonly height: number;
}

const Inspection = memo(function Inspection({ inspection, height }: InspectionProps) {
  const [base, setBase] = useState<'hex' | 'binary'>('hex');
  const { askWhy } = useActions();
  return (
    <>
      <div className="inspected">
        <h3>{inspection.title}</h3>
        <Button kind="plain" className="small" onClick={() => askWhy(inspection.key, null)}>
          {words.why.ask}
        </Button>
      </div>
      <p className="muted subtitle">{inspection.subtitle}</p>
      {inspection.records.map((record) => (
        <RecordRows key={record.name} thing={inspection.key} record={record} base={base} />
      ))}
      {inspection.records.length > 0 && (
        <Button kind="quiet" className="small" onClick={() => setBase(base === 'hex' ? 'binary' : 'hex')}>
          {words.inspector.base[base]}
        </Button>
      )}
      <Fields inspection={inspection} />
      <History inspection={inspection} height={height} />
    </>
  );
});

function Fields({ inspection }: { readonly inspection: InspectionView }) {
  const { select } = useActions();
  return (
    <dl className="fields">
      {inspection.fields.map(({ name, value, link }, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: at each moment other fields stand here: words change, boxes stay
        <div key={place}>
          <dt className="muted">{name}</dt>
          <dd className="mono">
            {link === undefined ? (
              value
            ) : (
              <button type="button" className="link" onClick={() => select(link)}>
                {value}
              </button>
            )}
          </dd>
          <dd>
            <WhyButton thing={inspection.key} field={name} />
            <WatchButton thing={inspection.key} field={name} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Lines of a history that are drawn more when its end comes into sight. */
const LINES_MORE = 20;

/** The events that wrote the thing, newest first; those out of sight are drawn when they come into it. */
function History({ inspection, height }: InspectionProps) {
  const { seek } = useActions();
  const [added, setAdded] = useState({ key: '', lines: 0 });
  const stretch = usePage((page) => page.stretch);
  const within = inspection.history.filter(({ event }) => stretch === null || isIn(stretch, event));
  const outside = inspection.history.length - within.length;
  const more = added.key === inspection.key ? added.lines : 0;
  // Where the box is as high as what it holds, no more is in sight than the window shows.
  const lines = within.slice(0, linesInSight(inspection, Math.min(height, innerHeight)) + more);
  const earlier = within.length - lines.length;
  const addLines = () => setAdded({ key: inspection.key, lines: more + LINES_MORE });
  return (
    <>
      <h4>{words.inspector.history}</h4>
      {inspection.history.length === 0 && <p className="muted small">{words.inspector.noHistory}</p>}
      <ol className="history">
        {lines.map(({ event, what, sentence }, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: at each moment other lines stand here: words change, boxes stay
          <li key={place}>
            <button type="button" title={sentence} onClick={() => seek(event)}>
              <span className="mono event">{event}</span>
              <span className="wrap">{what || sentence}</span>
            </button>
          </li>
        ))}
      </ol>
      {earlier > 0 && <Earlier key={`${inspection.key} ${lines.length}`} count={earlier} onSeen={addLines} />}
      {outside > 0 && <p className="muted small">{words.stretch.outside(outside)}</p>}
    </>
  );
}

/** Stands for the older lines until it is seen or pressed. */
function Earlier({ count, onSeen }: { readonly count: number; readonly onSeen: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  const seen = useRef(onSeen);
  useEffect(() => {
    seen.current = onSeen;
  });
  useEffect(() => {
    if (button.current === null) return;
    const watch = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) seen.current();
    });
    watch.observe(button.current);
    return () => watch.disconnect();
  }, []);
  return (
    <button ref={button} type="button" className="more" onClick={onSeen}>
      {words.inspector.earlier(count)}
    </button>
  );
}
