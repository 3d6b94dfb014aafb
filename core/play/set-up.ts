import { formatOf } from '../hardware/cpus.ts';
import type { Geometry } from '../hardware/replacement.ts';
import { type Abilities, USUAL_ABILITIES } from '../machine/abilities.ts';
import { act } from '../machine/machine.ts';
import { readBug, readPolicy } from '../policy/policy.ts';
import { freePages } from '../process/frame.ts';
import { mapAll, parseMaps } from '../process/maps.ts';
import { loadProgram, programOf, stackOf, TEXT } from '../process/program.ts';
import { createProcess, createThread, tasks } from '../process/task.ts';
import { userPages } from '../process/vma.ts';
import type { CacheShape, CommandOf } from '../script/index.ts';
import { tell } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { machineOf, type Play, type Refused, refuse, type Said, said } from './play.ts';
import { replacementOf } from './plug-in.ts';
import { beyond, findProcess, nameRegion, regionName, shareRegions } from './resolve.ts';

/** What stands in front of memory, by the word in `machine`: the SMMU of an arm64 machine; a RISC-V machine, CPUs only. */
export const BACKENDS: readonly string[] = ['smmuv3', 'riscv'];
const MIN_FRAMES = 32;
const MAX_FRAMES = 65_536;
/** Of an IOTLB: what its storage has room for. */
const MAX_IOTLB = 1024;
/** Ways of each set of an IOTLB that the line gives a number of entries only. */
const USUAL_WAYS = 4;

/** machine: what there is before anything runs; it must come before whatever uses the machine. */
export function setMachine(play: Play, command: CommandOf<'machine'>): Said | Refused {
  if (play.machine !== null) return refuse('EBUSY', 'the machine runs: its line must come first');
  if (!BACKENDS.includes(command.backend)) return refuse('ENODEV', `there is no back end ${command.backend}`);
  const misplaced = misplacedOption(command);
  if (misplaced !== null) return refuse('EINVAL', misplaced);
  const frames = command.frames ?? play.hardware.frames;
  if (frames < MIN_FRAMES || frames > MAX_FRAMES) {
    return refuse('ERANGE', `memory has ${MIN_FRAMES} to ${MAX_FRAMES} frames`);
  }
  const { hardware } = play;
  const iotlb = command.iotlb === null ? hardware.iotlb : iotlbOf(command, command.iotlb);
  if (iotlb !== null && iotlb.sets * iotlb.ways > MAX_IOTLB) {
    return refuse('ERANGE', `an IOTLB has at most ${MAX_IOTLB} entries`);
  }
  const asidBits = command.asidBits ?? hardware.asidBits;
  const nextAsid = command.nextAsid ?? Math.min(hardware.nextAsid, 2 ** asidBits / 2);
  if (nextAsid >= 2 ** asidBits) return refuse('ERANGE', `an ASID of ${asidBits} bits is below ${2 ** asidBits}`);
  const own = abilitiesOf(command, USUAL_ABILITIES);
  const bits = (entries: number | null, usual: number): number => (entries === null ? usual : Math.log2(entries));
  const queues: readonly (readonly [string, number | null, number])[] = [
    ['command', command.cmdq, 8],
    ['event', command.evtq, 7],
    ['PRI', command.priq, 7],
  ];
  for (const [name, entries, most] of queues) {
    if (entries !== null && entries > 2 ** most)
      return refuse('ERANGE', `its ${name} queue has at most ${2 ** most} entries`);
  }
  play.hardware = {
    ...hardware,
    frames,
    contexts: command.cdTable ?? hardware.contexts,
    streams: command.streamTable ?? hardware.streams,
    commandBits: bits(command.cmdq, hardware.commandBits),
    eventBits: bits(command.evtq, hardware.eventBits),
    priBits: bits(command.priq, hardware.priBits),
    asidBits,
    nextAsid,
    iotlb,
    paging: command.backend === 'riscv' ? (command.paging ?? 'sv48') : 'arm64',
    smmus: command.backend === 'riscv' ? [] : Array.from({ length: command.smmus ?? 1 }, () => own),
  };
  return said();
}

/** Of so many entries, each set has four where that leaves a power of two of sets; else there is one set. */
function iotlbOf(command: CommandOf<'machine'>, { sets, ways }: CacheShape): Geometry {
  const how = replacementOf(command.iotlbReplacement, command.iotlbSeed);
  if (sets !== null) return { sets, ways, ...how };
  const rows = ways / USUAL_WAYS;
  return Number.isInteger(Math.log2(rows)) ? { sets: rows, ways: USUAL_WAYS, ...how } : { sets: 1, ways, ...how };
}

/** What a line can say about SMMUs only. */
const OF_SMMUS = [
  ...(['cdTable', 'streamTable', 'cmdq', 'evtq', 'priq', 'iotlb', 'smmus', 'broadcast', 'updates'] as const),
  ...(['outputBits', 'coherent', 'smmuAsidBits', 'streamBits', 'substreamBits', 'stallMax'] as const),
] satisfies readonly (keyof CommandOf<'machine'>)[];

/** An option of one architecture that the line gives to another; null if there is none. */
function misplacedOption(command: CommandOf<'machine'>): string | null {
  if (command.backend !== 'riscv') {
    return command.paging === null
      ? null
      : `${command.paging} is for RISC-V: the page tables of an arm64 machine are its own`;
  }
  const isGiven = OF_SMMUS.some((field) => command[field] !== null);
  return isGiven ? 'a RISC-V machine has no SMMU whose tables, queues and features could be chosen' : null;
}

/** smmu: what one of several can do, where it differs from the others. */
export function setSmmu(play: Play, command: CommandOf<'smmu'>): Said | Refused {
  if (play.machine !== null) return refuse('EBUSY', 'the machine runs: what its SMMUs can do must come first');
  const { smmus } = play.hardware;
  if (command.smmu >= smmus.length) return refuse('ENODEV', `the machine has no SMMU ${command.smmu}: say smmus`);
  play.hardware = {
    ...play.hardware,
    smmus: smmus.map((known, index) => (index === command.smmu ? abilitiesOf(command, known) : known)),
  };
  return said();
}

/** What an SMMU can do by what a line says, the rest as it was. */
function abilitiesOf(command: CommandOf<'machine' | 'smmu'>, known: Abilities): Abilities {
  return {
    outputBits: command.outputBits === null ? known.outputBits : Number(command.outputBits),
    coherent: command.coherent === null ? known.coherent : command.coherent === 'on',
    asidBits: command.smmuAsidBits === null ? known.asidBits : command.smmuAsidBits === '8' ? 8 : 16,
    streamBits: command.streamBits ?? known.streamBits,
    substreamBits: command.substreamBits ?? known.substreamBits,
    broadcast: command.broadcast === null ? known.broadcast : command.broadcast === 'on',
    updates: command.updates ?? known.updates,
    stallMax: command.stallMax ?? known.stallMax,
  };
}

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
