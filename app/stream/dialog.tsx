import { useEffect, useRef, useState } from 'react';
import type { StreamPlan, SweepPoint } from '../engine/contract.ts';
import { Button } from '../kit/button.tsx';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { Plot } from './plot.tsx';
import { Question } from './question.tsx';
import { firstQuestion, planOf, sizesOf } from './question-plan.ts';

type Phase = 'none' | 'running' | 'over' | 'cancelled';

interface Sweep {
  readonly phase: Phase;
  readonly points: readonly SweepPoint[];
  readonly sizes: readonly number[];
  readonly hasAtc: boolean;
  /** Why it could not be measured, '' if it could. */
  readonly problem: string;
}

const NOTHING: Sweep = { phase: 'none', points: [], sizes: [], hasAtc: false, problem: '' };

/** A device that streams accesses over growing working sets, and what the caches make of them. */
export function Streams({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const view = usePage((page) => page.moment?.view);
  const [own] = useState(() => firstQuestion(view));
  const [question, setQuestion] = useState(own);
  const { sweep, begin, cancel } = useSweep();
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  const isRunning = sweep.phase === 'running';
  return (
    <dialog ref={dialog} className="dialog stream" aria-labelledby="stream-title" closedby="any" onClose={onClose}>
      <div className="explore-head">
        <h2 id="stream-title">{words.stream.title}</h2>
        <Button kind="quiet" icon="close" label={words.stream.close} onClick={() => dialog.current?.close()} />
      </div>
      <p className="muted">{words.stream.told}</p>
      <Question own={own} question={question} onChange={setQuestion}>
        {isRunning ? (
          <Button onClick={cancel}>{words.stream.cancel}</Button>
        ) : (
          <Button kind="strong" onClick={() => void begin(planOf(question))}>
            {words.stream.begin}
          </Button>
        )}
      </Question>
      <Progress sweep={sweep} />
      {sweep.points.length > 0 && (
        <Plot points={sweep.points} largest={sweep.sizes.at(-1) ?? 1} hasAtc={sweep.hasAtc} />
      )}
    </dialog>
  );
}

function Progress({ sweep: { phase, points, sizes, problem } }: { readonly sweep: Sweep }) {
  if (phase === 'none') return null;
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

/** One size after the other, so that each can be shown, and the rest be left. */
function useSweep() {
  const { streamPoint } = useActions();
  const [sweep, setSweep] = useState(NOTHING);
  const serial = useRef(0);
  useEffect(
    () => () => {
      serial.current++;
    },
    [],
  );
  const begin = async (plan: StreamPlan) => {
    const own = ++serial.current;
    const sizes = sizesOf(plan.pages);
    let points: readonly SweepPoint[] = [];
    const tell = (phase: Phase, problem = '') => setSweep({ phase, points, sizes, hasAtc: plan.atc !== null, problem });
    tell('running');
    for (const pages of sizes) {
      const point = await streamPoint({ ...plan, pages });
      if (serial.current !== own) return;
      if (!point.ok) return tell('over', point.error);
      points = [...points, point.value];
      tell(points.length === sizes.length ? 'over' : 'running');
    }
  };
  const cancel = () => {
    serial.current++;
    setSweep((now) => ({ ...now, phase: 'cancelled' }));
  };
  return { sweep, begin, cancel };
}
