import { type ReactNode, type RefObject, useLayoutEffect, useRef } from 'react';
import { usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { thingsIn, useRoving } from './roving.ts';

interface ColumnProps {
  readonly id: string;
  readonly title: string;
  readonly detail?: string | undefined;
  readonly children: ReactNode;
  /** What stays in sight below what scrolls. */
  readonly foot?: ReactNode;
}

/** A column of the scene: one tab stop, arrows inside; it scrolls in itself and keeps what was touched in sight. */
export function Column({ id, title, detail, children, foot }: ColumnProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const column = useRef<HTMLElement>(null);
  useOneTabStop(column);
  useTouchedInSight(scroller);
  const showsEnds = useShowsEnds(scroller);
  const machine = usePage((page) => page.machine);
  const moveFocus = useRoving();
  return (
    <section
      ref={column}
      className="column"
      id={`column-${id}`}
      aria-label={words.compare.partOf(machine, title)}
      onKeyDown={moveFocus}
    >
      <h2 className="column-title" data-box={title}>
        {title}
        {detail !== undefined && <span className="detail"> {`\u00b7 ${detail}`}</span>}
      </h2>
      <div ref={scroller} className="column-scroll" onScroll={showsEnds}>
        {children}
      </div>
      {foot}
    </section>
  );
}

/** Keeps exactly one thing of the column in the tab order: the one that last had the focus, else the first. */
function useOneTabStop(column: RefObject<HTMLElement | null>) {
  const moment = usePage((page) => page.moment);
  // biome-ignore lint/correctness/useExhaustiveDependencies: things come and go with the moment
  useLayoutEffect(() => {
    const things = column.current === null ? [] : thingsIn(column.current);
    if (things.some(({ tabIndex }) => tabIndex === 0)) return;
    things[0]?.setAttribute('tabindex', '0');
  }, [column, moment]);
}

/** Scrolls the column, and nothing else, to what a broken invariant names, or the first thing that the event has touched, if it is out of sight. */
function useTouchedInSight(scroller: RefObject<HTMLElement | null>) {
  const moment = usePage((page) => page.moment);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each moment has its touched things
  useLayoutEffect(() => {
    const frame = scroller.current;
    const touched =
      frame?.querySelector('.concerned') ??
      frame?.querySelector('.touched:not(.actor), .asked, .differs') ??
      frame?.querySelector('.card.in-focus');
    if (frame === null || !touched) return;
    const [inner, outer] = [touched.getBoundingClientRect(), frame.getBoundingClientRect()];
    const margin = 40;
    if (inner.top < outer.top) frame.scrollTop += inner.top - outer.top - margin;
    else if (inner.bottom > outer.bottom) frame.scrollTop += inner.bottom - outer.bottom + margin;
  }, [scroller, moment]);
}

/** Marks the column's box with whether there is more above or below. */
function useShowsEnds(scroller: RefObject<HTMLElement | null>) {
  useLayoutEffect(() => {
    const frame = scroller.current;
    if (frame === null) return;
    const seen = new WeakSet<Element>();
    const sizes = new ResizeObserver(() => showEnds(frame));
    // Watching a box costs one more layout, at once: each is watched once.
    const watchAll = () => {
      for (const box of [frame, ...frame.children]) {
        if (!seen.has(box)) sizes.observe(box);
        seen.add(box);
      }
    };
    watchAll();
    const boxes = new MutationObserver(watchAll);
    boxes.observe(frame, { childList: true });
    return () => {
      sizes.disconnect();
      boxes.disconnect();
    };
  }, [scroller]);
  return () => {
    if (scroller.current !== null) showEnds(scroller.current);
  };
}

function showEnds(frame: HTMLElement) {
  mark(frame, 'above', frame.scrollTop > 1);
  mark(frame, 'below', frame.scrollTop + frame.clientHeight < frame.scrollHeight - 1);
}

function mark(frame: HTMLElement, end: 'above' | 'below', there: boolean) {
  if (frame.dataset[end] !== String(there)) frame.dataset[end] = String(there);
}
