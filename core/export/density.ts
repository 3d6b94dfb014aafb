import { devices } from '../devices/device.ts';
import { siliconOf } from '../iommu/silicon.ts';
import type { Machine } from '../machine/machine.ts';

/** Who moves in an event: a program or the script, the kernel, the IOMMU, or a device. */
export const MOVERS = ['program', 'kernel', 'iommu', 'device'] as const;

/** A run, or a part of it, in equal parts: how many events of each kind of mover each part has, and whether a fault is among them. */
export interface DensityView {
  readonly counts: readonly { readonly mover: (typeof MOVERS)[number]; readonly parts: readonly number[] }[];
  readonly faults: readonly boolean[];
}

/** No screen has more pixels in a row. */
const MOST_PARTS = 4096;
const KERNEL_LANES: ReadonlySet<string> = new Set([
  'device-driver',
  'iommu',
  'mm',
  'faults',
  'smmu-driver',
  'mm reaper',
]);

export function densityOf(
  { world, trace: whole }: Machine,
  wanted: number,
  { first, last }: { readonly first: number; readonly last: number } = { first: 0, last: whole.length },
): DensityView {
  const trace = whole.slice(first, last);
  const parts = Math.max(1, Math.min(MOST_PARTS, Math.trunc(wanted) || 1));
  const hardware = new Map<string, number>([
    ...siliconOf(world)
      .iommus.all(world)
      .map(({ name }) => [name, 2] as const),
    ...devices.all(world).map(({ name }) => [name, 3] as const),
  ]);
  const counts = MOVERS.map((mover) => ({ mover, parts: new Array<number>(parts).fill(0) }));
  const faults = new Array<boolean>(parts).fill(false);
  for (const [index, { lane, fault }] of trace.entries()) {
    const part = Math.floor((index * parts) / trace.length);
    const mover = KERNEL_LANES.has(lane) ? 1 : (hardware.get(lane) ?? 0);
    const row = counts[mover]?.parts ?? [];
    row[part] = (row[part] ?? 0) + 1;
    if (fault) faults[part] = true;
  }
  return { counts, faults };
}
