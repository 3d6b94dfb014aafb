import { line, scaleLinear, scaleLog } from 'd3';

/** A value for one size of working set. */
export interface Sample {
  readonly pages: number;
  readonly value: number;
}

export interface Mark {
  readonly at: number;
  readonly label: string;
}

/** A curve over sizes of working sets, in its box. */
export interface Curve {
  readonly path: string;
  readonly dots: readonly { readonly x: number; readonly y: number; readonly sample: Sample }[];
  /** Marks on the axes: where, and what stands there. */
  readonly across: readonly Mark[];
  readonly up: readonly Mark[];
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}

const LEFT = 58;
const RIGHT = 14;
const TOP = 10;
const BOTTOM = 24;
/** Marks on the axis of sizes that fit beside each other. */
const ROOM = 56;

/** Draws a curve into a box; sizes go up by doubling, values from 0 to `most`. */
export function curveOf(
  samples: readonly Sample[],
  box: { readonly width: number; readonly height: number },
  largest: number,
  most: number,
  write: (value: number) => string,
): Curve {
  const right = box.width - RIGHT;
  const bottom = box.height - BOTTOM;
  const x = scaleLog([1, Math.max(2, largest)], [LEFT, right]).base(2);
  const y = scaleLinear([0, most], [bottom, TOP]);
  const dots = samples.map((sample) => ({ x: x(sample.pages), y: y(sample.value), sample }));
  const doublings = Math.log2(Math.max(2, largest));
  const every = Math.max(1, Math.ceil((doublings * ROOM) / (right - LEFT)));
  const across = Array.from({ length: Math.floor(doublings / every) + 1 }, (_none, index) => 2 ** (index * every));
  return {
    path:
      line<(typeof dots)[number]>(
        (dot) => dot.x,
        (dot) => dot.y,
      )(dots) ?? '',
    dots,
    across: across.map((pages) => ({ at: x(pages), label: pages.toLocaleString('en') })),
    up: [0, most / 2, most].map((value) => ({ at: y(value), label: write(value) })),
    ...{ left: LEFT, right, bottom },
  };
}

/** A round number that no value is above: 1, 2 or 5 times a power of ten. */
export function ceilingOf(values: readonly number[]): number {
  const highest = Math.max(1, ...values);
  const unit = 10 ** Math.floor(Math.log10(highest));
  return [1, 2, 5, 10].map((times) => times * unit).find((value) => value >= highest) ?? highest;
}
