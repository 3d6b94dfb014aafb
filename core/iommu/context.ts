import { decides } from '../policy/policy.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

/** Links a process and a domain: there is an entry for it in the PASID table of that domain. */
export interface IommuContext extends Row {
  readonly process: number;
  readonly domain: number;
  /** Devices of the domain that are bound; where the policy knows no bonds, how often they bound: iommu_context.ref. */
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

/**
 * Who bound what: a device in a context, and how often it did. As posted the kernel has a bare count per context: there
 * a bond is what the driver of the device knows, and the kernel never looks at it.
 */
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

/** Whether the kernel knows how many binds a context has, and not whose. */
const countsOnly = (world: World): boolean => decides(world, 'bonds', 'counted');

/** What a context has to count, as its devices know it. */
export function usesOf(world: World, context: number): number {
  const own = bondsOf(world, context);
  return countsOnly(world) ? own.reduce((sum, { binds }) => sum + binds, 0) : own.length;
}

/** The contexts that a device can be taken out of: those that it is bound in; all of its domain where none knows whose a bind is. */
export function contextsOfDevice(world: World, domain: number, device: number): IommuContext[] {
  const ofDomain = contexts.all(world).filter((row) => row.domain === domain);
  return countsOnly(world) ? ofDomain : ofDomain.filter(({ id }) => bondOf(world, id, device) !== undefined);
}

/** Counts a bind of a device. */
export function addBind(world: World, context: number, device: number): void {
  const bond = bondOf(world, context, device);
  if (bond === undefined) bonds.insert(world, { context, device, binds: 1, exiting: 0 });
  else setBinds(world, bond, bond.binds + 1);
  if (bond === undefined || countsOnly(world)) count(world, context, 1);
}

/** Takes a bind of a device back: whether it is bound still, has left others behind in the context, or was the last. */
export function dropBind(world: World, context: number, device: number): 'bound' | 'left' | 'last' {
  const bond = bondOf(world, context, device);
  const isBound = bond !== undefined && bond.binds > 1;
  if (bond !== undefined) setBinds(world, bond, bond.binds - 1);
  if (isBound && !countsOnly(world)) return 'bound';
  return count(world, context, -1) === 0 ? 'last' : 'left';
}

/** Ends a bond with all its binds; true if its context counts no more. */
export function removeBond(world: World, bond: Bond): boolean {
  bonds.remove(world, bond.id);
  return count(world, bond.context, countsOnly(world) ? -bond.binds : -1) === 0;
}

/** Takes a device out of a context; as posted that takes one bind back, whoever made it. True if it counts no more. */
export function dropDevice(world: World, context: number, device: number): boolean {
  const bond = bondOf(world, context, device);
  if (bond !== undefined && !countsOnly(world)) return removeBond(world, bond);
  if (bond !== undefined) bonds.remove(world, bond.id);
  return count(world, context, -1) === 0;
}

/** Raises what a context counts by a device that has no bond. */
export function raiseCount(world: World, context: number): void {
  count(world, context, 1);
}

function count(world: World, context: number, by: number): number {
  return contexts.edit(world, context, (row) => {
    row.devices += by;
  }).devices;
}

function setBinds(world: World, bond: Bond, binds: number): void {
  if (binds === 0) bonds.remove(world, bond.id);
  else {
    bonds.edit(world, bond.id, (row) => {
      row.binds = binds;
    });
  }
}
