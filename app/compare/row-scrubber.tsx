import { type KeyboardEvent, type PointerEvent, useMemo } from 'react';
import { barsPath, eventsAt, gapsIn } from '../draw/beside.ts';
import { eventAt, eventForKey } from '../draw/scrubber.ts';
import { Button } from '../kit/button.tsx';
import { useSize } from '../kit/size.ts';
import { useActions } from '../store/context.tsx';
import type { Comparing } from '../store/state.ts';
import { words } from '../words.ts';

/** Width of a part of the bar that tells what one run has alone, and the height of either half, in px. */
const PART = 3;
const HALF = 9;

/** One bar for both runs: what only the left one has stands on its line, what only the right one has hangs from it. */
export function RowScrubber({ comparing }: { readonly comparing: Extract<Comparing, { kind: 'runs' }> }) {
  const { row, beside } = comparing;
  const { showRow, showGap } = useActions();
  const rows = beside.rows.left.length;
  const { lastGap, back, forward, nextGap } = words.compare;
  const counter = words.compare.counter(row, rows);
  return (
    <div className="timeline row-timeline" data-box="rows">
      <div className="transport">
        <Button kind="quiet" icon="first" label={lastGap} onClick={() => void showGap(-1)} />
        <Button kind="quiet" icon="back" label={back} disabled={row === 0} onClick={() => void showRow(row - 1)} />
        <Button
          kind="quiet"
          icon="forward"
          label={forward}
          disabled={row === rows}
          onClick={() => void showRow(row + 1)}
        />
        <Button kind="quiet" icon="last" label={nextGap} onClick={() => void showGap(1)} />
      </div>
      <Bar row={row} rows={beside.rows} />
      <span className="counter mono" style={{ width: `${words.compare.counter(rows, rows).length}ch` }}>
        {counter}
      </span>
    </div>
  );
}

function Bar({ row, rows }: { readonly row: number; readonly rows: Parameters<typeof gapsIn>[0] }) {
  const { showRow } = useActions();
  const [bar, { width }] = useSize<HTMLDivElement>();
  const count = rows.left.length;
  const parts = Math.max(1, Math.floor(width / PART));
  const gaps = useMemo(() => gapsIn(rows, Math.min(parts, Math.max(1, count))), [rows, parts, count]);
  const unit = width / gaps.left.length;
  const { left, right } = eventsAt(rows, row);
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const wanted = eventAt(event.clientX - event.currentTarget.getBoundingClientRect().left, width, count);
    if (wanted !== row) void showRow(wanted);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const wanted = eventForKey(event.key, row, count);
    if (wanted === null) return;
    event.preventDefault();
    void showRow(wanted);
  };
  return (
    <div
      ref={bar}
      className="scrubber row-bar"
      role="slider"
      tabIndex={0}
      aria-label={words.compare.position}
      aria-valuemin={0}
      aria-valuemax={count}
      aria-valuenow={row}
      aria-valuetext={words.compare.value(row, count, left, right)}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        follow(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) follow(event);
      }}
    >
      <svg width={width} height={2 * HALF} aria-hidden="true">
        <path className="line" d={`M0,${HALF}H${width}`} />
        <path className="alone" d={barsPath(gaps.left, { line: HALF, height: HALF, unit })} />
        <path className="alone" d={barsPath(gaps.right, { line: HALF, height: -HALF, unit })} />
      </svg>
      <span className="playhead" style={{ left: `${count === 0 ? 0 : (row / count) * 100}%` }} />
    </div>
  );
}
