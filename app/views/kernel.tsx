import { memo } from 'react';
import { tornOff } from '../draw/pins.ts';
import { shortAddress, shortLabel } from '../draw/text.ts';
import type { KernelView, MachineView } from '../engine/contract.ts';
import { Ghosts } from '../kit/ghosts.tsx';
import { usePointing } from '../kit/pointing.ts';
import { hueOf, Thing } from '../kit/thing.tsx';
import { usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { Actor } from './processes.tsx';

const LABEL_LENGTH = 15;
/** The columns of the chart in which the kernel works. */
const LANES = ['iommu', 'faults', 'smmu-driver', 'device-driver'];

/** What the kernel keeps between interrupt and response: faults, locks, and who works on them. */
export function Kernel() {
  const kernel = usePage((page) => page.moment?.view.kernel);
  const memory = usePage((page) => page.moment?.view.memory);
  const trees = usePage((page) => page.moment?.view.trees);
  if (kernel === undefined || memory === undefined || trees === undefined) return null;
  return <KernelCard kernel={kernel} memory={memory} trees={trees} />;
}

interface CardProps extends Pick<MachineView, 'memory' | 'trees'> {
  readonly kernel: KernelView;
}

const KernelCard = memo(function KernelCard({ kernel, memory, trees }: CardProps) {
  const { faults, locks, containers, actors } = kernel;
  const { pointed, pointing } = usePointing('scene', LANES);
  const held = locks.filter(({ holder, waiters }) => holder !== '' || waiters.length > 0);
  const busy = actors.filter(({ doing, waiting }) => doing !== null || waiting);
  const quiet = faults.length === 0 && held.length === 0 && busy.length === 0;
  return (
    <div className={`card kernel ${pointed}`} data-box="kernel" {...pointing}>
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
      <Ghosts of="kernel" />
      {held.map(({ key, name, holder, waiters }) => (
        <Thing key={key} name={key} className="row lock-row">
          <span className="mono wrap">{name}</span>
          <span className="muted small wrap">
            {words.kernel.held(holder)}
            {waiters.length > 0 && `; ${words.kernel.waiting(waiters)}`}
          </span>
        </Thing>
      ))}
      {containers.map(({ key, name, owner, mm, groups }) => (
        <Thing key={key} name={key} mm={mm} className="row lock-row">
          <span className="mono">{words.kernel.container(name)}</span>
          <span className="muted small wrap">{words.kernel.holds(owner, groups)}</span>
        </Thing>
      ))}
      {busy.map((actor) => (
        <Actor key={actor.key} actor={actor} />
      ))}
      <Kept memory={memory} trees={trees} />
    </div>
  );
});

/** What is kept of memory elsewhere, and what is kept where it is; nothing is said of nothing. */
function Kept({ memory: { swap, pins }, trees }: Pick<MachineView, 'memory' | 'trees'>) {
  return (
    <>
      {swap.used > 0 && (
        <div className="row kept">
          <span>{words.kernel.swap}</span>
          <span className="grow" />
          <span className="mono muted">{words.kernel.swapped(swap.used, swap.limit)}</span>
        </div>
      )}
      {pins.length > 0 && (
        <div className="row kept">
          <span>{words.kernel.pins}</span>
          <span className="grow" />
          <span className="mono muted">{words.kernel.pinned(pins.length)}</span>
        </div>
      )}
      {tornOff(trees, pins).map(({ key, page, pfn, mm, process, device }) => (
        <Thing key={key} name={key} mm={mm} className="row lock-row">
          <span className="mono">{`${shortAddress(page)}\u2192${pfn}`}</span>
          <span className="muted small wrap">{words.kernel.tornOff(process, device)}</span>
        </Thing>
      ))}
    </>
  );
}
