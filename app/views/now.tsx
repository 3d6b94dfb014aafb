import { Button } from '../kit/button.tsx';
import { hueOf } from '../kit/thing.tsx';
import { useActions, usePage } from '../store/context.tsx';
import type { PageState } from '../store/state.ts';
import { words } from '../words.ts';

/** Characters from which a sentence is written smaller, so that it has room where a shorter one has. */
const LONG_SENTENCE = 120;
/** Characters from which a citation may need more than its lines. */
const LONG_CITE = 70;

/** The one sentence of the moment, what made it possible and what comes next. */
export function Now() {
  const now = usePage((page) => page.moment?.now);
  const notes = usePage((page) => page.run?.notes ?? false);
  const summary = usePage(summaryOf);
  const spoken = usePage((page) => page.spoken);
  const dead = usePage((page) => page.dead !== null);
  const { seek } = useActions();
  const note = now?.note || (now?.event === 0 ? summary : '');
  const sentence = now?.sentence ?? (dead ? words.report.notStarted : words.loading);
  return (
    <section
      className={`now ${now?.fault ? 'fault' : ''} ${notes ? 'noted' : ''} ${note === '' ? 'silent' : ''}`}
      aria-label={words.now.label}
      data-box="now"
      data-hue={hueOf(now?.mm)}
    >
      {notes && note !== '' && <p className="note">{note}</p>}
      <span className="now-event mono">{now?.event ?? ''}</span>
      <p className={`now-sentence ${sentence.length > LONG_SENTENCE ? 'long' : ''}`}>
        {now?.fault && <FaultSign />}
        {sentence}
      </p>
      <div className="now-side">
        <Cite text={now === undefined ? '' : words.now.cite(now)} />
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

/** What the scenario is about: said before anything has happened. */
function summaryOf({ scenarios, run }: PageState): string {
  return scenarios.find(({ id }) => id === run?.scenario)?.summary ?? '';
}

/** Chapter and source in a few lines; what is longer opens over what is below while it has the pointer or the focus. */
function Cite({ text }: { readonly text: string }) {
  return (
    <div className="now-cite">
      <span className="now-cite-text muted" tabIndex={text.length > LONG_CITE ? 0 : undefined}>
        {text}
      </span>
    </div>
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
