import { devices } from '../../devices/device.ts';
import { requestGroups } from '../../devices/page-request.ts';
import { accels } from '../../drivers/accel/accel.ts';
import { containers } from '../../drivers/vfio/container.ts';
import { bonds, contexts } from '../../iommu/context.ts';
import { domains } from '../../iommu/domain.ts';
import { domainOf } from '../../iommu/group.ts';
import { processes, processWithPasid } from '../../iommu/process.ts';
import { spaces } from '../../iommu/space.ts';
import { type Task, tasks } from '../../process/task.ts';
import type { World } from '../../world/world.ts';
import type { Play } from '../play.ts';
import { machineOf } from '../play.ts';

/** The live state as commands name it. */
export interface Live {
  readonly world: World;
  /** One thread of each process that has memory: the first. */
  readonly programs: readonly Task[];
  /** All threads that have memory. */
  readonly threads: readonly Task[];
  readonly devices: readonly string[];
  /** Domains, and private PASIDs. */
  readonly spaces: readonly string[];
  readonly bound: readonly { readonly process: string; readonly device: string }[];
  /** Devices that are in no domain. */
  readonly loose: readonly string[];
  /** Devices whose driver lets bind, unbind and remove cross. */
  readonly unserialised: readonly string[];
  /** Containers of VFIO. */
  readonly containers: readonly string[];
  /** Page request groups sent by hand that still need their last request. */
  readonly open: readonly { readonly process: string; readonly device: string; readonly prgi: number }[];
}

export function liveState(play: Play): Live {
  const { world } = machineOf(play);
  const running = tasks.all(world).filter((task) => task.mm >= 0 && task.state === 'running');
  const programs = running.filter((task) => running.find((other) => other.mm === task.mm) === task);
  const names = devices.all(world).map(({ name }) => name);
  const named = [...domains.all(world), ...spaces.all(world)].map(({ name }) => name);
  const bound = boundPairs(world, programs);
  const [loose, open] = [looseDevices(world), openGroups(world, programs)];
  const boxes = containers.all(world).map(({ name }) => name);
  const unserialised = accels.all(world).flatMap((row) => (row.mutex < 0 ? [devices.get(world, row.device).name] : []));
  const [ofProcesses, ofDevices] = [
    { programs, threads: running, bound },
    { devices: names, loose, unserialised },
  ];
  return { world, ...ofProcesses, ...ofDevices, spaces: named, containers: boxes, open };
}

function boundPairs(world: World, programs: readonly Task[]): Live['bound'] {
  return bonds.all(world).flatMap((bond) => {
    const mm = processes.find(world, contexts.find(world, bond.context)?.process ?? -1)?.mm;
    const program = programs.find((task) => task.mm === mm);
    return program === undefined ? [] : [{ process: program.name, device: devices.get(world, bond.device).name }];
  });
}

function openGroups(world: World, programs: readonly Task[]): Live['open'] {
  return requestGroups.all(world).flatMap(({ device, pasid, prgi, job, open }) => {
    const mm = processWithPasid(world, pasid)?.mm;
    const program = programs.find((task) => task.mm === mm);
    if (job >= 0 || open === 0 || program === undefined) return [];
    return [{ process: program.name, device: devices.get(world, device).name, prgi }];
  });
}

function looseDevices(world: World): string[] {
  return devices.all(world).flatMap(({ id, name }) => (domainOf(world, id) < 0 ? [name] : []));
}
