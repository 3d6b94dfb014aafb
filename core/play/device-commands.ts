import { requestByHand } from '../drivers/page-requests.ts';
import type { CommandOf } from '../script/index.ts';
import { answer, pairOf, silent, words } from './commands.ts';
import { machineOf, type Play, type Refused, refuse, type Said } from './play.ts';
import { findSpot } from './resolve.ts';
import { callIn } from './threads.ts';

/** request: one page request, with the group and the place in it that the script says. */
export function doRequest(play: Play, command: CommandOf<'request'>): Said | Refused {
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
