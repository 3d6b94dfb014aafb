import { linkHorizontal } from 'd3';
import type { Point } from './threads.ts';

export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const across = linkHorizontal<{ source: Point; target: Point }, Point>();
/** Room for the arrow's head before the thing it points at. */
const HEAD = 2;

/** An arrow from the side of one box to the facing side of another, straight out of the first and into the second. */
export function linkBetween(from: Rect, to: Rect): string {
  const rightward = from.left < to.left;
  const source: Point = [rightward ? from.left + from.width : from.left, middle(from)];
  const target: Point = [rightward ? to.left - HEAD : to.left + to.width + HEAD, middle(to)];
  return across({ source, target }) ?? '';
}

function middle({ top, height }: Rect): number {
  return top + height / 2;
}

/** Whether the middle of a box is inside another: what is scrolled away has no arrow. */
export function isWithin(rect: Rect, frame: Rect): boolean {
  const y = middle(rect);
  return y >= frame.top && y <= frame.top + frame.height;
}

/** A line of a card, moved into what is in sight of the card; null when nothing of it is. */
export function inSight(line: Rect, card: Rect, frame: Rect): Rect | null {
  const [top, bottom] = [Math.max(card.top, frame.top), Math.min(card.top + card.height, frame.top + frame.height)];
  if (bottom - top < line.height) return null;
  return { ...line, top: Math.max(top, Math.min(line.top, bottom - line.height)) };
}
