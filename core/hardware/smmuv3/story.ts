/** What the translation unit's steps say about themselves: sentences, arrows and moments. Read by nobody inside. */
import { hex, hex64, shortPage } from '../../lib/format.ts';
import { reach, send, tell } from '../../sim/telling.ts';
import { readWord } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import type { Visit } from '../page-format.ts';
import { isPosted } from '../pcie/completer.ts';
import { addressPage, describeMessage, isParked, links, type Message, type Status } from '../pcie/link.ts';
import { PRG_RESPONSE_CODE } from '../pcie/messages.layout.ts';
import { endingOn } from './ats.ts';
import { type Lookup, type Permit, SILENT } from './configuration.ts';
import { eventName } from './event-queue.ts';
import { groupOf, isStopMarker, type Reception } from './pri-queue.ts';
import { smmus } from './smmu.ts';

/** A fault before it is judged. */
function faultInWords(event: number): string {
  return event === SILENT ? 'it aborts without an event' : eventName(event);
}

/** Where a lookup in the configuration goes on. */
export function lookupInWords(lookup: Lookup | Permit): string {
  switch (lookup.to) {
    case 'line':
      return 'found';
    case 'level 1':
      return 'the table has two levels';
    case 'structure':
      return `it lies at 0x${hex(lookup.at * 64)} in memory`;
    case 'bypass':
      return 'stage 1 is left out';
    case 'answer':
      return lookup.pasid < 0 ? 'an automatic answer leaves out the PASID' : 'an automatic answer carries the PASID';
    case 'memory':
      return 'the address is used as it is';
    case 'context':
      return 'translated by a context descriptor';
    case 'fault':
      return faultInWords(lookup.event);
  }
}

const VISIT_WORDS: Readonly<Record<Visit['kind'], string>> = {
  invalid: 'not valid',
  table: 'a table',
  block: 'a block',
  page: 'a page',
  abort: 'not in memory',
  'address-size': 'an address out of range',
};

/** `event`: what stops the walk here, null if nothing does. */
export function tellVisit(world: World, message: Message, level: number, seen: Visit, event: number | null): void {
  const { index, table, kind } = seen;
  const found = event === null ? VISIT_WORDS[kind] : `${VISIT_WORDS[kind]}, ${eventName(event)}`;
  tell(world, { level, index, pfn: table, page: addressPage(message), found });
}

export function tellTranslation(world: World, smmu: number, message: Message, output: number, rights: string): void {
  const page = addressPage(message);
  const answer = rights === '---' ? 'no access (R=W=0)' : `frame 0x${hex(output)}, ${rights}`;
  tell(world, { page, answer, pasid: message.pasid });
  toDevice(world, smmu, message, `ATS completion: ${answer}`);
  reach(world, 'translation.done');
}

/** `isDone`: memory answers at the address. */
export function tellAccess(world: World, smmu: number, message: Message, output: number, isDone: boolean): void {
  tell(world, { what: describeMessage(message), bytes: message.bytes, pfn: output, link: message.link });
  if (!isDone) return;
  if (message.kind === 'read') toDevice(world, smmu, message, `read completion: ${valueAt(world, message, output)}`);
  else if (!isPosted(world, message)) toDevice(world, smmu, message, 'write completion');
  reach(world, 'translation.done');
}

/** The first bytes of what a read returns, as a number. */
function valueAt(world: World, { lo, bytes }: Message, page: number): string {
  const offset = lo & 0xfff;
  return hex64(bytes < 8 ? 0 : readWord(world, page, offset + 4), readWord(world, page, offset));
}

export function tellRecord(world: World, message: Message, event: number, outcome: string): void {
  tell(world, { name: eventName(event), outcome, sid: links.get(world, message.link).sid });
}

const STATUS_WORDS: Readonly<Record<Status, string>> = {
  '': '',
  success: 'it reads zero, writes are ignored',
  UR: 'Unsupported Request',
  CA: 'Completer Abort',
  abort: 'abort',
};

/** An ending as the device on a link hears of it. */
export function endingInWords(world: World, link: number, ending: number): string {
  return STATUS_WORDS[endingOn(world, link, ending)];
}

/** `isSent`: the device is told; a write that ends early just has no effect. */
export function tellEnding(world: World, smmu: number, message: Message, ending: number, isSent: boolean): void {
  const words = endingInWords(world, message.link, ending);
  tell(world, {
    what: describeMessage(message),
    outcome: isSent ? words : 'it has no effect',
    page: addressPage(message),
  });
  if (isSent) toDevice(world, smmu, message, words);
}

/** The translation unit takes a message. */
export function tellArrival(world: World, message: Message): void {
  const { link } = message;
  const from = isParked(message) ? 'the stall buffer' : links.get(world, link).name;
  tell(world, { what: describeMessage(message), from, link, pasid: message.pasid });
}

/** A fault that should stall: `stag` is its tag, `why` says why it has none and is held back. */
export function tellStall(world: World, message: Message, event: number, stag: number, why: string | null): void {
  const { link, pasid } = message;
  const outcome = why ?? `${eventName(event)} is recorded with STAG ${stag}`;
  const does = why === null ? 'stalls' : 'holds back';
  tell(world, { does, what: describeMessage(message), page: addressPage(message), outcome, link, pasid, fault: 1 });
  if (why === null) reach(world, 'fault.queued');
}

const RECEPTION_WORDS: Readonly<Record<Reception, string>> = {
  queued: 'written to the PRI queue',
  dropped: 'dropped',
  refused: 'refused, page requests are off',
  succeeds: 'not written, the queue overflows',
  'ask STE': 'not written, the queue overflows',
};

export function tellRequest(world: World, message: Message, reception: Reception): void {
  const page = addressPage(message);
  const what = isStopMarker(message) ? 'the stop marker' : `the request for ${shortPage(page)}`;
  const fault = isStopMarker(message) ? 0 : 1;
  tell(world, { what, page, prgi: groupOf(message), pasid: message.pasid, outcome: RECEPTION_WORDS[reception], fault });
  if (reception === 'queued') reach(world, 'fault.queued');
  if (reception === 'dropped' || reception === 'ask STE' || reception === 'succeeds') reach(world, 'priq.overflow');
}

/** A page response, to the device; `code` as on the wire. */
export function responseInWords(code: number): string {
  if (code === PRG_RESPONSE_CODE.SUCCESS) return 'Success';
  return code === PRG_RESPONSE_CODE.INVALID_REQUEST ? 'Invalid Request' : 'Response Failure';
}

export function toDevice(world: World, smmu: number, { link }: Pick<Message, 'link'>, text: string): void {
  send(world, 'response', smmus.get(world, smmu).name, links.get(world, link).name, text);
}
