import type { ChapterView } from '../engine/contract.ts';
import { wordsWidth } from './text.ts';

/** Between one segment and the next, in px. */
export const SEGMENT_GAP = 2;
const PADDING = 12;

export interface Segment {
  readonly title: string;
  /** Number of events performed when it begins and when it ends. */
  readonly first: number;
  readonly last: number;
  readonly fault: boolean;
  /** Shares of the bar, of 1: the bar may change its width before anybody has measured it. */
  readonly from: number;
  readonly share: number;
  /** Whether its title fits into it. */
  readonly told: boolean;
}

/** The chapters of a part of a run, counted from its first moment on. */
export function chaptersIn(chapters: readonly ChapterView[], begin: number, end: number): readonly ChapterView[] {
  const under = chapters.findLast(({ event }) => event <= begin);
  const inside = chapters.filter(({ event }) => event > begin && event < end);
  return [...(under === undefined ? [] : [{ ...under, event: begin }]), ...inside].map((chapter) => ({
    ...chapter,
    event: chapter.event - begin,
  }));
}

/**
 * The chapters of a run of `events` events as segments of a bar; what comes before the first has no title, and one in
 * which nothing happens, for instance because the machine had stopped, has no segment.
 */
export function segmentsOf(chapters: readonly ChapterView[], events: number, width: number): readonly Segment[] {
  if (events === 0 || width <= 0) return [];
  const before: ChapterView[] = chapters[0]?.event === 0 ? [] : [{ event: 0, title: '', fault: false }];
  const all = [...before, ...chapters];
  return all.flatMap(({ event, title, fault }, index) => {
    const last = all[index + 1]?.event ?? events;
    if (last === event) return [];
    const share = (last - event) / events;
    const told = wordsWidth(title) + PADDING <= share * width - SEGMENT_GAP;
    return [{ title, first: event, last, fault, from: event / events, share, told }];
  });
}

/** The event under a point of the bar. */
export function eventAt(x: number, width: number, events: number): number {
  return Math.max(0, Math.min(events, Math.round((x / Math.max(1, width)) * events)));
}

/** How near to a flag a pointer means its event, in px. */
const FLAG = 5;

/** The bookmarked event whose flag a point of the bar is at, null for none. */
export function markedNear(
  x: number,
  width: number,
  events: number,
  marks: readonly { readonly event: number }[],
): number | null {
  const away = ({ event }: { readonly event: number }) => Math.abs((event / Math.max(1, events)) * width - x);
  const [nearest] = [...marks].sort((one, other) => away(one) - away(other));
  return nearest !== undefined && nearest.event <= events && away(nearest) <= FLAG ? nearest.event : null;
}

/** What a key does to a slider at `at` of `events`; null for other keys. */
export function eventForKey(key: string, at: number, events: number): number | null {
  const page = Math.max(1, Math.round(events / 10));
  const moves: Record<string, number> = {
    ArrowRight: at + 1,
    ArrowUp: at + 1,
    ArrowLeft: at - 1,
    ArrowDown: at - 1,
    PageUp: at + page,
    PageDown: at - page,
    Home: 0,
    End: events,
  };
  const wanted = moves[key];
  return wanted === undefined ? null : Math.max(0, Math.min(events, wanted));
}
