import { type RefObject, useEffect, useRef, useState } from 'react';
import { COLUMNS, type ColumnId } from '../draw/columns.ts';
import { useNarrow } from '../kit/size.ts';
import { usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { Devices } from './devices.tsx';
import { Iommus } from './iommu.tsx';
import { Links } from './links.tsx';
import { PageTables } from './page-tables.tsx';
import { Processes } from './processes.tsx';

/** A person who has swiped is left alone for so long, in ms. */
const LEFT_ALONE = 5000;

/** The machine: four columns side by side, or one after another in a carousel. */
export function Scene() {
  const narrow = useNarrow();
  return narrow ? <Carousel /> : <WideScene />;
}

function Columns() {
  return (
    <>
      <Processes />
      <PageTables />
      <Iommus />
      <Devices />
    </>
  );
}

/** All four columns side by side, with what leads from one to another. */
export function WideScene() {
  const [scene, setScene] = useState<HTMLDivElement | null>(null);
  const fault = usePage((page) => page.moment?.now.fault ?? false);
  return (
    <div className="scene" data-fault={fault} ref={setScene}>
      <Links scene={scene} />
      <Columns />
    </div>
  );
}

function Carousel() {
  const track = useRef<HTMLDivElement>(null);
  const swiped = useRef(Number.NEGATIVE_INFINITY);
  const shown = useShown(track);
  const active = useActive(track);
  const goTo = (id: ColumnId) => {
    if (shown.includes(id)) return;
    const column = track.current?.querySelector<HTMLElement>(`#column-${id}`);
    if (track.current && column) track.current.scrollTo({ left: column.offsetLeft - track.current.offsetLeft - 12 });
  };
  const [first] = active;
  const moment = usePage((page) => page.moment);
  const fault = moment?.now.fault ?? false;
  // biome-ignore lint/correctness/useExhaustiveDependencies: every moment leads to where it happens, one that breaks an invariant to what that names
  useEffect(() => {
    const to = COLUMNS.find((id) => track.current?.querySelector(`#column-${id} .concerned`)) ?? first;
    if (to !== undefined && performance.now() - swiped.current > LEFT_ALONE) goTo(to);
  }, [moment, first]);
  return (
    <>
      <nav className="column-names" aria-label={words.columnsNav}>
        {COLUMNS.map((id) => (
          <button
            key={id}
            type="button"
            className={`${active.includes(id) ? 'active' : ''} ${shown.includes(id) ? 'shown' : ''}`}
            aria-current={shown.includes(id) ? 'true' : undefined}
            onClick={() => {
              swiped.current = performance.now();
              goTo(id);
            }}
          >
            {words.short[id]}
          </button>
        ))}
      </nav>
      <div
        className="scene carousel"
        data-fault={fault}
        ref={track}
        onTouchStart={() => {
          swiped.current = performance.now();
        }}
      >
        <Columns />
      </div>
    </>
  );
}

/** The columns that are in sight as a whole; there is room for one or two. */
function useShown(track: RefObject<HTMLDivElement | null>): readonly ColumnId[] {
  const [shown, setShown] = useState<readonly ColumnId[]>([]);
  useEffect(() => {
    const frame = track.current;
    if (frame === null) return;
    const look = () => {
      const outer = frame.getBoundingClientRect();
      const whole = COLUMNS.filter((id) => {
        const inner = frame.querySelector(`#column-${id}`)?.getBoundingClientRect();
        return inner !== undefined && inner.left >= outer.left - 1 && inner.right <= outer.right + 1;
      });
      setShown((old) => (whole.length === 0 || whole.join() === old.join() ? old : whole));
    };
    look();
    const watch = new ResizeObserver(look);
    watch.observe(frame);
    frame.addEventListener('scroll', look, { passive: true });
    return () => {
      watch.disconnect();
      frame.removeEventListener('scroll', look);
    };
  }, [track]);
  return shown;
}

/** The columns in which the event has changed something, the one of its first change first. */
function useActive(track: RefObject<HTMLDivElement | null>): readonly ColumnId[] {
  const touched = usePage((page) => page.touched);
  const walks = usePage((page) => page.moment?.view.trees.some(({ walk }) => walk !== null) ?? false);
  const [active, setActive] = useState<readonly ColumnId[]>([]);
  useEffect(() => {
    const columns = [...touched].flatMap((key) => {
      const thing = track.current?.querySelector(`[data-key="${CSS.escape(key)}"]`);
      return COLUMNS.filter((id) => thing?.closest(`#column-${id}`));
    });
    setActive(columns.length === 0 && walks ? ['tables'] : [...new Set(columns)]);
  }, [track, touched, walks]);
  return active;
}
