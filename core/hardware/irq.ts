/** Interrupt lines: edges that wait until the kernel's interrupt thread takes them. */
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

export interface Irq extends Row {
  readonly name: string;
  /** 1 from the edge until the interrupt thread clears it; edges in between are one. */
  readonly pending: number;
}

export const irqs = table<Irq>('irq', { name: 'name', pending: 'int' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  name: r.name,
  pending: r.pending,
}));

/** Adds a line on which nothing is pending. */
export function createIrq(world: World, name: string): number {
  return irqs.insert(world, { name, pending: 0 }).id;
}

export function raise(world: World, irq: number): void {
  irqs.edit(world, irq, (row) => {
    row.pending = 1;
  });
}

/** A guard: the line was raised and nobody has taken it. */
export function isPending(world: World, irq: number): boolean {
  return irqs.get(world, irq).pending === 1;
}

/** The interrupt thread takes it, before it looks at what the device has to say. */
export function clear(world: World, irq: number): void {
  irqs.edit(world, irq, (row) => {
    row.pending = 0;
  });
}
