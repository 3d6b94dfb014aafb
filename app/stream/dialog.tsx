import { useEffect, useRef, useState } from 'react';
import { Button } from '../kit/button.tsx';
import { useActions, usePage } from '../store/context.tsx';
import type { Sweep } from '../store/streaming.ts';
import { words } from '../words.ts';
import { Plot } from './plot.tsx';
import { Question } from './question.tsx';
import { firstQuestion, planOf, questionOf } from './question-plan.ts';

/** A device that streams accesses over growing working sets, and what the caches make of them. */
export function Streams({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const view = usePage((page) => page.moment?.view);
  const [own] = useState(() => firstQuestion(view));
  const sweep = usePage((page) => page.sweep);
  const [question, setQuestion] = useState(sweep === null ? own : questionOf(sweep.plan));
  const { beginSweep, cancelSweep } = useActions();
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  useEffect(() => cancelSweep, [cancelSweep]);
  return (
    <dialog ref={dialog} className="dialog stream" aria-labelledby="stream-title" closedby="any" onClose={onClose}>
      <div className="explore-head">
        <h2 id="stream-title">{words.stream.title}</h2>
        <Button kind="quiet" icon="close" label={words.stream.close} onClick={() => dialog.current?.close()} />
      </div>
      <p className="muted">{words.stream.told}</p>
      <Question own={own} question={question} onChange={setQuestion}>
        {sweep?.phase === 'running' ? (
          <Button onClick={cancelSweep}>{words.stream.cancel}</Button>
        ) : (
          <Button kind="strong" onClick={() => void beginSweep(planOf(question))}>
            {words.stream.begin}
          </Button>
        )}
      </Question>
      {sweep !== null && <Progress sweep={sweep} />}
      {sweep !== null && <Plot sweep={sweep} />}
    </dialog>
  );
}

function Progress({ sweep: { phase, points, sizes, problem } }: { readonly sweep: Sweep }) {
  const told = phase === 'cancelled' ? words.stream.cancelled : words.stream.progress;
  return (
    <div className="stream-progress">
      <progress max={sizes.length} value={points.length} aria-label={words.stream.begin} />
      <span className="muted" role="status">
        {told(points.length, sizes.length)}
      </span>
      {problem !== '' && (
        <p className="fault-text" role="alert">
          <b>{words.stream.failed}</b> {problem}
        </p>
      )}
    </div>
  );
}
