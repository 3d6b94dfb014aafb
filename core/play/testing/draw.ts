import { below, type Random } from '../../sim/random.ts';

/** Where chance comes from: seeded, so that a run can be played again. */
export type Draw = Random;

/** One of several. */
export function oneOf<T>(draw: Draw, items: readonly [T, ...T[]]): T;
export function oneOf<T>(draw: Draw, items: readonly T[]): T | undefined;
export function oneOf<T>(draw: Draw, items: readonly T[]): T | undefined {
  return items[items.length === 0 ? 0 : below(draw, items.length)];
}

/** True in `part` of `whole` cases. */
export function chance(draw: Draw, part: number, whole: number): boolean {
  return below(draw, whole) < part;
}

/** From `min` to `max`, both included. */
export function between(draw: Draw, min: number, max: number): number {
  return min + below(draw, max - min + 1);
}
