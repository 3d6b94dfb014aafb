import { scaleLinear } from 'd3';
import type { LevelView, TableView } from '../engine/contract.ts';

const SLOTS = 512;
export const STRIP_HEIGHT = 16;
const TICK = 3;
const THIN_TICK = 2;
/** Below this width of a strip its ticks are thin, so that neighbours stay apart. */
const WIDE_STRIP = 120;
const GAP = 6;
const NARROW_GAP = 2;
/** So many tables at a level stand close together. */
const MANY = 12;

export interface Tick {
  readonly key: string;
  readonly index: number;
  /** Page number that it leads to. */
  readonly to: string;
  /** Left edge, and its middle. */
  readonly x: number;
  readonly middle: number;
  readonly width: number;
}

/** A page table: 512 slots side by side, with a tick where an entry is used. */
export interface Strip {
  readonly key: string;
  readonly pfn: string;
  readonly base: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly ticks: readonly Tick[];
}

/** The middle of a slot in a strip from `x` on. */
export function slotMiddle(strip: Pick<Strip, 'x' | 'width'>, index: number): number {
  return scaleLinear([0, SLOTS], [strip.x, strip.x + strip.width])(index + 0.5);
}

/** The tables of one level share the width in equal parts, in the order of their addresses. */
export function stripsOf(level: LevelView, y: number, width: number): readonly Strip[] {
  const count = level.tables.length;
  const gap = count > MANY ? NARROW_GAP : GAP;
  const own = (width - gap * (count - 1)) / Math.max(1, count);
  return level.tables.map((table, index) => stripOf(table, index * (own + gap), y, own));
}

function stripOf(table: TableView, x: number, y: number, width: number): Strip {
  const tick = width < WIDE_STRIP ? THIN_TICK : TICK;
  const ticks = table.entries.map(({ key, index, to }): Tick => {
    const middle = slotMiddle({ x, width }, index);
    return { key, index, to, middle, x: clamp(middle - tick / 2, x, x + width - tick), width: tick };
  });
  const { key, pfn, base } = table;
  return { key, pfn, base, x, y, width, ticks };
}

export function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
