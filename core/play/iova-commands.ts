import { devices } from '../devices/device.ts';
import { hasPlace, JOB_PAGES, OPERATIONS } from '../devices/job.ts';
import { mapDma, submitDma, unmapDma } from '../drivers/accel/dma.ts';
import { setFaultHandler } from '../drivers/accel/fault.ts';
import { privateDma } from '../drivers/accel/private.ts';
import { REACTIONS, type Reaction } from '../faults/domain-handler.ts';
import { domains } from '../iommu/domain.ts';
import { NO_SPACE, spaces } from '../iommu/space.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { decides } from '../policy/policy.ts';
import { tasks } from '../process/task.ts';
import type { Address, CommandOf } from '../script/index.ts';
import type { World } from '../world/world.ts';
import { answer, DATA, protOf, silent, words } from './commands.ts';
import { machineOf, type Play, type Refused, refuse, type Said } from './play.ts';
import { findDevice, type Spot } from './resolve.ts';
import { callInDriver } from './threads.ts';

/** Page tables for DMA addresses: those of a domain, or those of a private PASID. */
export interface Tables {
  readonly domain: number;
  readonly space: number;
}

/** What a script calls so: a domain, else a private PASID. */
export function findTables(world: World, name: string): Result<Tables, Refused> {
  const domain = domains.first(world, (row) => row.name === name);
  if (domain !== undefined) return ok({ domain: domain.id, space: NO_SPACE });
  const space = spaces.first(world, (row) => row.name === name && row.state === 'live');
  if (space !== undefined) return ok({ domain: space.domain, space: space.id });
  if (tasks.first(world, (row) => row.name === name) === undefined)
    return err(refuse('ENOENT', `there is no domain and no private PASID ${name}`));
  const rule = 'the page tables are those of a process: it changes them by mmap and munmap';
  return err(refuse(decides(world, 'private-pasid', 'domain') ? 'EINVAL' : 'ENODEV', rule));
}

/** A DMA address as page number, up to 52 bits, and byte offset. */
export function iovaSpot(address: Address): Spot {
  if (address.kind === 'region') return { page: 0, offset: 0 };
  return { page: address.hi * 2 ** 20 + (address.lo >>> 12), offset: address.lo & 0xfff };
}

const UNALIGNED = 'addresses and sizes are multiples of the smallest page, 4K';

export function doIommuMap(play: Play, command: CommandOf<'iommu-map'>): Said | Refused {
  const machine = machineOf(play);
  const tables = findTables(machine.world, command.space);
  if (!tables.ok) return tables.error;
  const { page, offset } = iovaSpot(command.iova);
  if (offset !== 0) return refuse('EINVAL', UNALIGNED);
  const access = protOf(command.perms);
  if ((access & 0b11) === 0) return refuse('EINVAL', 'a mapping is for reading or for writing');
  const { domain, space } = tables.value;
  const range = { space, page, left: command.size / 4096, access };
  const finished = callInDriver(machine, words(command), command.background, () =>
    space === NO_SPACE ? mapDma.at.take({ ...range, domain, done: 0 }) : privateDma.at.map(range),
  );
  return answer(command.verb, finished, silent);
}

export function doIommuUnmap(play: Play, command: CommandOf<'iommu-unmap'>): Said | Refused {
  const machine = machineOf(play);
  const tables = findTables(machine.world, command.space);
  if (!tables.ok) return tables.error;
  const { page, offset } = iovaSpot(command.iova);
  if (offset !== 0) return refuse('EINVAL', UNALIGNED);
  const { domain, space } = tables.value;
  const range = { space, page, pages: command.pages };
  const finished = callInDriver(machine, words(command), command.background, () =>
    space === NO_SPACE ? unmapDma.at.unmap({ ...range, domain }) : privateDma.at.unmap(range),
  );
  return answer(command.verb, finished, (pages) =>
    command.background ? '' : `${pages} ${pages === 1 ? 'page' : 'pages'} unmapped`,
  );
}

export function doIovaDma(play: Play, command: Extract<CommandOf<'dma'>, { by: 'iova' }>): Said | Refused {
  const machine = machineOf(play);
  const device = findDevice(machine.world, command.device);
  if (!device.ok) return device.error;
  const spot = iovaSpot(command.iova);
  const tables = command.space === null ? ok({ space: NO_SPACE }) : findTables(machine.world, command.space);
  if (!tables.ok) return tables.error;
  const { space } = tables.value;
  const refusal = whyNoDma(machine.world, device.value, spot, command.bytes);
  if (refusal !== null) return refusal;
  const operation = OPERATIONS.indexOf(command.operation);
  const work = { device: device.value, operation, space, ...spot, bytes: command.bytes, data: DATA };
  const finished = callInDriver(machine, words(command), command.background, () => submitDma.at.submit(work));
  return answer(command.verb, finished, (job) => `job ${job} submitted`);
}

function whyNoDma(world: World, device: number, { offset }: Spot, bytes: number): Refused | null {
  if (bytes % 4 !== 0 || offset % 4 !== 0) return refuse('EINVAL', 'the model moves aligned words of 4 bytes');
  if (Math.ceil((offset + bytes) / 4096) > JOB_PAGES)
    return refuse('ERANGE', `a work descriptor covers at most ${JOB_PAGES} pages`);
  return hasPlace(world, device)
    ? null
    : refuse('EBUSY', `the work queue of ${devices.get(world, device).name} is full: let it run first`);
}

export function doOnFault(play: Play, command: CommandOf<'on-fault'>): Said | Refused {
  const machine = machineOf(play);
  const domain = domains.first(machine.world, (row) => row.name === command.domain);
  if (domain === undefined) return refuse('ENOENT', `there is no domain ${command.domain}`);
  const blocking = command.blocking ? 1 : 0;
  if (command.reaction === 'defer' && command.blocking)
    return refuse('EINVAL', 'a handler that answers later has no need to sleep: it returns IGNORE at once');
  const reaction = REACTIONS.indexOf(command.reaction as Reaction);
  const handler = { domain: domain.id, reaction, blocking };
  const finished = callInDriver(machine, words(command), false, () => setFaultHandler.at.set(handler));
  return answer(command.verb, finished, silent);
}
