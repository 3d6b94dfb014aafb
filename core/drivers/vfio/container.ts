import { bonds, contexts } from '../../iommu/context.ts';
import { members } from '../../iommu/group.ts';
import { processes } from '../../iommu/process.ts';
import { type Actor, actors } from '../../sim/actor.ts';
import { stepOf } from '../../sim/procedure.ts';
import { writesAs } from '../../sim/telling.ts';
import type { Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';

/**
 * VFIO for user-space drivers: a container is an open /dev/vfio/vfio, groups are put into it, and what it binds or maps
 * holds for every device of every group. drivers/vfio/vfio_iommu_type1.c; RFCv2 10/36 as far as v2 13/40 tells it.
 */
export interface Container extends Row {
  readonly name: string;
  /** The mm that has it open. */
  readonly owner: number;
  /** struct vfio_iommu.lock. */
  readonly mutex: number;
}

export const containers = table<Container>('vfio-container', { name: 'name', owner: 'int', mutex: 'int' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  name: r.name,
  owner: r.owner,
  mutex: r.mutex,
}));

/** A group that was put into a container. */
export interface VfioGroup extends Row {
  readonly container: number;
  readonly group: number;
  /** The domain that it goes back to, -1 for none. */
  readonly home: number;
}

export const vfioGroups = table<VfioGroup>('vfio-group', { container: 'int', group: 'int', home: 'int' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  container: r.container,
  group: r.group,
  home: r.home,
}));

export const VFIO_TABLES = [containers, vfioGroups] as const;

export function containerOfGroup(world: World, group: number): Container | undefined {
  const held = vfioGroups.first(world, (row) => row.group === group);
  return held && containers.get(world, held.container);
}

/** The groups of a container, in the order in which they came. */
export function groupsIn(world: World, container: number): VfioGroup[] {
  return vfioGroups.all(world).filter((row) => row.container === container);
}

/** All devices of all groups of a container. */
export function devicesOf(world: World, container: number): number[] {
  const own = new Set(groupsIn(world, container).map(({ group }) => group));
  return members
    .all(world)
    .filter(({ group }) => own.has(group))
    .map(({ device }) => device);
}

/** The next device of a container behind another one, undefined behind the last; -1 stands before the first. */
export function nextDevice(world: World, container: number, after: number): number | undefined {
  return devicesOf(world, container)
    .sort((one, other) => one - other)
    .find((device) => device > after);
}

/**
 * Whether a process is bound through a container. The bonds of its devices are the list of what is bound (struct
 * vfio_mm): nobody else can bind them, and a bond that ended with its process is gone from it at once.
 */
export function isBoundIn(world: World, container: number, process: number): boolean {
  const own = new Set(devicesOf(world, container));
  return (
    bonds.first(world, ({ context, device }) => own.has(device) && contexts.get(world, context).process === process) !==
    undefined
  );
}

/** Threads in an ioctl of a container, or at its last close: each holds the file, so that it cannot go under their hands. */
export function holdersOf(world: World, container: number): number {
  return actors.all(world).filter(({ frame }) => hasLocal(frame, 'container', container)).length;
}

function hasLocal(frame: Actor['frame'], key: string, id: number): boolean {
  for (let each = frame; each !== null; each = each.caller) {
    if (stepOf(each).keys.includes(key) && each.locals[key] === id) return true;
  }
  return false;
}

/** The next process that is bound in a container, in the order of ids; -1 stands before the first. */
export function nextBound(world: World, container: number, after: number): number | undefined {
  return processes.first(world, ({ id, state }) => id > after && state === 'live' && isBoundIn(world, container, id))
    ?.id;
}

writesAs('container', (world, id) => `container ${containers.find(world, id)?.name ?? 'that was closed'}`);
