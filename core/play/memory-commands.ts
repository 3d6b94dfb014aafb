/** Commands about where pages are: what reclaim does, and who keeps them from it. */
import { pinIoctl, unpinIoctl } from '../drivers/accel-pin.ts';
import { act, begin, type Machine } from '../machine/machine.ts';
import { failAllocations } from '../process/frame.ts';
import { mmgrab } from '../process/mm.ts';
import { shrinkPageList } from '../process/reclaim.ts';
import { sysMadvise, sysMlock } from '../process/syscalls.ts';
import type { Task } from '../process/task.ts';
import type { CommandOf } from '../script/index.ts';
import { actors, spawn } from '../sim/actor.ts';
import type { Next } from '../sim/procedure.ts';
import { answer, placeOf, words } from './commands.ts';
import { machineOf, type Play, type Refused, refuse, type Said, said } from './play.ts';
import { callIn, finishActor } from './threads.ts';

const RECLAIM = 'kswapd';
/** Kernel: SWAP_CLUSTER_MAX, what reclaim takes at once. */
const MOST_PAGES = 32;

/** The kernel's reclaim thread, started when a script first needs it; busy or not. */
function reclaimThread(machine: Machine): number {
  const known = actors.first(machine.world, (row) => row.name === RECLAIM);
  if (known !== undefined) return known.id;
  let id = -1;
  act(machine, 'starts the reclaim thread of the kernel', (world) => {
    id = spawn(world, RECLAIM, RECLAIM, null).id;
  });
  return id;
}

/** What a command is about: pages of a process. */
function rangeOf(
  play: Play,
  command: CommandOf<'pin' | 'unpin' | 'mlock' | 'madvise' | 'swap-out'>,
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

export function doSwapOut(play: Play, command: CommandOf<'swap-out'>): Said | Refused {
  const machine = machineOf(play);
  const range = rangeOf(play, command);
  if ('refused' in range) return range;
  const { task, start, end } = range;
  if (actors.first(machine.world, (row) => row.name === RECLAIM && row.frame !== null) !== undefined) {
    return refuse('EBUSY', 'the reclaim thread is at work: let it finish first (run)');
  }
  const actor = reclaimThread(machine);
  begin(machine, actor, words(command), (world) => {
    mmgrab(world, task.mm);
    return shrinkPageList.at.isolate({ mm: task.mm, page: start, end, count: 0 });
  });
  if (command.background) return said();
  return answer(command.verb, finishActor(machine, actor), (freed) => `${freed} of ${command.pages} pages freed`);
}
