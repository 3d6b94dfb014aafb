/** How a message ends that the translation unit has taken: carried out, answered, stalled or refused. SMMUv3 3.12. */
import type { Next } from '../../sim/procedure.ts';
import { tell } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { accessMemory } from '../pcie/completer.ts';
import { isParked, type Message, messages, popUp } from '../pcie/link.ts';
import { PRG_RESPONSE_CODE } from '../pcie/messages.layout.ts';
import { ENDING, judge, sendEnding, sendTranslation } from './ats.ts';
import { type Fault, release } from './configuration.ts';
import { isTranslationClass, writeEvent } from './event-queue.ts';
import type { Translation } from './iotlb.ts';
import { answerTo, groupOf, receivePageRequest, sendPageResponse } from './pri-queue.ts';
import { type Held, heldOf } from './stage-1.ts';
import { holdBack, leaveBuffer, stall, whyNotStall } from './stall.ts';
import * as story from './story.ts';
import type { Go, Taken, WithSte } from './translate-labels.ts';

/** The translation is known: the device gets it, or the access goes on with it. */
export function finish(go: Go, held: Held, message: Message, { output, rights }: Translation): Next {
  return message.kind === 'translation-request'
    ? go.grant({ ...held, output, rights })
    : go.access({ ...held, output });
}

export function grant(world: World, go: Go, l: Held & Translation): Next {
  const message = messages.get(world, l.message);
  const rights = sendTranslation(world, message, { output: l.output, rights: l.rights });
  story.tellTranslation(world, l.smmu, message, l.output, rights);
  return leave(world, go, l);
}

export function access(world: World, go: Go, l: Held & Pick<Translation, 'output'>): Next {
  const message = messages.get(world, l.message);
  const isDone = accessMemory(world, message, l.output);
  story.tellAccess(world, l.smmu, message, l.output, isDone);
  return isDone ? leave(world, go, l) : go.refuse({ ...heldOf(l), ending: ENDING.unsupported });
}

/** What follows from a fault; the step that found it has named it. */
export function fault(world: World, go: Go, held: Held, { event, fetch }: Fault): Next {
  const message = messages.get(world, held.message);
  if (message.kind === 'page-request') {
    const { smmu, ste } = held;
    return go.respond({ smmu, message: message.id, ste, code: PRG_RESPONSE_CODE.RESPONSE_FAILURE, pasid: -1 });
  }
  // A page that is missing or refused is an answer to a Translation Request, not an error. SMMUv3 3.9.1.
  const isAsking = message.kind === 'translation-request';
  if (isAsking && isTranslationClass(event)) return go.grant({ ...held, output: 0, rights: 0 });
  const { ending, isRecorded, isStalled } = judge(world, held.smmu, message, event, held.cd);
  if (isStalled) return go.stall({ ...held, event });
  return isRecorded ? go.record({ ...held, event, fetch }) : go.refuse({ ...held, ending });
}

export function record(world: World, go: Go, l: Held & Pick<Fault, 'event' | 'fetch'>): Next {
  const message = messages.get(world, l.message);
  const outcome = writeEvent(world, l.smmu, message, l.event, l.fetch);
  story.tellRecord(world, message, l.event, outcome);
  return go.refuse({ ...heldOf(l), ending: judge(world, l.smmu, message, l.event, l.cd).ending });
}

/** A fault that stalls: the transaction leaves its link for the stall buffer, or waits where it is until it can. */
export function hold(world: World, go: Go, { smmu, message: id, ste, cd, event }: Held & Pick<Fault, 'event'>): Next {
  const message = messages.get(world, id);
  const why = whyNotStall(world, smmu, message);
  const stag = why === null ? stall(world, smmu, message, event) : -1;
  if (why !== null) holdBack(world, message);
  story.tellStall(world, message, event, stag, why ?? (stag < 0 ? 'no memory took its record' : null));
  release(world, smmu, ste, cd);
  return go.wait({ smmu });
}

export function refuse(world: World, go: Go, l: Held & { readonly ending: number }): Next {
  const message = messages.get(world, l.message);
  story.tellEnding(world, l.smmu, message, l.ending, sendEnding(world, message, l.ending));
  return leave(world, go, l);
}

export function request(world: World, go: Go, taken: Taken): Next {
  const message = messages.get(world, taken.message);
  const reception = receivePageRequest(world, taken.smmu, message);
  story.tellRequest(world, message, reception);
  if (reception === 'ask STE') return go.permit(taken);
  const answer = answerTo(reception, message);
  return answer === null
    ? leave(world, go, { ...taken, ste: -1, cd: -1 })
    : go.respond({ ...taken, ste: -1, ...answer });
}

export function respond(world: World, go: Go, l: WithSte & { readonly code: number; readonly pasid: number }): Next {
  const message = messages.get(world, l.message);
  sendPageResponse(world, message.link, groupOf(message), l.code, l.pasid);
  const answer = story.responseInWords(l.code);
  tell(world, { prgi: groupOf(message), answer });
  story.toDevice(world, l.smmu, message, `PRG response: group ${groupOf(message)}, ${answer} (automatic)`);
  return leave(world, go, { ...l, cd: -1 });
}

/** The message has been dealt with: it makes room on its link or in the stall buffer, and its cached configuration may go. */
export function leave(world: World, go: Go, { smmu, message, ste, cd }: Held): Next {
  const row = messages.get(world, message);
  if (isParked(row)) leaveBuffer(world, row);
  else popUp(world, row.link);
  release(world, smmu, ste, cd);
  return go.wait({ smmu });
}
