/** Commands about where pages are: what reclaim does, and who keeps them from it. */
import { pinIoctl, unpinIoctl } from '../drivers/accel/pin.ts';
import { act, begin, type Machine } from '../machine/machine.ts';
import { agePages } from '../process/age.ts';
import { sysExec } from '../process/exec.ts';
import { failAllocations } from '../process/frame.ts';
import { migratePages } from '../process/migrate.ts';
import { mmgrab } from '../process/mm.ts';
import { programOf } from '../process/program.ts';
import { shrinkPageList } from '../process/reclaim.ts';
import { sysMadvise, sysMlock } from '../process/syscalls.ts';
import { type Task, tasks } from '../process/task.ts';
import type { CommandOf } from '../script/index.ts';
import { actors, spawn } from '../sim/actor.ts';
import type { Next } from '../sim/procedure.ts';
import { answer, placeOf, words } from './commands.ts';
import { machineOf, type Play, type Refused, refuse, type Said, said } from './play.ts';
import { findProcess } from './resolve.ts';
import { callIn, finishActor } from './threads.ts';

/** The kernel threads that take pages from processes, and what they do with them. */
const THREADS = { 'swap-out': 'kswapd', migrate: 'kcompactd' } as const;
/** Kernel: SWAP_CLUSTER_MAX, what reclaim takes at once. */
const MOST_PAGES = 32;

/** A thread of the kernel, started when a script first needs it; busy or not. */
function kernelThread(machine: Machine, name: string): number {
  const known = actors.first(machine.world, (row) => row.name === name);
  if (known !== undefined) return known.id;
  let id = -1;
  act(machine, `starts ${name}`, (world) => {
    id = spawn(world, name, name, null).id;
  });
  return id;
}

/** What a command is about: pages of a process. */
function rangeOf(
  play: Play,
  command: CommandOf<'pin' | 'unpin' | 'mlock' | 'madvise' | 'age' | 'swap-out' | 'migrate'>,
): { task: Task; start: number; end: number } | Refused {
  const place = placeOf(play, command);
  if ('refused' in place) return place;
  const { task, spot } = place;
  if (spot.offset !== 0) return refuse('EINVAL', 'the range begins at a page');
  if (command.pages > MOST_PAGES) return refuse('ERANGE', `the model looks at ${MOST_PAGES} pages at once, at most`);
  return { task, start: spot.page, end: spot.page + command.pages };
}

export function doPin(play: Play, command: CommandOf<'pin' | 'unpin' | 'mlock' | 'madvise'>): Said | Refused {
  const range = rangeOf(play, command);
  if ('refused' in range) return range;
  const { task, start, end } = range;
  const finished = callIn(machineOf(play), task, words(command), command.background, (_world, { mm }) =>
    beginPin(command, { mm, start, end }),
  );
  const counts = command.verb === 'pin' || command.verb === 'unpin';
  return answer(command.verb, finished, (pages) => (counts && !command.background ? `${pages} pages` : ''));
}

/** The kernel looks which pages were used since it last did; `clean`: and which were written. */
export function doAge(play: Play, command: CommandOf<'age'>): Said | Refused {
  const range = rangeOf(play, command);
  if ('refused' in range) return range;
  const { task, start, end } = range;
  const clean = command.clean ? 1 : 0;
  const finished = callIn(machineOf(play), task, words(command), command.background, (_world, { mm }) =>
    agePages.at.begin({ mm, start, end, clean }),
  );
  return answer(command.verb, finished, (young) =>
    command.background ? '' : `${young} ${young === 1 ? 'was' : 'were'} young`,
  );
}

function beginPin(
  command: CommandOf<'pin' | 'unpin' | 'mlock' | 'madvise'>,
  range: { mm: number; start: number; end: number },
): Next {
  switch (command.verb) {
    case 'pin':
      return pinIoctl.at.call(range);
    case 'unpin':
      return unpinIoctl.at.call(range);
    case 'mlock':
      return sysMlock.at.call(range);
    case 'madvise':
      return sysMadvise.at.call({ ...range, on: command.advice === 'dontfork' ? 1 : 0 });
  }
}

export function doFailAllocation(play: Play, command: CommandOf<'fail-alloc'>): Said {
  act(machineOf(play), words(command), (world) => failAllocations(world, command.times));
  return said();
}

export function doReclaim(play: Play, command: CommandOf<'swap-out' | 'migrate'>): Said | Refused {
  const machine = machineOf(play);
  const range = rangeOf(play, command);
  if ('refused' in range) return range;
  const { task, start, end } = range;
  const name = THREADS[command.verb];
  if (actors.first(machine.world, (row) => row.name === name && row.frame !== null) !== undefined) {
    return refuse('EBUSY', `${name} is at work: let it finish first (run)`);
  }
  const actor = kernelThread(machine, name);
  begin(machine, actor, words(command), (world) => {
    mmgrab(world, task.mm);
    const pages = { mm: task.mm, page: start, end, count: 0 };
    return command.verb === 'migrate' ? migratePages.at.isolate(pages) : shrinkPageList.at.isolate(pages);
  });
  if (command.background) return said();
  const done = command.verb === 'migrate' ? 'moved' : 'freed';
  return answer(command.verb, finishActor(machine, actor), (count) => `${count} of ${command.pages} pages ${done}`);
}

/** A process with several threads is refused: in the kernel de_thread() ends the others first. */
export function doExec(play: Play, command: CommandOf<'exec'>): Said | Refused {
  const machine = machineOf(play);
  const process = findProcess(machine.world, command.process);
  if (!process.ok) return process.error;
  const threads = tasks.all(machine.world).filter((row) => row.mm === process.value.mm);
  if (threads.length > 1) return refuse('EBUSY', `${command.process} has other threads, which the model does not end`);
  const finished = callIn(machine, process.value, words(command), command.background, (world, { id, name }) =>
    sysExec.at.call({ task: id, program: programOf(world, name) }),
  );
  return answer(command.verb, finished, () => '');
}
