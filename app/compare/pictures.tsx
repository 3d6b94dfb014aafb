import { type ComponentType, useCallback, useEffect, useLayoutEffect, useMemo, useState } from 'react';
import { COLUMNS, type ColumnId, countByColumn, fullestColumns, shownAs } from '../draw/columns.ts';
import { focusOf, NOWHERE } from '../draw/focus.ts';
import type { Moment, ThingDiff } from '../engine/contract.ts';
import { useSize } from '../kit/size.ts';
import { PlaygroundProvider, usePage, usePlayground } from '../store/context.tsx';
import { type Comparing, createPageStore, type PageState, treeOfMoment } from '../store/state.ts';
import { Devices } from '../views/devices.tsx';
import { Iommus } from '../views/iommu.tsx';
import { PageTables } from '../views/page-tables.tsx';
import { Processes } from '../views/processes.tsx';
import { words } from '../words.ts';
import { useRunInWords } from './beside-table.tsx';
import { useLatest } from './latest.ts';
import './compare.css';

export type Side = 'left' | 'right';

/** A thing that somebody picked in one of the two pictures. */
export interface Picked {
  readonly side: Side;
  readonly key: string;
}

const PARTS: Readonly<Record<ColumnId, ComponentType>> = {
  processes: Processes,
  tables: PageTables,
  iommu: Iommus,
  devices: Devices,
};
/** What a column needs to be read, in px. */
const COLUMN_WIDTH = 264;

interface PicturesProps {
  readonly comparing: Extract<Comparing, { kind: 'runs' }>;
  readonly moments: Moments;
  readonly things: readonly ThingDiff[] | null;
  /** The one side that there is room for, null for both. */
  readonly only: Side | null;
  readonly picked: Picked | null;
  readonly onPick: (picked: Picked | null) => void;
}

/** Both machines at the row, the same columns of each beside the other, with a mark at what differs. Nothing moves. */
export function Pictures({ comparing, moments, things, only, picked, onPick }: PicturesProps) {
  const sides = only === null ? (['left', 'right'] as const) : [only];
  const [frame, { width }] = useSize<HTMLDivElement>();
  const room = Math.max(1, Math.min(COLUMNS.length, Math.floor(width / sides.length / COLUMN_WIDTH)));
  const differing = useMemo(() => keysOf(things ?? [], moments), [things, moments]);
  const counts = countsOf(moments, differing);
  const { columns, toggle } = useColumns(counts, things !== null && width > 0, room);
  return (
    <section className="pictures" aria-label={words.compare.pictures} data-box="pictures" ref={frame}>
      <ColumnSwitch columns={columns} counts={counts} onToggle={toggle} />
      <div className="picture-pair">
        {sides.map((side) => (
          <Machine
            key={side}
            comparing={comparing}
            side={side}
            moment={moments[side]}
            differing={differing[side]}
            columns={columns}
            picked={picked}
            onPick={onPick}
          />
        ))}
      </div>
    </section>
  );
}

type Moments = Readonly<Record<Side, Moment | null>>;

/** The left run is the one shown; the right one is looked up. */
export function useMoments({ beside }: PicturesProps['comparing'], at: Readonly<Record<Side, number>>): Moments {
  const { actions } = usePlayground();
  const left = usePage((page) => page.moment);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another run beside has other moments
  const ask = useCallback(() => actions.besideAt(at.right), [actions, beside, at.right]);
  const right = useLatest(ask);
  return useMemo(() => ({ left, right }), [left, right]);
}

/** Keys of what differs, as each side shows them. */
function keysOf(things: readonly ThingDiff[], moments: Moments): Readonly<Record<Side, ReadonlySet<string>>> {
  const of = (side: Side) =>
    new Set(things.flatMap(({ keys }) => (keys[side] === null ? [] : [shownAs(keys[side], moments[side]?.view)])));
  return { left: of('left'), right: of('right') };
}

/** How many marks each column has on the side that has more of them. */
function countsOf(moments: Moments, differing: ReturnType<typeof keysOf>): Readonly<Record<ColumnId, number>> {
  const of = (side: Side, id: ColumnId) => {
    const { view } = moments[side] ?? {};
    return view === undefined ? 0 : countByColumn(view, differing[side])[id];
  };
  const most = COLUMNS.map((id) => [id, Math.max(of('left', id), of('right', id))]);
  return Object.fromEntries(most) as Record<ColumnId, number>;
}

/** The columns that are shown: first those in which most differs, then those that the person picks; they stay while the row moves. */
function useColumns(counts: Readonly<Record<ColumnId, number>>, known: boolean, room: number) {
  const [chosen, setChosen] = useState<readonly ColumnId[] | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what differs later must not move the columns
  useEffect(() => {
    if (known && chosen === null) setChosen(fullestColumns(counts, room));
  }, [known, room]);
  const all = chosen ?? [];
  const toggle = (id: ColumnId) => {
    if (!all.includes(id)) setChosen([...all.slice(Math.max(0, all.length + 1 - room)), id]);
    else if (all.length > 1) setChosen(all.filter((one) => one !== id));
  };
  return { columns: COLUMNS.filter((id) => all.slice(-room).includes(id)), toggle };
}

interface ColumnSwitchProps {
  readonly columns: readonly ColumnId[];
  readonly counts: Readonly<Record<ColumnId, number>>;
  readonly onToggle: (id: ColumnId) => void;
}

function ColumnSwitch({ columns, counts, onToggle }: ColumnSwitchProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a frame of its own
    <div className="switch columns" role="group" aria-label={words.compare.columns}>
      {COLUMNS.map((id) => (
        <button key={id} type="button" aria-pressed={columns.includes(id)} onClick={() => onToggle(id)}>
          {words.short[id]} <span className="count">{words.compare.marks(counts[id])}</span>
        </button>
      ))}
    </div>
  );
}

interface MachineProps {
  readonly comparing: PicturesProps['comparing'];
  readonly side: Side;
  readonly moment: Moment | null;
  readonly differing: ReadonlySet<string>;
  readonly columns: readonly ColumnId[];
  readonly picked: Picked | null;
  readonly onPick: (picked: Picked | null) => void;
}

/** Columns of one machine, drawn by the same parts as the picture of the page, from a store of their own. */
function Machine({ comparing, side, moment, differing, columns, picked, onPick }: MachineProps) {
  const playground = usePlayground();
  const [store] = useState(createPageStore);
  const opened = usePage((page) => page.opened);
  const unfolded = usePage((page) => page.unfolded);
  const machine = words.compare.machineOf[side];
  const told = useRunInWords(comparing.beside, side);
  const selected = picked?.side === side ? picked.key : null;
  useLayoutEffect(() => {
    if (moment !== null)
      store.setState(stateOf(moment, { differing, opened, unfolded, selected, machine }, store.getState()));
  }, [store, moment, differing, opened, unfolded, selected, machine]);
  const own = useMemo(() => {
    const select = async (key: string | null) => onPick(key === null ? null : { side, key });
    return { ...playground, store, actions: { ...playground.actions, select } };
  }, [playground, store, side, onPick]);
  return (
    <section className="picture-side" aria-label={words.compare.machineOf[side]}>
      <h2>
        <span className="muted">{words.compare.sides[side]}</span> {told}
      </h2>
      <PlaygroundProvider value={own}>
        <div className="scene" style={{ gridTemplateColumns: `repeat(${columns.length}, minmax(0, 1fr))` }}>
          {columns.map((id) => {
            const Part = PARTS[id];
            return <Part key={id} />;
          })}
        </div>
      </PlaygroundProvider>
    </section>
  );
}

/** What a side's store holds: its moment, without marks of its last event, and what differs. */
function stateOf(
  moment: Moment,
  asked: Pick<PageState, 'differing' | 'opened' | 'unfolded' | 'selected' | 'machine'>,
  { about }: PageState,
): Partial<PageState> {
  return { ...asked, moment, about: treeOfMoment(moment) ?? about, focus: focusOf(moment, [], NOWHERE) };
}
