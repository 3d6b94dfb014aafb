import { devices } from '../devices/device.ts';
import { formatOf } from '../hardware/cpus.ts';
import type { PageFormat } from '../hardware/page-format.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { type Task, tasks } from '../process/task.ts';
import { userPages } from '../process/vma.ts';
import type { Address } from '../script/index.ts';
import type { Actor } from '../sim/actor.ts';
import { actors } from '../sim/actor.ts';
import { stepOf } from '../sim/procedure.ts';
import type { World } from '../world/world.ts';
import { machineOf, type Play, type Refused, refuse } from './play.ts';

type Found<T> = Result<T, Refused>;

/** The live process of a name. */
export function findTask(world: World, name: string): Found<Task> {
  const task = tasks.first(world, (row) => row.name === name && row.state !== 'dead');
  if (task !== undefined) return ok(task);
  return err(refuse('ESRCH', `there is no process ${name}, or it has exited`));
}

/** A process with its address space. */
export function findProcess(world: World, name: string): Found<Task> {
  const task = findTask(world, name);
  if (task.ok && task.value.mm < 0) return err(refuse('ESRCH', `${name} has given up its address space`));
  if (task.ok && isCalling(world, task.value.mm, 'exit')) return err(refuse('ESRCH', `${name} is about to exit`));
  if (task.ok && isCalling(world, task.value.mm, 'execve')) return err(refuse('EBUSY', `${name} is in execve()`));
  return task;
}

/**
 * A thread of the process was told to exit, and takes all others along, as exit_group() does; or it becomes another
 * program, which does the same.
 */
function isCalling(world: World, mm: number, procedure: 'exit' | 'execve'): boolean {
  return tasks.first(world, (row) => row.mm === mm && callOf(actors.get(world, row.actor)) === procedure) !== undefined;
}

/** The outermost procedure of an actor, null if it has nothing to do. */
function callOf({ frame }: Actor): string | null {
  let outermost = frame;
  while (outermost !== null && outermost.caller !== null) outermost = outermost.caller;
  return outermost === null ? null : stepOf(outermost).procedure;
}

export function findDevice(world: World, name: string): Found<number> {
  const device = devices.first(world, (row) => row.name === name);
  return device === undefined ? err(refuse('ENODEV', `there is no device ${name}`)) : ok(device.id);
}

/** A place in an address space: page number and byte offset. */
export interface Spot {
  readonly page: number;
  readonly offset: number;
}

const SIGN_EXTENSION = 0xffff_0000;

/** Why an address is none of a process: half of those of Sv39 and Sv48 are the kernel's. */
export function beyond({ name, inputBits, userPages: pages }: PageFormat): string {
  const bits = Math.log2(pages) + 12;
  return bits === inputBits ? `it has more than ${bits} bits` : `users have ${bits} bits of address with ${sv(name)}`;
}

const sv = (name: string): string => name.replace('sv', 'Sv');

/** Where an address of a process is; a region is found by its name even after it was unmapped. */
export function findSpot(play: Play, process: string, address: Address): Found<Spot> {
  const { world } = machineOf(play);
  if (address.kind === 'literal') {
    const page = address.hi * 2 ** 20 + (address.lo >>> 12);
    if ((address.hi & SIGN_EXTENSION) !== 0 || page >= userPages(world)) {
      return err(refuse('EFAULT', `the address is not one of a process: ${beyond(formatOf(world))}`));
    }
    return ok({ page, offset: address.lo & 0xfff });
  }
  const start = play.regions.get(process)?.get(address.region);
  if (start === undefined) return err(refuse('EFAULT', `${process} has no region ${address.region}`));
  return ok({ page: start + Math.floor(address.offset / 4096), offset: address.offset % 4096 });
}

/** How an actor is written in a script: its name, with dashes for blanks. */
export function actorName(actor: Pick<Actor, 'name'>): string {
  return actor.name.toLowerCase().replaceAll(' ', '-');
}

export function findActor(world: World, name: string): Found<Actor> {
  const own = actors.all(world).filter((row) => actorName(row) === name);
  // A name may be that of a dead process and of a living one.
  const actor = own.find((row) => row.frame !== null) ?? own.at(-1);
  return actor === undefined ? err(refuse('ESRCH', `nobody is called ${name}`)) : ok(actor);
}

/** Remembers where a region begins; the first of several with one name keeps it. */
export function nameRegion(play: Play, process: string, region: string, page: number): void {
  const regions = play.regions.get(process) ?? new Map<string, number>();
  play.regions.set(process, regions);
  if (!regions.has(region)) regions.set(region, page);
}

/** Lets a thread name the regions of its process, also those still to come. */
export function shareRegions(play: Play, process: string, thread: string): void {
  const regions = play.regions.get(process) ?? new Map<string, number>();
  play.regions.set(process, regions);
  play.regions.set(thread, regions);
}

/** The name of a mapped file or area as a script writes it: libc.so.6, heap. */
export function regionName(name: string): string {
  const base = name.slice(name.lastIndexOf('/') + 1);
  return base.replace(/[[\]]/g, '').toLowerCase() || 'anon';
}
