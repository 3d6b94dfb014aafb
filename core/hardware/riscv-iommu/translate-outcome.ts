/** How a message ends that the translation unit has taken: carried out, answered or refused. RISC-V IOMMU 2.5, 2.6. */
import type { Next } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { unpinLine } from '../config-cache.ts';
import { accessMemory } from '../pcie/completer.ts';
import { type Message, messages, popUp } from '../pcie/link.ts';
import { endingOf, isAnswer, sendEnding, sendTranslation } from './ats.ts';
import { dcSays } from './device-context.ts';
import { isRecorded, writeFault } from './fault-queue.ts';
import { type Held, heldOf } from './first-stage.ts';
import { ddtCache, pdtCache, setUnit, UNIT } from './iommu.ts';
import type { Translation } from './iotlb.ts';
import {
  answerPasid,
  codeForFault,
  groupOf,
  isAnswered,
  receivePageRequest,
  sendPageResponse,
} from './page-request-queue.ts';
import * as story from './story.ts';
import type { Go, WithDc } from './translate-labels.ts';

/** The translation is known: the device gets it, or the access goes on with it. */
export function finish(go: Go, message: Message, l: Held & Translation): Next {
  return message.kind === 'translation-request' ? go.grant(l) : go.access(l);
}

export function grant(world: World, go: Go, l: Held & Translation): Next {
  const message = messages.get(world, l.message);
  story.tellTranslation(world, l.iommu, message, l, sendTranslation(world, message, l));
  return leave(world, go, l);
}

export function access(world: World, go: Go, l: Held & Translation): Next {
  const message = messages.get(world, l.message);
  const isDone = accessMemory(world, message, l.output);
  story.tellAccess(world, l.iommu, message, l, isDone);
  // No memory answers there: a bus error of the device, of which the IOMMU knows nothing.
  if (!isDone) sendEnding(world, message, endingOf(message, 0));
  return leave(world, go, l);
}

/** What follows from a fault; the step that found it has named it. */
export function fault(world: World, go: Go, held: Held, cause: number): Next {
  const message = messages.get(world, held.message);
  tell(world, { cause });
  if (message.kind === 'translation-request' && isAnswer(cause)) {
    return go.grant({ ...held, output: 0, rights: 0, span: 0 });
  }
  const dtf = held.dc >= 0 && dcSays(world, held.iommu, held.dc, 'tc.DTF');
  return isRecorded(cause, dtf) ? go.record({ ...held, cause }) : afterFault(go, held, message, cause);
}

/** A page request is answered, all else is refused. */
function afterFault(go: Go, held: Held, message: Message, cause: number): Next {
  if (message.kind !== 'page-request') return go.refuse({ ...heldOf(held), cause });
  return go.respond({ ...heldOf(held), code: codeForFault(cause) });
}

export function record(world: World, go: Go, l: Held & { readonly cause: number }): Next {
  const message = messages.get(world, l.message);
  story.tellRecord(world, message, l.cause, writeFault(world, l.iommu, message, l.cause));
  return afterFault(go, l, message, l.cause);
}

export function refuse(world: World, go: Go, l: Held & { readonly cause: number }): Next {
  const message = messages.get(world, l.message);
  const ending = endingOf(message, l.cause);
  const isSent = sendEnding(world, message, ending);
  story.tellEnding(world, l.iommu, message, ending, isSent);
  return leave(world, go, l);
}

export function request(world: World, go: Go, { iommu, message: id, dc }: WithDc): Next {
  const message = messages.get(world, id);
  const code = receivePageRequest(world, iommu, message);
  story.tellRequest(world, message, code);
  const held = { iommu, message: id, dc, pc: -1 };
  return code === null ? leave(world, go, held) : go.respond({ ...held, code });
}

export function respond(world: World, go: Go, l: Held & { readonly code: number }): Next {
  const message = messages.get(world, l.message);
  const prpr = l.dc >= 0 && dcSays(world, l.iommu, l.dc, 'tc.PRPR');
  const pasid = answerPasid(message, l.code, prpr);
  const isSent = isAnswered(message);
  if (isSent) sendPageResponse(world, message.link, groupOf(message), l.code, pasid);
  story.tellResponse(world, l.iommu, message, l.code, pasid, isSent);
  return leave(world, go, l);
}

/** The message is done: its lines may go, and the unit is free. */
export function leave(world: World, go: Go, { iommu, message, dc, pc }: Held): Next {
  popUp(world, messages.get(world, message).link);
  unpinLine(world, ddtCache(world, iommu), dc);
  unpinLine(world, pdtCache(world, iommu), pc);
  setUnit(world, iommu, UNIT.idle);
  return go.wait({ iommu });
}
