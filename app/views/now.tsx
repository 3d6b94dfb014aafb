import { Button } from '../kit/button.tsx';
import { hueOf } from '../kit/thing.tsx';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';

/** The one sentence of the moment, what made it possible and what comes next. */
export function Now() {
  const now = usePage((page) => page.moment?.now);
  const spoken = usePage((page) => page.spoken);
  const { seek } = useActions();
  return (
    <section
      className={`now ${now?.fault ? 'fault' : ''}`}
      aria-label={words.now.label}
      data-box="now"
      data-hue={hueOf(now?.mm)}
    >
      <span className="now-event mono">{now?.event ?? ''}</span>
      <p className="now-sentence">
        {now?.fault && <FaultSign />}
        {now?.sentence ?? words.loading}
      </p>
      <div className="now-side">
        <span className="now-cite muted">{[now?.chapter, now?.cite].filter(Boolean).join(' \u00b7 ')}</span>
        <span className="now-jumps">
          {now?.why && (
            <Button
              kind="quiet"
              label={words.now.whyLabel(now.why.event, now.why.sentence)}
              onClick={() => seek(now.why?.event ?? 0)}
            >
              {words.now.why(now.why.event)}
            </Button>
          )}
          {now?.next && (
            <Button
              kind="quiet"
              label={words.now.nextLabel(now.next.event, now.next.sentence)}
              onClick={() => seek(now.next?.event ?? 0)}
            >
              {words.now.next(now.next.event)}
            </Button>
          )}
        </span>
      </div>
      <p className="sr-only" aria-live="polite">
        {spoken}
      </p>
    </section>
  );
}

/** A fault is never told by its colour alone. */
function FaultSign() {
  return (
    <svg className="fault-sign" viewBox="0 0 20 20" role="img" aria-label={words.now.fault}>
      <path d="M6.3 1.5h7.4l4.8 4.8v7.4l-4.8 4.8H6.3l-4.8-4.8V6.3z" />
      <path className="bang" d="M10 5.5v5.5M10 13.6v1.2" />
    </svg>
  );
}
