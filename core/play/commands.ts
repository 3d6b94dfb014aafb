import { devices } from '../devices/device.ts';
import { hasPlace, JOB_PAGES, OPERATIONS } from '../devices/job.ts';
import { bindIoctl, unbindIoctl } from '../drivers/accel/accel.ts';
import { bindPinnedIoctl, pinsFor, unbindPinnedIoctl } from '../drivers/accel/pin.ts';
import { submitWork, usablePasid } from '../drivers/accel/submit.ts';
import { processFor } from '../iommu/process.ts';
import { errnoName } from '../lib/errno.ts';
import { begin } from '../machine/machine.ts';
import { cpuLoad, cpuStore } from '../process/cpu-access.ts';
import { openFile } from '../process/file.ts';
import { sysFork } from '../process/fork.ts';
import { sysExit, sysMmap, sysMprotect, sysMunmap } from '../process/syscalls.ts';
import { createTask, type Task, tasks } from '../process/task.ts';
import { newVma, PROT, userPages, vmas, vmasOf } from '../process/vma.ts';
import { type CommandOf, type Perms, printCommand, type Verb } from '../script/index.ts';
import { actors } from '../sim/actor.ts';
import type { Next } from '../sim/procedure.ts';
import type { World } from '../world/world.ts';
import { hostDevice } from './host.ts';
import { machineOf, type Play, type Refused, refuse, type Said, said } from './play.ts';
import { findDevice, findProcess, findSpot, nameRegion, type Spot } from './resolve.ts';
import { refusalInWords } from './rules.ts';
import { callIn, errorOf, type Finished, finishActor } from './threads.ts';

/** What the person is told of a call: its value, its errno, or why it has not returned. */
export function answer(verb: Verb, finished: Finished, words: (value: number) => string): Said {
  if (finished.result === null) return { output: [finished.stuck], failed: finished.halted !== true };
  const errno = errorOf(finished);
  if (errno !== 0) return { output: [refusalInWords(verb, errnoName(errno))], errno: errnoName(errno) };
  const text = words(finished.result);
  return said(...(text === '' ? [] : [text]));
}

export const silent = (): string => '';

export function protOf(perms: Perms): number {
  const bit = (at: number, letter: string, value: number): number => (perms[at] === letter ? value : 0);
  return bit(0, 'r', PROT.read) | bit(1, 'w', PROT.write) | bit(2, 'x', PROT.exec);
}

const MMAP_BASE = 0x7f00_0000_0;

/** The lowest hole of so many pages from where Linux puts mappings. */
function findHole(world: World, mm: number, pages: number): number {
  let page = MMAP_BASE;
  for (const vma of vmasOf(world, mm)) {
    if (vma.end <= page) continue;
    if (vma.start >= page + pages) break;
    page = vma.end;
  }
  return page;
}

export function doMmapCommand(play: Play, command: CommandOf<'mmap'>): Said | Refused {
  const machine = machineOf(play);
  const process = findProcess(machine.world, command.process);
  if (!process.ok) return process.error;
  const pages = command.size / 4096;
  const asked = command.at === null ? null : findSpot(play, command.process, command.at);
  if (asked?.ok === false) return asked.error;
  const page = asked === null ? findHole(machine.world, process.value.mm, pages) : asked.value.page;
  if (asked !== null && asked.value.offset !== 0) return refuse('EINVAL', 'a mapping begins at a page');
  if (page + pages > userPages(machine.world))
    return refuse('ENOMEM', 'the mapping ends beyond the addresses of a process');
  const { file: path } = command;
  const prot = protOf(command.perms);
  const first = (command.offset ?? 0) / 4096;
  const finished = callIn(machine, process.value, words(command), command.background, (world, thread) => {
    const file = path === null ? -1 : openFile(world, path, first + pages).id;
    const kind = path !== null ? 'file' : command.growsDown ? 'stack' : 'anon';
    const rights = { read: prot & 1, write: (prot >> 1) & 1, exec: (prot >> 2) & 1 };
    const area = {
      start: page,
      end: page + pages,
      kind,
      file,
      offset: first,
      name: command.region,
      ...rights,
    } as const;
    return sysMmap.at.call({ mm: thread.mm, vma: vmas.insert(world, newVma(area)).id });
  });
  if (errorOf(finished) === 0) nameRegion(play, command.process, command.region, page);
  return answer(command.verb, finished, silent);
}

/** The event with which an actor begins what a command asks of it. */
export const words = (command: Parameters<typeof printCommand>[0]): string =>
  `gives the command: ${printCommand(command)}`;

/** The process and the place that a command names. */
export function placeOf(
  play: Play,
  command: { process: string; address: CommandOf<'load'>['address'] },
): { task: Task; spot: Spot } | Refused {
  const task = findProcess(machineOf(play).world, command.process);
  if (!task.ok) return task.error;
  const spot = findSpot(play, command.process, command.address);
  return spot.ok ? { task: task.value, spot: spot.value } : spot.error;
}

export function doMunmapCommand(play: Play, command: CommandOf<'munmap' | 'mprotect'>): Said | Refused {
  const place = placeOf(play, command);
  if ('refused' in place) return place;
  if (place.spot.offset !== 0) return refuse('EINVAL', 'the range begins at a page');
  const start = place.spot.page;
  const range = { start, end: start + command.pages };
  const finished = callIn(machineOf(play), place.task, words(command), command.background, (_world, { mm }) =>
    command.verb === 'munmap'
      ? sysMunmap.at.call({ mm, ...range })
      : sysMprotect.at.call({ mm, ...range, prot: protOf(command.perms) }),
  );
  return answer(command.verb, finished, silent);
}

export function doLoad(play: Play, command: CommandOf<'load'>): Said | Refused {
  const place = placeOf(play, command);
  if ('refused' in place) return place;
  const { page, offset } = place.spot;
  if (offset % 4 !== 0) return refuse('EFAULT', 'the model loads aligned words of 4 bytes');
  const finished = callIn(machineOf(play), place.task, words(command), command.background, (_world, { mm }) =>
    cpuLoad.at.access({ mm, page, offset }),
  );
  return answer(command.verb, finished, (value) => `0x${value.toString(16)}`);
}

/** A number is one word; a pointer to another place is two, its lower half first. */
export function doStore(play: Play, command: CommandOf<'store'>): Said | Refused {
  const place = placeOf(play, command);
  if ('refused' in place) return place;
  const { page, offset } = place.spot;
  if (offset % 4 !== 0) return refuse('EFAULT', 'the model stores aligned words of 4 bytes');
  const values = storedWords(play, command);
  if ('refused' in values) return values;
  if (offset + values.length * 4 > 4096) return refuse('EFAULT', 'a pointer does not cross a page');
  let last: Finished = { result: 0, stuck: '' };
  for (const [index, value] of values.entries()) {
    last = callIn(machineOf(play), place.task, words(command), command.background, (_world, { mm }) =>
      cpuStore.at.access({ mm, page, offset: offset + index * 4, value }),
    );
    if (last.result !== 0) break;
  }
  return answer(command.verb, last, silent);
}

function storedWords(play: Play, command: CommandOf<'store'>): number[] | Refused {
  if (command.holds === 'number') return [command.number];
  const target = findSpot(play, command.process, command.pointer);
  if (!target.ok) return target.error;
  return pointerWords(target.value);
}

/** A pointer as two words, lower half first. */
export function pointerWords({ page, offset }: Spot): number[] {
  return [((page % 2 ** 20) * 4096 + offset) >>> 0, Math.floor(page / 2 ** 20)];
}

export function doFork(play: Play, command: CommandOf<'fork'>): Said | Refused {
  const machine = machineOf(play);
  const process = findProcess(machine.world, command.process);
  if (!process.ok) return process.error;
  if (tasks.first(machine.world, (row) => row.name === command.child && row.state !== 'dead')) {
    return refuse('EEXIST', `a process ${command.child} exists`);
  }
  const finished = callIn(machine, process.value, words(command), command.background, (world, thread) =>
    sysFork.at.call({ task: thread.id, child: createTask(world, command.child, thread.user).id }),
  );
  for (const [region, page] of play.regions.get(command.process) ?? []) nameRegion(play, command.child, region, page);
  return answer(command.verb, finished, (pid) => (pid > 0 ? `child pid ${pid}` : ''));
}

/** All threads of the process exit, one after the other; the last takes the address space with it. */
export function doExit(play: Play, command: CommandOf<'exit'>): Said | Refused {
  const machine = machineOf(play);
  const { world } = machine;
  const process = findProcess(world, command.process);
  if (!process.ok) return process.error;
  const threads = tasks.all(world).filter((row) => row.mm === process.value.mm);
  const busy = threads.find((row) => actors.get(world, row.actor).frame !== null);
  if (busy !== undefined) return refuse('EBUSY', `${busy.name} is still in a system call; let it finish first (run)`);
  let last: Finished = { result: 0, stuck: '' };
  for (const { id, actor } of threads) {
    begin(machine, actor, words(command), () => sysExit.at.call({ task: id }));
    if (!command.background) last = finishActor(machine, actor);
  }
  return answer(command.verb, last, silent);
}

export function pairOf(
  play: Play,
  command: { process: string; device: string },
): { task: Task; device: number } | Refused {
  const { world } = machineOf(play);
  const device = findDevice(world, command.device);
  if (!device.ok) return device.error;
  const task = findProcess(world, command.process);
  return task.ok ? { task: task.value, device: device.value } : task.error;
}

/** bind and unbind, by a thread of the process itself or of another one that may act on it. */
export function doBind(play: Play, command: CommandOf<'bind' | 'unbind'>): Said | Refused {
  const pair = pairOf(play, command);
  if ('refused' in pair) return pair;
  const machine = machineOf(play);
  const { device, task } = pair;
  const host = hostDevice(machine.world, device);
  if (!host.ok) return host.error;
  const caller = findProcess(machine.world, command.by ?? command.process);
  if (!caller.ok) return caller.error;
  if (command.verb === 'bind' && command.pinned && command.by !== null)
    return refuse('EINVAL', 'the driver pins only the memory of who asks');
  const asked = { device, mm: task.mm, task: task.id };
  const finished = callIn(machine, caller.value, words(command), command.background, (world) =>
    command.verb === 'bind' ? beginBind(command, asked) : beginUnbind(world, asked),
  );
  return answer(command.verb, finished, (value) =>
    command.verb === 'bind' && !command.background ? `PASID ${value}` : '',
  );
}

interface Asked {
  readonly device: number;
  readonly mm: number;
  readonly task: number;
}

const beginBind = ({ pinned }: CommandOf<'bind'>, { device, mm, task }: Asked): Next =>
  pinned ? bindPinnedIoctl.at.pin({ device, mm, task, page: 0 }) : bindIoctl.at.enter({ device, task });

/** A driver that pinned at bind unpins when it unbinds. */
const beginUnbind = (world: World, asked: Asked): Next =>
  pinsFor(world, asked.device, asked.mm).length > 0 ? unbindPinnedIoctl.at.enter(asked) : unbindIoctl.at.enter(asked);

/** First word that a DMA write puts into memory; the next words count up. */
export const DATA = 0xda7a_0000;
const DEFAULT_HOPS = 2;

/** Work on an address of a process. */
type ProcessDma = Extract<CommandOf<'dma'>, { by: 'process' }>;

export function doDma(play: Play, command: ProcessDma): Said | Refused {
  const pair = pairOf(play, command);
  if ('refused' in pair) return pair;
  const spot = findSpot(play, command.process, command.address);
  if (!spot.ok) return spot.error;
  const { world } = machineOf(play);
  const refusal = whyNoDma(world, pair, command, spot.value);
  if (refusal !== null) return refusal;
  const task = command.noPasid ? -1 : pair.task.id;
  const hops = command.operation === 'chase' ? (command.count ?? DEFAULT_HOPS) : 0;
  const bytes = command.operation === 'chase' ? 8 : command.bytes;
  const operation = OPERATIONS.indexOf(command.operation);
  const unbound = command.unbound ? 1 : 0;
  const work = { device: pair.device, operation, task, ...spot.value, bytes, data: DATA, hops, unbound };
  const finished = callIn(machineOf(play), pair.task, words(command), command.background, () =>
    submitWork.at.submit(work),
  );
  return answer(command.verb, finished, (job) => `job ${job} submitted`);
}

function whyNoDma(
  world: World,
  { task, device }: { task: Task; device: number },
  command: ProcessDma,
  spot: Spot,
): Refused | null {
  if (command.unbound && processFor(world, task.id) === undefined) {
    return refuse('EINVAL', `${command.process} has no PASID: bind it to some device first`);
  }
  if (!command.noPasid && !command.unbound && usablePasid(world, device, task.id) === null) {
    return refuse(
      'EINVAL',
      `${devices.get(world, device).name} does not use the PASID of ${command.process}: bind first`,
    );
  }
  if (command.operation !== 'chase' && command.bytes % 4 !== 0)
    return refuse('EINVAL', 'the model moves words of 4 bytes');
  if (spot.offset % 4 !== 0) return refuse('EINVAL', 'the model moves aligned words');
  if (command.operation === 'chase' && spot.offset % 8 !== 0)
    return refuse('EINVAL', 'a pointer is aligned to 8 bytes');
  if (Math.ceil((spot.offset + command.bytes) / 4096) > JOB_PAGES) {
    return refuse('ERANGE', `a work descriptor covers at most ${JOB_PAGES} pages`);
  }
  return hasPlace(world, device) ? null : refuse('EBUSY', 'the work queue of the device is full: let it run first');
}
