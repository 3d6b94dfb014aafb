import { useEffect, useRef, useState } from 'react';
import type { Explored } from '../engine/contract.ts';
import { Button } from '../kit/button.tsx';
import { linkTo } from '../link.ts';
import { useActions, usePage } from '../store/context.tsx';
import type { Exploration } from '../store/exploring.ts';
import { copy } from '../views/share.tsx';
import { words } from '../words.ts';

type Violation = NonNullable<Explored['violation']>;

/** What a search is about: the run, the kernel, the moment, and what each thread is still told. */
export function Searched({ exploration: { title, configuration } }: { readonly exploration: Exploration }) {
  if (configuration === null) return null;
  const { policy, bug, event, programs } = configuration;
  return (
    <section className="explore-part" aria-label={words.explore.from}>
      <p>
        <b>{words.explore.configuration(title, policy, bug, event)}</b>
      </p>
      {programs.length === 0 && <p className="muted">{words.explore.nothingSaid}</p>}
      {programs.length > 0 && (
        <ul className="programs" aria-label={words.explore.programs}>
          {programs.map(({ name, lines }) => (
            <li key={name}>
              <b>{name}</b> <code className="mono">{lines.join('; ')}</code>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

interface OutcomeProps {
  readonly result: Explored;
  readonly onShown: () => void;
}

/** What a search has found, and what it has covered. */
export function Outcome({ result: { verdict, violation, coverage }, onShown }: OutcomeProps) {
  const { neverTaken, neverAccepted } = coverage;
  const part = useRef<HTMLElement>(null);
  // On a phone it comes below what is seen of the dialog.
  useEffect(() => {
    const last = [...(part.current?.querySelectorAll('.explore-verdict, .explore-deeds') ?? [])].at(-1);
    last?.scrollIntoView({ block: 'nearest' });
  }, []);
  return (
    <section className="explore-part" aria-label={words.explore.result} ref={part}>
      {violation !== null && (
        <p className="explore-broken">
          <b className="fault-text">{words.explore.broken(violation.id)}.</b> {violation.sentence}.{' '}
          <span className="muted">{words.explore.ruleOf(violation.claim)}</span>
        </p>
      )}
      <p className="explore-verdict" role="status">
        {verdict}
      </p>
      {violation !== null && <Story violation={violation} onShown={onShown} />}
      <p className="muted small">{words.explore.covered(coverage)}</p>
      {neverAccepted.length > 0 && <p className="muted small">{words.explore.neverAccepted(coverage)}</p>}
      <details>
        <summary>{words.explore.never(coverage)}</summary>
        <p className="muted small">{words.explore.neverTold}</p>
        <p className="mono small wrap">{neverTaken.join(' ')}</p>
      </details>
    </section>
  );
}

/** The counterexample: to go to, to copy, to send. */
function Story({ violation, onShown }: { readonly violation: Violation; readonly onShown: () => void }) {
  const { event, waits, chart, script } = violation;
  const version = usePage((page) => page.run?.version ?? '');
  const { open } = useActions();
  const [copied, setCopied] = useState<boolean | null>(null);
  const show = () => {
    onShown();
    void open({ script, at: event });
  };
  const copyLink = async () => {
    const run = { scenario: null, script, policy: null, bug: null, backend: null, version };
    const link = await linkTo({ run, at: event, fingerprint: null }, new URL(location.href));
    setCopied(await copy(link.href));
  };
  return (
    <>
      {waits.length > 0 && (
        <ul aria-label={words.explore.waits}>
          {waits.map((wait) => (
            <li key={wait}>{wait}</li>
          ))}
        </ul>
      )}
      <div className="explore-deeds">
        <Button kind="strong" onClick={show}>
          {words.explore.show(event)}
        </Button>
        <Button onClick={async () => setCopied(await copy(words.explore.mail(chart, script)))}>
          {words.explore.copyChart}
        </Button>
        <Button onClick={copyLink}>{words.explore.copyLink}</Button>
        <span className="muted small" aria-live="polite">
          {copied !== null && (copied ? words.explore.copied : words.explore.notCopied)}
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section className="explore-chart" aria-label={words.explore.chart} tabIndex={0}>
        <pre className="mono">{chart}</pre>
      </section>
    </>
  );
}
