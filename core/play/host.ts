import { devices } from '../devices/device.ts';
import { containerOfGroup } from '../drivers/vfio/container.ts';
import { groupOf } from '../iommu/attach.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { World } from '../world/world.ts';
import { type Refused, refuse } from './play.ts';
import { findDevice } from './resolve.ts';

/** A device that a driver of the kernel has, not VFIO for user space. */
export function findHostDevice(world: World, name: string): Result<number, Refused> {
  const found = findDevice(world, name);
  return found.ok ? hostDevice(world, found.value) : found;
}

export function hostDevice(world: World, device: number): Result<number, Refused> {
  const container = containerOfGroup(world, groupOf(world, device));
  if (container === undefined) return ok(device);
  const { name } = devices.get(world, device);
  return err(refuse('EBUSY', `${name} belongs to the container ${container.name}: vfio bind binds all its devices`));
}
