import type { DensityView } from '../engine/contract.ts';

export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly tone: DensityView['counts'][number]['mover'] | 'fault';
}

const FAULT_TICK = 2;

/** Bars that stand on the lower edge, one mover over the other, as high as the parts are full; a fault has a tick through all. */
export function barsOf({ counts, faults }: DensityView, width: number, height: number): readonly Bar[] {
  const own = width / Math.max(1, faults.length);
  const sums = faults.map((_, part) => counts.reduce((sum, { parts }) => sum + (parts[part] ?? 0), 0));
  const most = Math.max(1, ...sums);
  return faults.flatMap((fault, part): Bar[] => {
    const x = part * own;
    if (fault) return [{ x, y: 0, width: Math.max(FAULT_TICK, own), height, tone: 'fault' }];
    let top = height;
    return counts.flatMap(({ mover, parts }): Bar[] => {
      const high = ((parts[part] ?? 0) / most) * height;
      top -= high;
      return high === 0 ? [] : [{ x, y: top, width: own, height: high, tone: mover }];
    });
  });
}
