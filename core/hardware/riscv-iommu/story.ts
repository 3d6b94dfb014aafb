/** What the units' steps say about themselves: sentences, arrows and moments. Read by nobody inside. */
import { hex, shortPage } from '../../lib/format.ts';
import { reach, send, tell, writesAs } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { isPosted } from '../pcie/completer.ts';
import { addressPage, describeMessage, links, type Message, type Status } from '../pcie/link.ts';
import { PRG_RESPONSE_CODE } from '../pcie/messages.layout.ts';
import type { SvVisit } from '../riscv/walk.ts';
import { endingOn } from './ats.ts';
import { DDTP_MODE } from './device-directory.layout.ts';
import { deviceIdOf, type Lookup } from './device-directory.ts';
import { causeName } from './fault-queue.ts';
import { memoryTypeIn, type Stage } from './first-stage.ts';
import { riscvIommus } from './iommu.ts';
import type { Translation } from './iotlb.ts';
import { groupOf, isStopMarker } from './page-request-queue.ts';

writesAs('did', (_world, did) => `0x${hex(did)}`);

export const cause = causeName;

/** What ddtp lets a message do. */
export function modeInWords(mode: number): string {
  return mode === DDTP_MODE.Bare ? 'addresses are used as they are' : 'a device directory says';
}

/** Where a look-up in a directory goes on. */
export function lookupInWords(lookup: Lookup): string {
  if (lookup.to === 'line') return 'found';
  return lookup.to === 'fault' ? causeName(lookup.cause) : `it goes on at level ${lookup.level}`;
}

const STAGES: Readonly<Record<Stage['to'], string>> = {
  memory: 'the device has translated the address itself',
  bare: 'the address is used as it is',
  table: 'one page table for the whole device',
  process: 'a process context names the page table',
};

export function stageInWords(stage: Stage): string {
  return STAGES[stage.to];
}

/** The translation unit takes a message. */
export function tellArrival(world: World, message: Message): void {
  const { link, pasid } = message;
  tell(world, { what: describeMessage(message), from: links.get(world, link).name, link, pasid });
}

const VISIT_WORDS: Readonly<Record<SvVisit['kind'], string>> = {
  invalid: 'not valid',
  table: 'a table',
  leaf: 'a page',
  abort: 'not in memory',
  poisoned: 'poisoned',
};

/** `why`: the cause that stops the walk here, null if nothing does. */
export function tellVisit(world: World, message: Message, level: number, seen: SvVisit, why: number | null): void {
  const { index, table, kind } = seen;
  const found = why === null ? VISIT_WORDS[kind] : `${VISIT_WORDS[kind]}, ${causeName(why)}`;
  tell(world, { level, index, pfn: table, page: addressPage(message), found });
}

export function tellTranslation(world: World, iommu: number, message: Message, to: Translation, rights: string): void {
  const page = addressPage(message);
  const answer = rights === '---' ? 'no access (R=W=0)' : `frame 0x${hex(to.output)}, ${rights}`;
  tell(world, { page, answer, pasid: message.pasid, pfn: to.output, span: to.span, pbmt: memoryTypeIn(to.rights) });
  toDevice(world, iommu, message, `ATS completion: ${answer}`);
  reach(world, 'translation.done');
}

/** `isDone`: memory answers at the address. */
export function tellAccess(world: World, iommu: number, message: Message, to: Translation, isDone: boolean): void {
  const { link, bytes } = message;
  const place = { pfn: to.output, span: to.span, pbmt: memoryTypeIn(to.rights) };
  tell(world, { what: describeMessage(message), bytes, link, ...place });
  if (!isDone) return;
  if (message.kind === 'read') toDevice(world, iommu, message, 'read completion');
  else if (!isPosted(world, message)) toDevice(world, iommu, message, 'write completion');
  reach(world, 'translation.done');
}

export function tellRecord(world: World, message: Message, why: number, outcome: string): void {
  tell(world, { name: causeName(why), outcome, did: deviceIdOf(links.get(world, message.link).sid) });
}

const STATUS_WORDS: Readonly<Record<Status, string>> = {
  '': '',
  success: 'Success',
  UR: 'Unsupported Request',
  CA: 'Completer Abort',
  abort: 'abort',
};

/** `isSent`: the device is told; a write that ends early just has no effect. */
export function tellEnding(world: World, iommu: number, message: Message, ending: number, isSent: boolean): void {
  const words = STATUS_WORDS[endingOn(world, message.link, ending)];
  const what = describeMessage(message);
  tell(world, { what, outcome: isSent ? words : 'it has no effect', page: addressPage(message) });
  if (isSent) toDevice(world, iommu, message, words);
}

/** `code`: of the answer that it gets instead of a place in the queue. */
export function tellRequest(world: World, message: Message, code: number | null): void {
  const page = addressPage(message);
  const isMarker = isStopMarker(message);
  const what = isMarker ? 'the stop marker' : `the request for ${shortPage(page)}`;
  const isFull = code === PRG_RESPONSE_CODE.SUCCESS;
  const why = isFull ? 'not written, the queue overflows' : 'not written, the queue is off or in error';
  const outcome = code === null ? 'written to the page-request queue' : why;
  tell(world, { what, page, prgi: groupOf(message), pasid: message.pasid, outcome, fault: isMarker ? 0 : 1 });
  if (code === null) reach(world, 'fault.queued');
  if (isFull) reach(world, 'priq.overflow');
}

export function tellResponse(
  world: World,
  iommu: number,
  message: Message,
  code: number,
  pasid: number,
  isSent: boolean,
): void {
  const answer = isSent ? responseInWords(code) : 'nothing, it wants no answer';
  tell(world, { prgi: groupOf(message), answer, pasid });
  if (isSent) toDevice(world, iommu, message, `PRG response: group ${groupOf(message)}, ${answer}`);
}

/** A page response, to the device; `code` as on the wire. */
export function responseInWords(code: number): string {
  if (code === PRG_RESPONSE_CODE.SUCCESS) return 'Success';
  return code === PRG_RESPONSE_CODE.INVALID_REQUEST ? 'Invalid Request' : 'Response Failure';
}

function toDevice(world: World, iommu: number, { link }: Pick<Message, 'link'>, text: string): void {
  send(world, 'response', riscvIommus.get(world, iommu).name, links.get(world, link).name, text);
}
