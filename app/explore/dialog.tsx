import { useEffect, useRef } from 'react';
import { Button } from '../kit/button.tsx';
import { usePage } from '../store/context.tsx';
import type { Exploration } from '../store/exploring.ts';
import { words } from '../words.ts';
import { focusDeed, Question } from './question.tsx';
import { Outcome, Searched } from './result.tsx';

/** The search over every order of moves: what is asked, how far it has come, what it found. It goes on while this is closed. */
export function Explore({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const exploration = usePage((page) => page.exploration);
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
    focusDeed(dialog.current);
  }, []);
  const close = () => dialog.current?.close();
  return (
    <dialog ref={dialog} className="dialog explore" aria-labelledby="explore-title" closedby="any" onClose={onClose}>
      <div className="explore-head">
        <h2 id="explore-title">{words.explore.title}</h2>
        <Button kind="quiet" icon="close" label={words.explore.close} onClick={close} />
      </div>
      <p className="muted">{words.explore.told}</p>
      <Question />
      {exploration !== null && <Found exploration={exploration} onShown={close} />}
    </dialog>
  );
}

function Found({ exploration, onShown }: { readonly exploration: Exploration; readonly onShown: () => void }) {
  const { result, phase, problem } = exploration;
  return (
    <>
      <Searched exploration={exploration} />
      {phase === 'failed' ? (
        <p className="fault-text" role="alert">
          <b>{words.explore.failed}</b> {problem}
        </p>
      ) : (
        <Progress exploration={exploration} />
      )}
      {result !== null && <Outcome result={result} onShown={onShown} />}
    </>
  );
}

function Progress({ exploration: { phase, progress, budget, way } }: { readonly exploration: Exploration }) {
  if (progress === null) return <p className="muted">{words.explore.preparing}</p>;
  const { state, states, seconds, megabytes, depth, left, walks } = progress;
  const { of, ofSeconds, count } = words.explore;
  const facts: readonly (readonly [string, string, number | null])[] = [
    [words.explore.budget.states, of(states, budget.states), states / budget.states],
    [words.explore.budget.megabytes, of(megabytes, budget.megabytes), megabytes / budget.megabytes],
    [words.explore.budget.seconds, ofSeconds(seconds, budget.seconds), seconds / budget.seconds],
    [walks === null ? words.explore.depth : words.explore.longest, count(depth), null],
    walks === null
      ? [words.explore.left, count(left ?? 0), null]
      : [words.explore.walks, of(walks, way.walks?.walks ?? walks), null],
    [words.explore.rate, seconds < 1 ? '\u2013' : count(Math.round(states / seconds)), null],
  ];
  return (
    <section className="explore-part" aria-label={words.explore.progress}>
      <dl className="explore-facts">
        {facts.map(([name, value, share]) => (
          <div key={name}>
            <dt className="muted">{name}</dt>
            <dd className="mono">
              {value}
              {share !== null && <Meter share={share} />}
            </dd>
          </div>
        ))}
      </dl>
      {phase === 'running' && state !== 'searching' && <p className="muted">{words.explore.telling}</p>}
    </section>
  );
}

function Meter({ share }: { readonly share: number }) {
  return (
    <span className="explore-meter" aria-hidden="true">
      <span style={{ width: `${Math.min(100, 100 * share)}%` }} />
    </span>
  );
}
