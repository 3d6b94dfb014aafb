import type { KeyboardEvent, PointerEvent } from 'react';
import { useMemo } from 'react';
import {
  chaptersIn,
  eventAt,
  eventForKey,
  markedNear,
  SEGMENT_GAP,
  type Segment,
  segmentsOf,
} from '../draw/scrubber.ts';
import { useSize } from '../kit/size.ts';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { Density } from './density.tsx';

/** The whole run as a bar of chapters, and the moment on it. */
export function Scrubber() {
  const at = usePage((page) => page.moment?.at ?? 0);
  const bookmarks = usePage((page) => page.bookmarks);
  const { seek, focusOn } = useActions();
  const [bar, { width }] = useSize<HTMLDivElement>();
  const { stretch, all, begin, end, segments } = usePart(width);
  const events = end - begin;
  const place = at - begin;
  const chapter = segments.findLast(({ first }) => first < Math.max(1, place))?.title ?? '';

  const marks = bookmarks.filter(({ event }) => event === at).map(({ note }) => words.bookmarks.named(at, note));

  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const marked = stretch === null ? markedNear(x, width, events, bookmarks) : null;
    const wanted = marked ?? begin + eventAt(x, width, events);
    if (event.shiftKey && event.type === 'pointerdown') void focusOn(at, wanted);
    else if (wanted !== at && !event.shiftKey) void seek(wanted);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const wanted = eventForKey(event.key, place, events);
    if (wanted === null) return;
    event.preventDefault();
    void seek(begin + wanted);
  };
  return (
    <div
      ref={bar}
      className="scrubber"
      role="slider"
      tabIndex={0}
      aria-label={words.timeline.position}
      aria-valuemin={begin}
      aria-valuemax={end}
      aria-valuenow={at}
      aria-valuetext={[words.timeline.value(at, all, chapter), ...marks].join(', ')}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        follow(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) follow(event);
      }}
    >
      <Bars segments={segments} at={place} events={events} />
      {width > 0 && <Density width={width} />}
      <Flags begin={begin} end={end} />
      <span
        className="playhead"
        style={{ left: percent(events === 0 ? 0 : Math.max(0, Math.min(1, place / events))) }}
      />
      <Titles segments={segments} at={place} events={events} />
    </div>
  );
}

/** What part of the run the bar stands for, and its chapters. */
function usePart(width: number) {
  const run = usePage((page) => page.run);
  const stretch = usePage((page) => page.stretch);
  const all = run?.events ?? 0;
  const [begin, end] = [stretch?.first ?? 0, stretch?.last ?? all];
  const segments = useMemo(
    () => segmentsOf(chaptersIn(run?.chapters ?? [], begin, end), end - begin, width),
    [run, begin, end, width],
  );
  return { stretch, all, begin, end, segments };
}

interface TitlesProps {
  readonly segments: readonly Segment[];
  readonly at: number;
  readonly events: number;
}

/** The chapters themselves. */
function Bars({ segments, at, events }: TitlesProps) {
  return segments.map(({ title, ...segment }) => (
    <span
      key={segment.first}
      className={`segment ${toneOf(segment, at)}`}
      style={placeOf(segment, events)}
      title={title}
    />
  ));
}

/** The titles of the chapters, over the mark of the moment. */
function Titles({ segments, at, events }: TitlesProps) {
  return segments
    .filter(({ told }) => told)
    .map(({ title, ...segment }) => (
      <span key={segment.first} className={`segment-title ${toneOf(segment, at)}`} style={placeOf(segment, events)}>
        {title}
      </span>
    ));
}

/** Where the bookmarks are; they are listed, and gone to, elsewhere. */
function Flags({ begin, end }: { readonly begin: number; readonly end: number }) {
  const bookmarks = usePage((page) => page.bookmarks);
  const events = end - begin;
  return bookmarks
    .filter(({ event }) => event >= begin && event <= end)
    .map(({ event, note }) => (
      <span
        key={event}
        className={event === end && events > 0 ? 'bookmark-flag last' : 'bookmark-flag'}
        style={{ left: percent((event - begin) / Math.max(1, events)) }}
        title={words.bookmarks.named(event, note)}
      />
    ));
}

const percent = (share: number) => `${share * 100}%`;

function placeOf({ from, share, last }: Pick<Segment, 'from' | 'share' | 'last'>, events: number) {
  const gap = last < events ? SEGMENT_GAP : 0;
  return { left: percent(from), width: `max(1px, ${percent(share)} - ${gap}px)` };
}

function toneOf({ fault, last }: Pick<Segment, 'fault' | 'last'>, at: number): string {
  return `${fault ? 'fault' : ''} ${last <= at ? 'past' : ''}`;
}
