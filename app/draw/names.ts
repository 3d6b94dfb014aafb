import type { MachineView } from '../engine/contract.ts';

/** The name that a script gives to a thing of the machine; null where it has none. */
export function nameOf(view: MachineView | null, key: string | null): string | null {
  if (view === null || key === null) return null;
  for (const process of view.processes) {
    if (process.key === key) return process.name;
    const area = process.vmas.find((vma) => vma.key === key);
    if (area !== undefined) return area.name;
  }
  const device = view.groups.flatMap(({ devices }) => devices).find((each) => each.key === key);
  return device?.name ?? null;
}
