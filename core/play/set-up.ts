import { formatOf } from '../hardware/cpus.ts';
import { act } from '../machine/machine.ts';
import { readBug, readPolicy } from '../policy/policy.ts';
import { freePages } from '../process/frame.ts';
import { mapAll, parseMaps } from '../process/maps.ts';
import { loadProgram, programOf, stackOf, TEXT } from '../process/program.ts';
import { createProcess, createThread, tasks } from '../process/task.ts';
import { userPages } from '../process/vma.ts';
import type { CommandOf } from '../script/index.ts';
import { tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { machineOf, type Play, type Refused, refuse, type Said, said } from './play.ts';
import { beyond, findProcess, nameRegion, regionName, shareRegions } from './resolve.ts';

export function setPolicy(play: Play, { policy }: CommandOf<'policy'>): Said | Refused {
  if (play.machine !== null) return refuse('EBUSY', 'the machine runs: its policy must come first');
  const read = readPolicy(policy);
  if (!read.ok) return refuse('EINVAL', read.error);
  if (play.options.policy === undefined) play.hardware = { ...play.hardware, policy: read.value };
  return said();
}

/** bug: the one bug of the museum that the kernel has. */
export function setBug(play: Play, { bug }: CommandOf<'bug'>): Said | Refused {
  if (play.machine !== null) return refuse('EBUSY', 'the machine runs: its bug must come first');
  const read = readBug(bug);
  if (!read.ok) return refuse('EINVAL', read.error);
  if (play.options.bug === undefined) play.hardware = { ...play.hardware, bug: read.value };
  return said();
}

/** process: a program with text and stack, or with all the areas of a maps file. */
export function addProcess(play: Play, command: CommandOf<'process'>): Said | Refused {
  const machine = machineOf(play);
  const { name, maps } = command;
  const user = command.user ?? undefined;
  if (tasks.first(machine.world, (row) => row.name === name && row.state !== 'dead')) {
    return refuse('EEXIST', `a process ${name} exists`);
  }
  if (freePages(machine.world) === 0) return refuse('ENOMEM', 'no frame is free for its root table');
  if (maps !== null) return addRealProcess(play, command, maps);
  act(machine, `starts ${name}`, (world) => {
    const mm = startProcess(world, name, user);
    loadProgram(world, mm, programOf(world, name));
  });
  nameRegion(play, name, 'text', TEXT.start);
  nameRegion(play, name, 'stack', stackOf(machine.world).start);
  return said();
}

/** thread: one more thread of a process, which finds the regions of the process by their names. */
export function addThread(play: Play, command: CommandOf<'thread'>): Said | Refused {
  const machine = machineOf(play);
  const process = findProcess(machine.world, command.process);
  if (!process.ok) return process.error;
  const { name } = command;
  if (tasks.first(machine.world, (row) => row.name === name && row.state !== 'dead')) {
    return refuse('EEXIST', `a process or thread ${name} exists`);
  }
  act(machine, `starts thread ${name} of ${command.process}`, (world) => {
    tell(world, { task: createThread(world, name, process.value.id).id });
  });
  shareRegions(play, command.process, name);
  return said();
}

function startProcess(world: World, name: string, user: string | undefined): number {
  const task = createProcess(world, name, user);
  const mm = task.ok ? task.value.mm : -1;
  tell(world, { mm });
  return mm;
}

function addRealProcess(play: Play, { name, user }: CommandOf<'process'>, file: string): Said | Refused {
  const files = play.options.files ?? {};
  const text = Object.hasOwn(files, file) ? files[file] : undefined;
  if (text === undefined) return refuse('ENOENT', `there is no maps file ${file}`);
  const { vmas: areas, skipped, diagnostics } = parseMaps(text);
  const [flaw] = diagnostics;
  if (flaw !== undefined) return refuse('EINVAL', `${file}:${flaw.line}:${flaw.column}: ${flaw.message}`);
  const { world } = machineOf(play);
  const outside = areas.find(({ end }) => end > userPages(world));
  if (outside !== undefined) {
    const why = beyond(formatOf(world));
    return refuse('ENOMEM', `${file}:${outside.line}: ${outside.name} is not in reach of a process: ${why}`);
  }
  act(machineOf(play), `starts ${name} with the memory map of ${file}`, (world) =>
    mapAll(world, startProcess(world, name, user ?? undefined), areas),
  );
  for (const area of areas) nameRegion(play, name, regionName(area.name), area.start);
  return said(
    ...skipped.map((line) => `${file}:${line.line}: ${line.text.split(/\s+/).at(-1)} is not mapped: ${line.why}`),
  );
}
