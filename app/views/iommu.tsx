import { memo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { rowsShown } from '../draw/pasid-rows.ts';
import { slotsOf, toldSlot } from '../draw/queue.ts';
import { monoWidth, shortAddress, shortLabel, typeset, wordsWidth } from '../draw/text.ts';
import type { IommuView, PasidRowView, PasidTableView, QueueView, StallView, StreamView } from '../engine/contract.ts';
import { Column } from '../kit/column.tsx';
import { FoldButton, Folded, useUnfolded } from '../kit/fold.tsx';
import { Ghosts } from '../kit/ghosts.tsx';
import { Pill } from '../kit/pill.tsx';
import { usePointing } from '../kit/pointing.ts';
import { useSize } from '../kit/size.ts';
import { hueOf, Thing } from '../kit/thing.tsx';
import { usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { CacheRows } from './cache.tsx';
import { Actor } from './processes.tsx';

/** Edges of a card and the gap between the name of a queue and its record. */
const BESIDE_RECORD = 40;
const RECORD_LEAST = 6;

/** The column of the IOMMU: what the driver wrote for it, what it remembers, and its queues. */
export function Iommus() {
  const iommus = usePage((page) => page.moment?.view.iommus);
  const detail = iommus?.length === 1 ? iommus[0]?.kind : undefined;
  const [ruler, { width }] = useSize<HTMLDivElement>();
  return (
    <Column id="iommu" title={words.columns.iommu} detail={detail}>
      <div ref={ruler} className="ruler" />
      {iommus?.map((iommu) => (
        <Iommu key={iommu.key} iommu={iommu} named={iommus.length > 1} width={width} />
      ))}
      {iommus?.length === 0 && <p className="empty">{words.none.iommus}</p>}
    </Column>
  );
}

interface IommuProps {
  readonly iommu: IommuView;
  readonly named: boolean;
  readonly width: number;
}

const Iommu = memo(function Iommu({ iommu, named, width }: IommuProps) {
  const { key, terms, streams, pasidTables, iotlb, configCache, queues, stalls, actors } = iommu;
  const acting = actors.filter(({ doing }) => doing !== null);
  const inFocus = usePage(({ focus, moment }) => (focus.iommu ?? moment?.view.iommus[0]?.key) === key);
  const { pointed, pointing } = usePointing('scene', [iommu.name]);
  if (!useUnfolded(key, named, inFocus)) return <IommuLine iommu={iommu} />;
  return (
    <div className={`iommu ${pointed}`} {...pointing}>
      {named && (
        <div className="card-title">
          <Thing name={key}>
            {iommu.name} {iommu.kind}
          </Thing>
          <span className="grow" />
          <FoldButton name={key} title={iommu.name} />
        </div>
      )}
      <Streams title={terms.streams} streams={streams} />
      {pasidTables.map((table) => (
        <PasidTable key={table.key} title={terms.pasids} tag={terms.tag} table={table} />
      ))}
      <div className="card" data-box="iotlb">
        <CacheRows cache={iotlb} title={words.iommu.iotlb} />
        {configCache.length > 0 && (
          <div className="config-cache">
            <span className="muted small">{words.iommu.config}</span>
            {configCache.map((entry) => (
              <Thing key={entry.key} name={entry.key} className="chip mono" more={entry.label}>
                {shortConfig(entry.label)}
              </Thing>
            ))}
          </div>
        )}
      </div>
      <Ghosts of={key} />
      {stalls.held.length > 0 && <Stalls stalls={stalls} />}
      <div className="card queues" data-box="queues">
        {queues.map((queue) => (
          <Queue key={queue.key} queue={queue} width={width} />
        ))}
      </div>
      {acting.length > 0 && (
        <div className="card" data-box="engines">
          {acting.map((actor) => (
            <Actor key={actor.key} actor={actor} />
          ))}
        </div>
      )}
    </div>
  );
});

/** One of several, in two lines: how full it is. */
function IommuLine({ iommu }: { readonly iommu: IommuView }) {
  const { key, name, kind, streams, iotlb, queues, stalls } = iommu;
  const records = queues
    .filter(({ length }) => length > 0)
    .map((queue) => words.iommu.fillOf(queue.name, queue.length));
  return (
    <Folded name={key} box={name} className="iommu-line">
      <strong>{name}</strong>
      <span className="muted small">{kind}</span>
      <span className="muted small wrap summary">
        {words.iommu.summary(streams.length, iotlb.entries.length, stalls.held.length, records)}
      </span>
    </Folded>
  );
}

/** A cached structure's label in a few characters: CD 0x8 ssid 1 is CD 8/1, PC 0x8 pid 1 is PC 8/1. */
function shortConfig(label: string): string {
  return label.replaceAll('0x', '').replace(/ (?:ssid|pid) /, '/');
}

interface StreamsProps {
  readonly title: string;
  readonly streams: readonly StreamView[];
}

const Streams = memo(function Streams({ title, streams }: StreamsProps) {
  return (
    <div className="card" data-box="streams">
      <div className="card-title">{title}</div>
      {streams.map(({ key, sid, device, config }) => (
        <Thing key={key} name={key} className="row">
          <span className="mono muted">{sid}</span>
          <span className="strong">{device}</span>
          <span className="grow" />
          <span className="muted small">{config}</span>
        </Thing>
      ))}
      {streams.length === 0 && <span className="muted small">{words.iommu.empty}</span>}
    </div>
  );
});

interface PasidTableProps {
  readonly title: string;
  /** What its entries tag translations with: ASID or PSCID. */
  readonly tag: string;
  readonly table: PasidTableView;
}

const PasidTable = memo(function PasidTable({ title, tag, table }: PasidTableProps) {
  const touched = usePage(useShallow((page) => table.rows.filter(({ key }) => page.touched.has(key))));
  return (
    <div className="card" data-box="pasids">
      <Thing name={table.key} className="card-title">
        {title}
        <span className="muted small table-of">{words.device.domain(table.domain)}</span>
        {table.rows.some(({ asid }) => asid !== null) && <span className="mono muted">{tag}</span>}
      </Thing>
      {rowsShown(table.rows, new Set(touched.map(({ key }) => key))).map((shown) =>
        shown.kind === 'row' ? (
          <PasidRow key={shown.row.key} tag={tag} row={shown.row} />
        ) : (
          <InvalidRows key={shown.rows[0]?.key} rows={shown.rows} />
        ),
      )}
    </div>
  );
});

/** Rows of a PASID table that say nothing, in one line; the first of them stands for all. */
function InvalidRows({ rows }: { readonly rows: readonly PasidRowView[] }) {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return null;
  return (
    <Thing name={first.key} className="row pasid-row invalid">
      <span className="mono pasid-number">{words.iommu.pasidRange(first.pasid, last.pasid)}</span>
      <span className="leads-to muted">{words.iommu.invalid}</span>
    </Thing>
  );
}

const PasidRow = memo(function PasidRow({ tag, row }: { readonly tag: string; readonly row: PasidRowView }) {
  const { key, pasid, valid, leadsTo, mm, dmaTree, asid, shared, label } = row;
  const owned = valid && leadsTo === 'mm';
  return (
    <Thing
      name={key}
      mm={mm}
      anchor={owned ? `root/mm/${mm}` : dmaTree === null ? undefined : `root/${dmaTree}`}
      className={`row pasid-row ${owned ? 'owned' : ''} ${valid ? '' : 'invalid'}`}
      {...(asid !== null && { more: words.iommu.tagOf(tag, asid, shared) })}
    >
      {owned || mm !== null ? <Pill pasid={pasid} mm={mm} /> : <span className="mono pasid-number">{pasid}</span>}
      <span className={owned ? 'leads-to' : 'leads-to muted'}>
        {owned ? `\u2192 ${label}` : label || words.iommu.invalid}
      </span>
      {asid !== null && (
        <span className="mono muted asid" aria-hidden="true">
          {asid}
        </span>
      )}
    </Thing>
  );
});

/** Transactions that the SMMU keeps until the kernel has answered for them, by their tags. */
const Stalls = memo(function Stalls({ stalls }: { readonly stalls: IommuView['stalls'] }) {
  return (
    <div className="card" data-box="stalls">
      <div className="card-title">
        {words.iommu.stalls}
        <span className="grow" />
        <span className="mono muted">{words.iommu.fill(stalls.held.length, stalls.limit)}</span>
      </div>
      {stalls.held.map((stall) => (
        <Stalled key={stall.key} stall={stall} />
      ))}
    </div>
  );
});

const Stalled = memo(function Stalled({ stall }: { readonly stall: StallView }) {
  const { key, stag, device, what, address, mm, state } = stall;
  return (
    <Thing name={key} mm={mm} className={`stalled ${state}`} anchor={key} more={device}>
      <span className="job-line">
        <b className="mono">{stag === null ? words.iommu.noTag : words.iommu.tag(stag)}</b>
        <span className="grow" />
        <span className="small muted">{state}</span>
      </span>
      <span className="job-line">
        <span>{what}</span>
        <span className="grow" />
        <span className="mono">{shortAddress(address)}</span>
      </span>
    </Thing>
  );
});

const Queue = memo(function Queue({ queue, width }: { readonly queue: QueueView; readonly width: number }) {
  const told = usePage(({ touched }) => toldSlot(queue, touched));
  const room = (width - BESIDE_RECORD - wordsWidth(queue.name, 12)) / monoWidth('0');
  return (
    <div className="queue">
      <Thing name={queue.key} className="queue-head">
        <span className="strong">{queue.name}</span>
        <span className="grow" />
        {told !== null && (
          <span className="mono told">{shortLabel(told.label, Math.max(RECORD_LEAST, Math.floor(room)))}</span>
        )}
      </Thing>
      <div className="slots">
        {slotsOf(queue).map(({ slot, producer, consumer, seam }) => (
          <div
            key={slot.key}
            className={`slot-place ${seam ? 'seam' : ''}`}
            data-anchor={slot.live ? slot.key : undefined}
          >
            {producer && <span className="mark producer" aria-hidden="true" />}
            <Thing
              name={slot.key}
              mm={slot.live ? slot.mm : null}
              className={`slot ${slot.live ? 'live' : ''} ${hueOf(slot.mm) === undefined ? 'nobody' : ''}`}
              label={words.iommu.slot(queue.name, slot.index, slot.live, typeset(slot.label))}
            />
            {consumer && <span className="mark consumer" aria-hidden="true" />}
          </div>
        ))}
        <span className="grow" />
        <span className="mono muted fill">
          {queue.overflow && <b className="fault-text">{words.iommu.overflow}</b>}
          {words.iommu.fill(queue.length, queue.size)}
        </span>
      </div>
    </div>
  );
});
