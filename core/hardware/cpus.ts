/** Which architecture the CPUs of a machine have, and with it the format of all its page tables. */
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { ARM64 } from './arm64/format.ts';
import type { PageFormat, PageFormatName } from './page-format.ts';
import { SV39, SV48 } from './riscv/format.ts';

const FORMATS: Readonly<Record<PageFormatName, PageFormat>> = { arm64: ARM64, sv39: SV39, sv48: SV48 };

/** One row where the CPUs are not arm64, none where they are. */
interface Cpus extends Row {
  readonly format: PageFormatName;
}

export const cpus = table<Cpus>('cpus', { format: 'text' }, (id, r) => ({ id, h0: 0, h1: 0, format: r.format }));

/** Settles the architecture of a machine that is being switched on. */
export function settleFormat(world: World, format: PageFormatName): void {
  if (format !== ARM64.name) cpus.insert(world, { format });
}

/** The format of all page tables of the machine: those of processes, of DMA addresses and of private PASIDs. */
export function formatOf(world: World): PageFormat {
  const row = cpus.slots(world)[0];
  return row === undefined ? ARM64 : FORMATS[row.format];
}

export type Architecture = 'arm64' | 'riscv';

export function architectureOf(world: World): Architecture {
  return formatOf(world) === ARM64 ? 'arm64' : 'riscv';
}
