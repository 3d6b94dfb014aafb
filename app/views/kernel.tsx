import { memo } from 'react';
import { shortLabel } from '../draw/text.ts';
import type { KernelView } from '../engine/contract.ts';
import { hueOf, Thing } from '../kit/thing.tsx';
import { usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { Actor } from './processes.tsx';

const LABEL_LENGTH = 15;

/** What the kernel keeps between interrupt and response: faults, locks, and who works on them. */
export function Kernel() {
  const kernel = usePage((page) => page.moment?.view.kernel);
  return kernel === undefined ? null : <KernelCard kernel={kernel} />;
}

const KernelCard = memo(function KernelCard({ kernel }: { readonly kernel: KernelView }) {
  const { faults, locks, actors } = kernel;
  const held = locks.filter(({ holder, waiters }) => holder !== '' || waiters.length > 0);
  const busy = actors.filter(({ doing, waiting }) => doing !== null || waiting);
  const quiet = faults.length === 0 && held.length === 0 && busy.length === 0;
  return (
    <div className="card kernel" data-box="kernel">
      <div className="card-title">
        {words.kernel.title}
        {quiet && <span className="muted small">{words.kernel.quiet}</span>}
      </div>
      {faults.map(({ key, label, mm, state }) => (
        <Thing key={key} name={key} mm={mm} className="row fault-row">
          <span className={`dot ${hueOf(mm) === undefined ? 'ring' : 'round'}`} aria-hidden="true" />
          <span className="mono">{shortLabel(label, LABEL_LENGTH)}</span>
          <span className="grow" />
          <span className="muted small">{state}</span>
        </Thing>
      ))}
      {held.map(({ key, name, holder, waiters }) => (
        <Thing key={key} name={key} className="row lock-row">
          <span className="mono wrap">{name}</span>
          <span className="muted small wrap">
            {words.kernel.held(holder)}
            {waiters.length > 0 && `; ${words.kernel.waiting(waiters)}`}
          </span>
        </Thing>
      ))}
      {busy.map((actor) => (
        <Actor key={actor.key} actor={actor} />
      ))}
    </div>
  );
});
