import { memo } from 'react';
import { fileName, inMiddle, shortAddress, typeset } from '../draw/text.ts';
import type { ActorView, CellView, ProcessView, VmaView } from '../engine/contract.ts';
import { Column } from '../kit/column.tsx';
import { Pill } from '../kit/pill.tsx';
import { useSize } from '../kit/size.ts';
import { hueOf, Thing } from '../kit/thing.tsx';
import { usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { Kernel } from './kernel.tsx';

/** What a row has besides the area's name: the card's edges, rights and an address. */
const BESIDE_NAME = 136;
/** Width of one character of a name. */
const NAME_ADVANCE = 7.2;
const NAME_LEAST = 6;

/** The column of processes: whose memory there is, and which of its pages have frames. */
export function Processes() {
  const processes = usePage((page) => page.moment?.view.processes);
  const [ruler, { width }] = useSize<HTMLDivElement>();
  const nameLength = Math.max(NAME_LEAST, Math.floor((width - BESIDE_NAME) / NAME_ADVANCE));
  return (
    <Column id="processes" title={words.columns.processes} foot={<Kernel />}>
      <div ref={ruler} className="ruler" />
      {processes?.map((process) => (
        <ProcessCard key={process.key} process={process} nameLength={nameLength} />
      ))}
      {processes?.length === 0 && <p className="empty">{words.none.processes}</p>}
    </Column>
  );
}

interface CardProps {
  readonly process: ProcessView;
  /** Characters of an area's name that fit. */
  readonly nameLength: number;
}

const ProcessCard = memo(function ProcessCard({ process, nameLength }: CardProps) {
  const { key, name, pid, mm, pasid, state, vmas, threads } = process;
  return (
    <article className={`card process ${state}`} data-hue={hueOf(mm)} data-box={name} data-anchor={`process/${mm}`}>
      <Thing name={key} mm={mm} className="card-head">
        <strong>{name}</strong>
        <span className="mono muted">{words.process.pid(pid)}</span>
        {words.process.states[state] && <span className="badge">{words.process.states[state]}</span>}
        <span className="grow" />
        {pasid === null ? <span className="muted small">{words.process.unbound}</span> : <Pill pasid={pasid} mm={mm} />}
      </Thing>
      {vmas.map((vma) => (
        <Area key={vma.key} vma={vma} nameLength={nameLength} />
      ))}
      {threads.length > 0 && (
        <div className="threads">
          {threads.map((thread) => (
            <Actor key={thread.key} actor={thread} />
          ))}
        </div>
      )}
    </article>
  );
});

const Area = memo(function Area({ vma, nameLength }: { readonly vma: VmaView; readonly nameLength: number }) {
  const asked = vma.cells.some((cell) => cell.asked);
  return (
    <div className={`area ${asked ? 'in-question' : ''}`}>
      <Thing name={vma.key} className="area-head" more={words.process.area(vma)}>
        <span className="area-name">{inMiddle(fileName(vma.name), nameLength)}</span>
        <span className="mono muted">{vma.perms}</span>
        <span className="grow" />
        <span className="mono muted">{shortAddress(vma.start)}</span>
      </Thing>
      <div className="cells">
        {vma.cells.map((cell) => (
          <Cell key={cell.key} cell={cell} />
        ))}
      </div>
    </div>
  );
});

const Cell = memo(function Cell({ cell }: { readonly cell: CellView }) {
  const { key, page, pages, resident, asked } = cell;
  const full = resident === 0 ? 'hollow' : resident === pages ? 'full' : 'part';
  return (
    <Thing
      name={key}
      label={words.process.cell(shortAddress(page), pages, resident, asked)}
      className={`cell ${full} ${asked ? 'asked' : ''}`}
      style={{ '--share': resident / pages }}
    />
  );
});

/** Somebody who moves, and what he is at. */
export const Actor = memo(function Actor({ actor }: { readonly actor: ActorView }) {
  const { key, name, doing, waiting } = actor;
  return (
    <Thing name={key} className="actor">
      <span className={`state-dot ${doing === null ? 'idle' : waiting ? 'waiting' : 'doing'}`} aria-hidden="true" />
      <span>{name}</span>
      <span className="muted doing-what">
        {waiting && doing === null ? words.process.waits : typeset(doing ?? words.process.idle)}
      </span>
    </Thing>
  );
});
