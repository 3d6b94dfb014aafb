import { isLosingDevice } from '../drivers/accel/unplug.ts';
import { attachGroup, detachFromContainer } from '../drivers/vfio/attach-group.ts';
import { vfioBind, vfioUnbind } from '../drivers/vfio/bind.ts';
import { type Container, containers } from '../drivers/vfio/container.ts';
import { openContainer } from '../drivers/vfio/release.ts';
import { groupOf } from '../iommu/attach.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { act } from '../machine/machine.ts';
import { decides } from '../policy/policy.ts';
import { type Task, tasks } from '../process/task.ts';
import type { CommandOf } from '../script/index.ts';
import type { Next } from '../sim/procedure.ts';
import type { World } from '../world/world.ts';
import { answer, silent, words } from './commands.ts';
import { machineOf, type Play, type Refused, refuse, type Said, said } from './play.ts';
import { findDevice, findProcess } from './resolve.ts';
import { callIn } from './threads.ts';

type Vfio = CommandOf<'vfio'>;
type Found<T> = Result<T, Refused>;

/** What user space asks of VFIO; who has the container open asks. */
export function doVfio(play: Play, command: Vfio): Said | Refused {
  const { world } = machineOf(play);
  if (decides(world, 'vfio', 'none')) {
    return refuse('EOPNOTSUPP', 'VFIO binds no processes here: it was never merged; see private-pasid and iopf-alone');
  }
  if (command.act === 'open') return doOpen(play, command);
  const owner = findOwner(world, command.container);
  if (!owner.ok) return owner.error;
  const first = firstOf(world, command, owner.value);
  if (!first.ok) return first.error;
  const finished = callIn(machineOf(play), owner.value.task, words(command), command.background, (_world, { id }) =>
    first.value(id),
  );
  return answer(command.verb, finished, (pasid) =>
    command.act === 'bind' && !command.background ? `PASID ${pasid}` : silent(),
  );
}

function doOpen(play: Play, { process, container }: Extract<Vfio, { act: 'open' }>): Said | Refused {
  const machine = machineOf(play);
  const task = findProcess(machine.world, process);
  if (!task.ok) return task.error;
  const known = containers.first(machine.world, ({ name }) => name === container);
  if (known !== undefined) return refuse('EEXIST', `a container ${container} exists`);
  act(machine, `opens /dev/vfio/vfio as ${container}`, (world) => {
    openContainer(world, container, task.value.mm);
  });
  return said();
}

/** A container, and a thread of the process that has it open. */
interface Owner {
  readonly container: Container;
  readonly task: Task;
}

function findOwner(world: World, name: string): Found<Owner> {
  const container = containers.first(world, (row) => row.name === name);
  if (container === undefined) return err(refuse('ENOENT', `there is no container ${name}, or it was closed`));
  const task = tasks.first(world, ({ mm, state }) => mm === container.owner && state === 'running');
  return task === undefined ? err(refuse('ESRCH', `who has ${name} open is about to exit`)) : ok({ container, task });
}

/** Where the kernel begins, given the thread that calls. */
function firstOf(world: World, command: Exclude<Vfio, { act: 'open' }>, owner: Owner): Found<(caller: number) => Next> {
  const container = owner.container.id;
  if ('device' in command) {
    const device = findDevice(world, command.device);
    if (!device.ok) return device;
    const where = { container, group: groupOf(world, device.value) };
    if (isLosingDevice(world, where.group)) return err(refuse('EBUSY', 'a device of the group is being taken out'));
    return ok(() => (command.act === 'add' ? attachGroup.at.enter(where) : detachFromContainer.at.enter(where)));
  }
  const named = command.process === null ? ok(owner.task) : findProcess(world, command.process);
  if (!named.ok) return named;
  const pair = { container, task: named.value.id };
  const { enter } = command.act === 'bind' ? vfioBind.at : vfioUnbind.at;
  return ok((caller) => enter({ ...pair, caller }));
}
