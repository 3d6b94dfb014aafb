import { hasBug, tellBug } from '../policy/policy.ts';
import { tasks } from '../process/task.ts';
import type { World } from '../world/world.ts';
import { bondOf, contextOf } from './context.ts';
import { isHeeded } from './detach.ts';
import { domainOf, memberOf } from './group.ts';
import { processWithPasid } from './process.ts';

/** How often a device is bound to a process, and not unbound again. */
export function usesLeft(world: World, device: number, process: number): number {
  const context = contextOf(world, process, domainOf(world, device));
  return (context && bondOf(world, context.id, device)?.binds) ?? 0;
}

/**
 * The bond that a bind made has not ended meanwhile, and there is somebody left whose files will be closed: a driver
 * starts no PASID that it was just told to stop. Where a leaving device is not heeded, only the exit of the process is
 * told.
 */
export function isStillBound(world: World, device: number, mm: number, pasid: number): boolean {
  if (isBound(world, device, mm, pasid)) return true;
  if (!hasBug(world, 'started-unasked')) return false;
  tellBug(world, { unless: ', and does not look whether the bond has ended' });
  return true;
}

function isBound(world: World, device: number, mm: number, pasid: number): boolean {
  const process = processWithPasid(world, pasid);
  if (process?.state !== 'live' || process.mm !== mm) return false;
  if (tasks.first(world, (task) => task.mm === mm) === undefined) return false;
  if (!isHeeded(world)) return true;
  return memberOf(world, device)?.leaving === 0 && usesLeft(world, device, process.id) > 0;
}
