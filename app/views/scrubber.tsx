import type { KeyboardEvent, PointerEvent } from 'react';
import { useMemo } from 'react';
import { eventAt, eventForKey, SEGMENT_GAP, type Segment, segmentsOf } from '../draw/scrubber.ts';
import { useSize } from '../kit/size.ts';
import { useActions, usePage } from '../store/context.tsx';
import { words } from '../words.ts';
import { Density } from './density.tsx';

/** The whole run as a bar of chapters, and the moment on it. */
export function Scrubber() {
  const run = usePage((page) => page.run);
  const at = usePage((page) => page.moment?.at ?? 0);
  const { seek } = useActions();
  const [bar, { width }] = useSize<HTMLDivElement>();
  const events = run?.events ?? 0;
  const segments = useMemo(() => segmentsOf(run?.chapters ?? [], events, width), [run, events, width]);
  const chapter = segments.findLast(({ first }) => first < Math.max(1, at))?.title ?? '';

  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const wanted = eventAt(event.clientX - event.currentTarget.getBoundingClientRect().left, width, events);
    if (wanted !== at) void seek(wanted);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const wanted = eventForKey(event.key, at, events);
    if (wanted === null) return;
    event.preventDefault();
    void seek(wanted);
  };
  return (
    <div
      ref={bar}
      className="scrubber"
      role="slider"
      tabIndex={0}
      aria-label={words.timeline.position}
      aria-valuemin={0}
      aria-valuemax={events}
      aria-valuenow={at}
      aria-valuetext={words.timeline.value(at, events, chapter)}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        follow(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) follow(event);
      }}
    >
      {segments.map(({ title, ...segment }) => (
        <span
          key={segment.first}
          className={`segment ${toneOf(segment, at)}`}
          style={placeOf(segment, events)}
          title={title}
        />
      ))}
      {width > 0 && <Density width={width} />}
      <span className="playhead" style={{ left: percent(events === 0 ? 0 : at / events) }} />
      {segments
        .filter(({ told }) => told)
        .map(({ title, ...segment }) => (
          <span key={segment.first} className={`segment-title ${toneOf(segment, at)}`} style={placeOf(segment, events)}>
            {title}
          </span>
        ))}
    </div>
  );
}

const percent = (share: number) => `${share * 100}%`;

function placeOf({ from, share, last }: Pick<Segment, 'from' | 'share' | 'last'>, events: number) {
  const gap = last < events ? SEGMENT_GAP : 0;
  return { left: percent(from), width: `max(1px, ${percent(share)} - ${gap}px)` };
}

function toneOf({ fault, last }: Pick<Segment, 'fault' | 'last'>, at: number): string {
  return `${fault ? 'fault' : ''} ${last <= at ? 'past' : ''}`;
}
