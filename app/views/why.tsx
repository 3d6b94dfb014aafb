import type { WhyView } from '../engine/contract.ts';
import { Button } from '../kit/button.tsx';
import { hueOf } from '../kit/thing.tsx';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';

/** The event that made a value what it is, what led to that, and the way back. */
export function WhyChain() {
  const why = usePage((page) => page.why);
  const at = usePage((page) => page.moment?.at ?? 0);
  const { seek, stopAsking } = useActions();
  if (why === null) return null;
  const { answer, asked } = why;
  return (
    <section className="why" aria-label={words.why.label}>
      <div className="why-head">
        <h4>{answer === null ? words.why.ask : words.why.told(answer.thing, answer.field, answer.value)}</h4>
        <Button kind="quiet" icon="close" label={words.why.close} onClick={stopAsking} />
      </div>
      <Answer answer={answer} at={at} />
      {at !== asked && (
        <Button kind="plain" className="small" onClick={() => seek(asked)}>
          {words.why.back(asked)}
        </Button>
      )}
    </section>
  );
}

function Answer({ answer, at }: { readonly answer: WhyView | null; readonly at: number }) {
  const { seek } = useActions();
  if (answer === null) return <p className="muted small">{words.why.unknown}</p>;
  const { chain, kept, before, field, more } = answer;
  if (chain.length === 0) return <p className="muted small">{kept ? words.why.start : words.why.notKept}</p>;
  return (
    <>
      {field !== null && <p className="muted small wrap">{words.why.before(before)}</p>}
      <ol className="why-chain">
        {chain.map(({ event, sentence, steps, mm, fault }) => (
          <li key={event} data-hue={hueOf(mm)} className={fault ? 'fault' : ''}>
            <button type="button" aria-current={event === at ? 'step' : undefined} onClick={() => seek(event)}>
              <span className="mono event">{event}</span>
              <span className="wrap">
                {steps === 1 ? sentence : `${sentence.replace(/\.$/, '')}${words.why.steps(steps)}.`}
              </span>
            </button>
          </li>
        ))}
      </ol>
      {more > 0 && <p className="muted small">{words.why.more(more)}</p>}
    </>
  );
}

/** Asks where one value of the inspected thing comes from. */
export function WhyButton({ thing, field }: { readonly thing: string; readonly field: string }) {
  const { askWhy } = useActions();
  return (
    <button
      type="button"
      className="ask"
      title={words.why.askOf(field)}
      aria-label={words.why.askOf(field)}
      onClick={() => askWhy(thing, field)}
    >
      {words.why.short}
    </button>
  );
}

/** Watches one value of the inspected thing from now on. */
export function WatchButton({ thing, field }: { readonly thing: string; readonly field: string }) {
  const { addWatch, showPanel, showRail } = useActions();
  const name = /^[\w-]+$/.test(field) ? field : `"${field}"`;
  const watch = async () => {
    await addWatch(`${thing}.${name}`);
    showRail('watches');
    showPanel('watches');
  };
  const label = words.watches.addOf(field);
  return (
    <button type="button" className="ask" title={label} aria-label={label} onClick={() => void watch()}>
      {words.watches.add}
    </button>
  );
}
