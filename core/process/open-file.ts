import { hook, type Next } from '../sim/procedure.ts';
import { inWords } from '../sim/telling.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

/** A file of a driver that the threads of an mm have open. A forked child does not inherit it in the model (O_CLOFORK). */
export interface OpenFile extends Row {
  readonly mm: number;
  readonly driver: 'accel' | 'vfio';
  /** What it stands for with that driver: a device, or a container of VFIO. */
  readonly minor: number;
}

export const openFiles = table<OpenFile>('open-file', { mm: 'int', driver: 'text', minor: 'int' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  mm: r.mm,
  driver: r.driver,
  minor: r.minor,
}));

export function openFileOf(world: World, mm: number): OpenFile | undefined {
  return openFiles.first(world, (row) => row.mm === mm);
}

/** open(), once for each process. */
export function noteOpen(world: World, file: Pick<OpenFile, 'mm' | 'driver' | 'minor'>): void {
  const { mm, driver, minor } = file;
  const known = openFiles.first(world, (row) => row.mm === mm && row.driver === driver && row.minor === minor);
  if (known === undefined) openFiles.insert(world, { mm, driver, minor });
}

/** release() of the driver whose file is closed; the address space of those who had it open may be gone. */
export const fileReleased = hook('file_operations.release', ['mm', 'minor']);

/** What a file stands for, in words. */
export function fileInWords(world: World, { driver, minor }: OpenFile): string {
  return inWords(world, driver === 'vfio' ? 'container' : 'device', minor);
}

/** close(): its driver is told. */
export function closeFile(world: World, { id, mm, driver, minor }: OpenFile): Next {
  openFiles.remove(world, id);
  return fileReleased.begin({ mm, minor }, driver);
}
