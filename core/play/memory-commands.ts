/** Commands about where pages are: what reclaim does, and who keeps them from it. */
import { act, begin, type Machine } from '../machine/machine.ts';
import { mmgrab } from '../process/mm.ts';
import { shrinkPageList } from '../process/reclaim.ts';
import type { CommandOf } from '../script/index.ts';
import { actors, spawn } from '../sim/actor.ts';
import { answer, placeOf, words } from './commands.ts';
import { machineOf, type Play, type Refused, refuse, type Said, said } from './play.ts';
import { finishActor } from './threads.ts';

const RECLAIM = 'kswapd';
/** Kernel: SWAP_CLUSTER_MAX. */
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

export function doSwapOut(play: Play, command: CommandOf<'swap-out'>): Said | Refused {
  const machine = machineOf(play);
  const place = placeOf(play, command);
  if ('refused' in place) return place;
  const { task, spot } = place;
  if (spot.offset !== 0) return refuse('EINVAL', 'the range begins at a page');
  if (command.pages > MOST_PAGES) return refuse('ERANGE', `reclaim takes at most ${MOST_PAGES} pages at once`);
  if (actors.first(machine.world, (row) => row.name === RECLAIM && row.frame !== null) !== undefined) {
    return refuse('EBUSY', 'the reclaim thread is at work: let it finish first (run)');
  }
  const actor = reclaimThread(machine);
  begin(machine, actor, words(command), (world) => {
    mmgrab(world, task.mm);
    return shrinkPageList.at.isolate({ mm: task.mm, page: spot.page, end: spot.page + command.pages, count: 0 });
  });
  if (command.background) return said();
  return answer(command.verb, finishActor(machine, actor), (freed) => `${freed} of ${command.pages} pages freed`);
}
