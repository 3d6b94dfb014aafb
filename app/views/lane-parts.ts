import { useMemo, useRef } from 'react';
import {
  chooseLanes,
  foldLocals,
  keepRuns,
  type LaneColumns,
  laneColumns,
  lanesWith,
  type Run,
  windowOf,
} from '../draw/lanes.ts';
import { isIn } from '../draw/stretch.ts';
import type { LaneView } from '../engine/contract.ts';
import { usePage } from '../store/context.tsx';
import { keepEqual } from '../store/share.ts';

/** The rows of the chart around the moment; one that says the same as before is the same object. */
export function useRuns(past: number, future: number, hidden?: ReadonlyMap<string, boolean>): readonly Run[] {
  const messages = usePage((page) => page.messages);
  const at = usePage((page) => page.moment?.at ?? 0);
  const stretch = usePage((page) => page.stretch);
  const kept = useRef<readonly Run[]>([]);
  return useMemo(() => {
    const isHidden = (lane: string) => hidden?.get(lane) === false;
    const near = stretch === null ? messages : messages.filter(({ event }) => isIn(stretch, event));
    const seen = near.filter(({ from, to }) => !isHidden(from) || !isHidden(to));
    kept.current = keepRuns(kept.current, windowOf(foldLocals(seen, at), at, { past, future }));
    return kept.current;
  }, [messages, at, past, future, hidden, stretch]);
}

/** All lanes of the run. */
export function useLaneNames() {
  const run = usePage((page) => page.run);
  const messages = usePage((page) => page.messages);
  const kept = useRef<readonly LaneView[]>([]);
  return useMemo(() => {
    kept.current = keepEqual(kept.current, lanesWith(run?.lanes ?? [], messages));
    return kept.current;
  }, [run, messages]);
}

/** The lanes that there are, those that are shown, and where. */
export function useLanes(width: number) {
  const lanes = useLaneNames();
  const messages = usePage((page) => page.messages);
  const at = usePage((page) => page.moment?.at ?? 0);
  const wishes = usePage((page) => page.laneWishes);
  const kept = useRef<readonly LaneView[]>([]);
  const shown = useMemo(() => {
    kept.current = keepEqual(kept.current, chooseLanes(lanes, messages, { at, width }, wishes));
    return kept.current;
  }, [lanes, messages, at, width, wishes]);
  return useMemo(() => {
    const columns: LaneColumns = { at: laneColumns(shown, width), order: lanes.map(({ id }) => id) };
    return { lanes, shown, columns };
  }, [lanes, shown, width]);
}
