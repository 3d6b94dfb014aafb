import { assert } from '../lib/assert.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

/** Links a process and a domain: there is an entry for it in the PASID table of that domain. */
export interface IommuContext extends Row {
  readonly process: number;
  readonly domain: number;
  /** Devices of the domain that are bound: the number of its bonds. */
  readonly devices: number;
}

export const contexts = table<IommuContext>('context', { process: 'int', domain: 'int', devices: 'int' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  process: r.process,
  domain: r.domain,
  devices: r.devices,
}));

/** Who bound what: a device in a context, and how often it did (RFCv2 repaired: not a bare count per context). */
export interface Bond extends Row {
  readonly context: number;
  readonly device: number;
  readonly binds: number;
  /** 1 while mm_exit() of its driver runs: only release may end it. */
  readonly exiting: number;
}

export const bonds = table<Bond>('bond', { context: 'int', device: 'int', binds: 'int', exiting: 'int' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  context: r.context,
  device: r.device,
  binds: r.binds,
  exiting: r.exiting,
}));

export function contextOf(world: World, process: number, domain: number): IommuContext | undefined {
  return contexts.first(world, (row) => row.process === process && row.domain === domain);
}

export function contextsOf(world: World, process: number): IommuContext[] {
  return contexts.all(world).filter((row) => row.process === process);
}

export function bondOf(world: World, context: number, device: number): Bond | undefined {
  return bonds.first(world, (row) => row.context === context && row.device === device);
}

export function bondsOf(world: World, context: number): Bond[] {
  return bonds.all(world).filter((row) => row.context === context);
}

export function bondsOfDevice(world: World, device: number): Bond[] {
  return bonds.all(world).filter((row) => row.device === device);
}

/** Adds the first bind of a device to a context. */
export function addBond(world: World, context: number, device: number): Bond {
  assert(bondOf(world, context, device) === undefined, 'a device has one bond per context');
  contexts.edit(world, context, (row) => {
    row.devices += 1;
  });
  return bonds.insert(world, { context, device, binds: 1, exiting: 0 });
}

/** Ends a bond; true if it was the last of its context. */
export function removeBond(world: World, bond: Bond): boolean {
  bonds.remove(world, bond.id);
  const context = contexts.edit(world, bond.context, (row) => {
    row.devices -= 1;
  });
  return context.devices === 0;
}
