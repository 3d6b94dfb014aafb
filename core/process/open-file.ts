import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

/** A device that the threads of an mm have open. A forked child does not inherit it in the model (O_CLOFORK). */
export interface OpenFile extends Row {
  readonly mm: number;
  readonly device: number;
}

export const openFiles = table<OpenFile>('open-file', { mm: 'int', device: 'int' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  mm: r.mm,
  device: r.device,
}));

export function openFileOf(world: World, mm: number): OpenFile | undefined {
  return openFiles.first(world, (row) => row.mm === mm);
}

/** open() of the device's file, once for each process. */
export function openDevice(world: World, mm: number, device: number): void {
  const known = openFiles.first(world, (row) => row.mm === mm && row.device === device);
  if (known === undefined) openFiles.insert(world, { mm, device });
}
