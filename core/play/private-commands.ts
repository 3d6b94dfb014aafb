import { allocPasidIoctl, freePasidIoctl } from '../drivers/accel/private.ts';
import { domains } from '../iommu/domain.ts';
import { ANY_PASID } from '../iommu/private-pasid.ts';
import { spaces } from '../iommu/space.ts';
import { decides } from '../policy/policy.ts';
import { tasks } from '../process/task.ts';
import type { CommandOf } from '../script/index.ts';
import type { World } from '../world/world.ts';
import { answer, silent, words } from './commands.ts';
import { findHostDevice } from './host.ts';
import { machineOf, type Play, type Refused, refuse, type Said } from './play.ts';
import { callInDriver } from './threads.ts';

export function doAllocPasid(play: Play, command: CommandOf<'alloc-pasid'>): Said | Refused {
  const machine = machineOf(play);
  const { world } = machine;
  const device = findHostDevice(world, command.device);
  if (!device.ok) return device.error;
  if (decides(world, 'private-pasid', 'none'))
    return refuse('EOPNOTSUPP', 'this design has PASIDs of processes only; v2-2018 and mainline have private ones');
  if (isNamed(world, command.name)) return refuse('EEXIST', `there is a domain, a process or a PASID ${command.name}`);
  const wanted = command.pasid ?? ANY_PASID;
  const finished = callInDriver(machine, words(command), command.background, (w) => {
    const fresh = { name: command.name, device: device.value, domain: -1, pasid: -1, state: 'attaching' } as const;
    const space = spaces.insert(w, fresh).id;
    return allocPasidIoctl.at.enter({ device: device.value, space, wanted });
  });
  return answer(command.verb, finished, (pasid) => (command.background ? '' : `PASID ${pasid}`));
}

const isNamed = (world: World, name: string): boolean =>
  [domains, spaces, tasks].some((table) => table.all(world).some((row) => row.name === name));

export function doFreePasid(play: Play, command: CommandOf<'free-pasid'>): Said | Refused {
  const machine = machineOf(play);
  const space = spaces.first(machine.world, (row) => row.name === command.space);
  if (space === undefined) return refuse('ENOENT', `there is no private PASID ${command.space}`);
  const { id, device } = space;
  const free = () => freePasidIoctl.at.enter({ device, space: id });
  return answer(command.verb, callInDriver(machine, words(command), command.background, free), silent);
}
