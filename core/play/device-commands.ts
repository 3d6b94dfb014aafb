import { devices } from '../devices/device.ts';
import { attachIoctl, detachIoctl } from '../drivers/accel/domain.ts';
import { requestByHand } from '../drivers/accel/page-requests.ts';
import { enablePri } from '../drivers/accel/pri.ts';
import { isMoving, unplugDevice } from '../drivers/accel/unplug.ts';
import { links } from '../hardware/pcie/link.ts';
import { setManner } from '../hardware/pcie/tardiness.ts';
import { groupOf } from '../iommu/attach.ts';
import { domains } from '../iommu/domain.ts';
import { domainOf } from '../iommu/group.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { startTimers } from '../machine/iommus.ts';
import { act, begin } from '../machine/machine.ts';
import { hasFreeRun } from '../process/frame.ts';
import type { CommandOf } from '../script/index.ts';
import { type Actor, actors } from '../sim/actor.ts';
import type { Next } from '../sim/procedure.ts';
import { tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { answer, pairOf, silent, words } from './commands.ts';
import { findHostDevice } from './host.ts';
import { machineOf, type Play, type Refused, refuse, type Said, said } from './play.ts';
import { findDevice, findSpot } from './resolve.ts';
import { callIn, callInDriver, finishActor } from './threads.ts';

type OfADriver = CommandOf<'attach' | 'detach' | 'unplug'>;

type OfADevice = CommandOf<'request' | 'on-invalidate'>;

/** What is asked of a device, or of its driver. */
export function doOnDevice(play: Play, command: CommandOf<'enable-pri'> | OfADriver | OfADevice): Said | Refused {
  switch (command.verb) {
    case 'attach':
      return doAttach(play, command);
    case 'detach':
      return doDetach(play, command);
    case 'unplug':
      return doUnplug(play, command);
    case 'enable-pri':
      return doEnablePri(play, command);
    case 'request':
      return doRequest(play, command);
    case 'on-invalidate':
      return doOnInvalidate(play, command);
  }
}

/** The actor in whose name drivers act, if it has nothing to do. */
const idleScript = (world: World): Actor | undefined =>
  actors.first(world, ({ name, frame }) => name === 'script' && frame === null);

const busy = (): Refused => refuse('EBUSY', 'another attach, detach or unplug is under way');

/** What a driver does with its device in nobody's name, one thing at a time. */
function asDriver(play: Play, command: OfADriver, first: () => Next): Said | Refused {
  const machine = machineOf(play);
  const script = idleScript(machine.world);
  if (script === undefined) return busy();
  begin(machine, script.id, words(command), first);
  return command.background ? said() : answer(command.verb, finishActor(machine, script.id), silent);
}

function doDetach(play: Play, command: CommandOf<'detach'>): Said | Refused {
  const device = findHostDevice(machineOf(play).world, command.device);
  if (!device.ok) return device.error;
  const whole = command.wholeGroup ? 1 : 0;
  return asDriver(play, command, () => detachIoctl.at.remove({ device: device.value, whole }));
}

function doUnplug(play: Play, command: CommandOf<'unplug'>): Said | Refused {
  const device = findHostDevice(machineOf(play).world, command.device);
  if (!device.ok) return device.error;
  if (isMoving(machineOf(play).world, groupOf(machineOf(play).world, device.value)))
    return refuse('EBUSY', 'its group is being attached or detached');
  return asDriver(play, command, () => unplugDevice.at.remove({ device: device.value }));
}

function doEnablePri(play: Play, command: CommandOf<'enable-pri'>): Said | Refused {
  const machine = machineOf(play);
  const device = findHostDevice(machine.world, command.device);
  if (!device.ok) return device.error;
  const finished = callInDriver(machine, words(command), command.background, () =>
    enablePri.at.check({ device: device.value }),
  );
  return answer(command.verb, finished, silent);
}

/** attach: to a domain of that name; where there is none it is allocated first, unless the attach is sure to fail. */
function doAttach(play: Play, command: CommandOf<'attach'>): Said | Refused {
  const { world } = machineOf(play);
  const found = findHostDevice(world, command.device);
  if (!found.ok) return found.error;
  const device = found.value;
  if (idleScript(world) === undefined) return busy();
  const domain = domains.first(world, (row) => row.name === command.domain)?.id ?? newDomain(play, command, device);
  if (typeof domain !== 'number') return domain;
  const whole = command.wholeGroup ? 1 : 0;
  return asDriver(play, command, () => attachIoctl.at.attach({ device, domain, whole }));
}

/** iommu_domain_alloc(). */
function newDomain(play: Play, { domain: name, device: of }: CommandOf<'attach'>, device: number): number | Refused {
  const machine = machineOf(play);
  const { world } = machine;
  if (domainOf(world, device) >= 0) return refuse('EBUSY', `${of} is attached to a domain: detach it first`);
  const { link, pasidBits, stall } = devices.get(world, device);
  const { smmu } = links.get(world, link);
  const { setUp } = siliconOf(world);
  if (!hasFreeRun(world, setUp.domainPages(world, smmu, pasidBits))) {
    return refuse('ENOMEM', 'no memory is left for the tables of a new domain');
  }
  let domain = -1;
  act(machine, `allocates domain ${name}`, (w) => {
    domain = setUp.createDomain(w, name, smmu, pasidBits, stall === 1 && setUp.canStall(w, smmu));
  });
  return domain;
}

/** request: one page request, with the group and the place in it that the script says. */
function doRequest(play: Play, command: CommandOf<'request'>): Said | Refused {
  const pair = pairOf(play, command);
  if ('refused' in pair) return pair;
  const spot = findSpot(play, command.process, command.address);
  if (!spot.ok) return spot.error;
  if (spot.value.offset !== 0) return refuse('EINVAL', 'a page request names a page: the address begins one');
  const { device } = pair;
  const { operation, last, prgi, noPasid } = command;
  const task = noPasid ? -1 : pair.task.id;
  const access = { page: spot.value.page, write: operation === 'write' ? 1 : 0 };
  const finished = callIn(machineOf(play), pair.task, words(command), command.background, () =>
    requestByHand.at.request({ device, task, prgi, ...access, last: last ? 1 : 0 }),
  );
  return answer(command.verb, finished, silent);
}

/** on-invalidate: how the device takes Invalidate Requests. The first such line starts the clocks of the time-outs. */
function doOnInvalidate(play: Play, command: CommandOf<'on-invalidate'>): Said | Refused {
  const machine = machineOf(play);
  const found = findDevice(machine.world, command.device);
  if (!found.ok) return found.error;
  const { link, ats } = devices.get(machine.world, found.value);
  if (ats === 0) return refuse('EINVAL', `${command.device} has no ATS: nothing asks it to forget a translation`);
  act(machine, words(command), (world) => {
    startTimers(world);
    setManner(world, link, command.manner);
    tell(world, { device: found.value });
  });
  return said();
}
