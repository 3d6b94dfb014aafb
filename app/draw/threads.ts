import { curveBumpY, line, linkVertical } from 'd3';

export type Point = readonly [x: number, y: number];

const falling = linkVertical<{ source: Point; target: Point }, Point>();
const through = line<Point>().curve(curveBumpY);

/** A thread that leaves and arrives straight down. */
export function thread(source: Point, target: Point): string {
  return falling({ source, target }) ?? '';
}

/** One thread through all of these points, straight down at each. */
export function longThread(points: readonly Point[]): string {
  return through(points) ?? '';
}

/** The shape between an entry and the table that it opens into: from one point to the table's whole width. */
export function funnel([x, y]: Point, left: number, right: number, bottom: number): string {
  const half = (y + bottom) / 2;
  return [
    `M${round(x)},${y}C${round(x)},${half},${round(left)},${half},${round(left)},${bottom}`,
    `L${round(right)},${bottom}C${round(right)},${half},${round(x)},${half},${round(x)},${y}Z`,
  ].join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
