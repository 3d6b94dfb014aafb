import { memo, useMemo } from 'react';
import { isCrowd } from '../draw/focus.ts';
import { pagesWithin, pinnedPages } from '../draw/pins.ts';
import { fileName, inMiddle, shortAddress, typeset } from '../draw/text.ts';
import type { ActorView, CellView, ProcessView, VmaView } from '../engine/contract.ts';
import { Column } from '../kit/column.tsx';
import { FoldButton, Folded, useUnfolded } from '../kit/fold.tsx';
import { Ghosts } from '../kit/ghosts.tsx';
import { Pill } from '../kit/pill.tsx';
import { usePointing } from '../kit/pointing.ts';
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
  const pinned = usePinned();
  const [ruler, { width }] = useSize<HTMLDivElement>();
  const nameLength = Math.max(NAME_LEAST, Math.floor((width - BESIDE_NAME) / NAME_ADVANCE));
  return (
    <Column id="processes" title={words.columns.processes} foot={<Kernel />}>
      <div ref={ruler} className="ruler" />
      {processes?.map((process) => (
        <ProcessCard
          key={process.key}
          process={process}
          nameLength={nameLength}
          pinned={pinned.get(process.mm ?? -1) ?? NONE}
          crowd={isCrowd(processes.length)}
        />
      ))}
      <Ghosts of="processes" />
      {processes?.length === 0 && <p className="empty">{words.none.processes}</p>}
    </Column>
  );
}

const NONE: readonly number[] = [];

/** The page numbers that are pinned, of each address space. */
function usePinned(): ReadonlyMap<number, readonly number[]> {
  const trees = usePage((page) => page.moment?.view.trees);
  const pins = usePage((page) => page.moment?.view.memory.pins);
  return useMemo(() => (pins?.length ? pinnedPages(trees ?? [], pins) : new Map()), [trees, pins]);
}

interface CardProps {
  readonly process: ProcessView;
  /** Characters of an area's name that fit. */
  readonly nameLength: number;
  /** Numbers of its pages that are pinned. */
  readonly pinned: readonly number[];
  /** There are so many that each has a line, unless it is in focus. */
  readonly crowd: boolean;
}

const ProcessCard = memo(function ProcessCard({ process, nameLength, pinned, crowd }: CardProps) {
  const { key, name, pid, mm, pasid, state, vmas, threads } = process;
  const inFocus = usePage(({ about }) => mm !== null && about === `mm/${mm}`);
  const { pointed, pointing } = usePointing('scene', [name]);
  if (!useUnfolded(key, crowd, inFocus)) return <ProcessLine process={process} />;
  return (
    <article
      className={`card process ${state} ${inFocus ? 'in-focus' : ''} ${pointed}`}
      data-hue={hueOf(mm)}
      data-box={name}
      data-anchor={`process/${mm}`}
      {...pointing}
    >
      <Thing name={key} mm={mm} className="card-head">
        <strong>{name}</strong>
        <span className="mono muted">{words.process.pid(pid)}</span>
        {words.process.states[state] && <span className="badge">{words.process.states[state]}</span>}
        <span className="grow" />
        {pasid !== null && <Pill pasid={pasid} mm={mm} />}
        {pasid === null && state === 'live' && <span className="muted small">{words.process.unbound}</span>}
      </Thing>
      {crowd && <FoldButton name={key} title={name} />}
      {vmas.map((vma) => (
        <Area key={vma.key} vma={vma} nameLength={nameLength} pinned={pinned} />
      ))}
      <Ghosts of={key} />
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

/** A process among many: how much of its memory has frames, and whether a page is asked for. */
function ProcessLine({ process: { key, name, mm, pasid, state, vmas } }: { readonly process: ProcessView }) {
  const cells = vmas.flatMap((vma) => vma.cells);
  const [pages, resident] = [
    cells.reduce((sum, one) => sum + one.pages, 0),
    cells.reduce((sum, one) => sum + one.resident, 0),
  ];
  return (
    <Folded
      name={key}
      mm={mm}
      box={name}
      anchor={`process/${mm}`}
      className={state}
      more={words.process.residency(resident, pages)}
    >
      <strong>{name}</strong>
      {words.process.states[state] && <span className="badge">{words.process.states[state]}</span>}
      {cells.some(({ asked }) => asked) && <b className="fault-text small">{words.process.asks}</b>}
      <span className="grow" />
      <span className="mono muted" aria-hidden="true">
        {resident}/{pages}
      </span>
      {pasid !== null && <Pill pasid={pasid} mm={mm} />}
    </Folded>
  );
}

interface AreaProps extends Pick<CardProps, 'nameLength' | 'pinned'> {
  readonly vma: VmaView;
}

const Area = memo(function Area({ vma, nameLength, pinned }: AreaProps) {
  const asked = vma.cells.some((cell) => cell.asked);
  const swapped = vma.cells.reduce((sum, cell) => sum + cell.swapped, 0);
  const remarks = words.process.remarks(vma.flags, swapped, pagesWithin(pinned, vma.start, vma.pages));
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
          <Cell key={cell.key} cell={cell} pinned={pagesWithin(pinned, cell.page, cell.pages)} />
        ))}
      </div>
      {remarks !== '' && <div className="remarks small muted">{remarks}</div>}
    </div>
  );
});

const Cell = memo(function Cell({ cell, pinned }: { readonly cell: CellView; readonly pinned: number }) {
  const { key, page, pages, resident, swapped, asked } = cell;
  const full = resident === 0 ? 'hollow' : resident === pages ? 'full' : 'part';
  const signs = `${swapped > 0 ? 'swapped' : ''} ${pinned > 0 ? 'pinned' : ''} ${asked ? 'asked' : ''}`;
  return (
    <Thing
      name={key}
      label={words.process.cell({ ...cell, page: shortAddress(page) }, pinned)}
      className={`cell ${full} ${signs}`}
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
