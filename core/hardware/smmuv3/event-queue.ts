/** Event records, and the queue that the SMMU writes them to. SMMUv3 3.5.3, 7.2, 7.3. */
import type { World } from '../../world/world.ts';
import { encode } from '../layout.ts';
import { addressPage, links, type Message } from '../pcie/link.ts';
import {
  EVENT,
  EVT_BAD_ATS_TREQ,
  EVT_CONFIG,
  EVT_FETCH,
  EVT_TRANSL_FORBIDDEN,
  EVT_TRANSLATION_CLASS,
  EVT_WALK_EABT,
  FAULT_CLASS,
} from './events.layout.ts';
import { enterOverflow, isOverflowing, isQueueFull, pushEntry } from './output-queue.ts';
import { isEnabled, isErrorActive } from './registers.ts';

/** Addresses of structures that could not be read travel as address >> 3, the form of FetchAddr: 53 bits. */
export const FETCH_SHIFT = 3;

const TRANSLATION_CLASS: readonly number[] = [
  EVENT.F_TRANSLATION,
  EVENT.F_ADDR_SIZE,
  EVENT.F_ACCESS,
  EVENT.F_PERMISSION,
];
const FETCH_CLASS: readonly number[] = [EVENT.F_STE_FETCH, EVENT.F_CD_FETCH];
const NAMES = new Map<number, string>(Object.entries(EVENT).map(([name, id]) => [id, name]));

/** One of the four faults for which CD.A, R and S say what happens. SMMUv3 5.5. */
export function isTranslationClass(event: number): boolean {
  return TRANSLATION_CLASS.includes(event);
}

/** The specification's name of an event number. */
export function eventName(event: number): string {
  return NAMES.get(event) ?? `event 0x${event.toString(16)}`;
}

function whoOf(world: World, message: Message, event: number): Who {
  return {
    EventID: event,
    SSV: message.pasid < 0 ? 0 : 1,
    SubstreamID: Math.max(0, message.pasid),
    StreamID: links.get(world, message.link).sid,
  };
}

function inputOf({ lo, hi }: Message) {
  return { InputAddr_LO: lo, InputAddr_HI: hi };
}

function accessOf(message: Message) {
  const isRead = message.kind === 'write' ? 0 : 1;
  return { PnU: message.priv, InD: isRead & message.exec, RnW: isRead };
}

/** The record of a translation fault. A stage 1 walk has no stage below it: the input is to blame. SMMUv3 7.3.13. */
function faultRecord(who: Who, message: Message, stalled: { readonly Stall?: 1; readonly STAG?: number }): Uint32Array {
  const fields = { ...who, ...stalled, ...accessOf(message), CLASS: FAULT_CLASS.IN, ...inputOf(message) };
  return encode(EVT_TRANSLATION_CLASS, fields);
}

/** The record of an event about a transaction; `fetch` is the address >> 3 that could not be read, 0 for none. */
function eventRecord(world: World, message: Message, event: number, fetch: number): Uint32Array {
  const who = whoOf(world, message, event);
  const input = inputOf(message);
  const access = accessOf(message);
  if (isTranslationClass(event)) return faultRecord(who, message, {});
  if (event === EVENT.F_WALK_EABT) {
    return encode(EVT_WALK_EABT, { ...who, ...access, CLASS: FAULT_CLASS.TT, ...input, FetchAddr: fetch });
  }
  if (FETCH_CLASS.includes(event)) return encode(EVT_FETCH, { ...who, FetchAddr: fetch });
  if (event === EVENT.F_BAD_ATS_TREQ) return badRequestRecord(who, message);
  if (event === EVENT.F_TRANSL_FORBIDDEN) return encode(EVT_TRANSL_FORBIDDEN, { ...who, RnW: access.RnW, ...input });
  return encode(EVT_CONFIG, who);
}

type Who = { readonly [K in keyof (typeof EVT_CONFIG)['fields']]: number };

function badRequestRecord(who: Who, message: Message): Uint32Array {
  const asked = { P: message.priv, X: message.exec, W: 1 - message.noWrite, R: 1 };
  return encode(EVT_BAD_ATS_TREQ, { ...who, Span: 1, ...asked, InputAddr: addressPage(message) });
}

/** Writes the record of an event. If the queue is full it is lost, and OVFLG says so once. SMMUv3 7.4. */
export function writeEvent(
  world: World,
  smmu: number,
  message: Message,
  event: number,
  fetch: number,
): 'written' | 'lost' {
  if (!isRecording(world, smmu)) return 'lost';
  if (isQueueFull(world, smmu, 'EVENTQ')) {
    if (!isOverflowing(world, smmu, 'EVENTQ')) enterOverflow(world, smmu, 'EVENTQ');
    return 'lost';
  }
  const record = eventRecord(world, message, event, fetch);
  return pushEntry(world, smmu, 'EVENTQ', record, `event ${eventName(event)}`) ? 'written' : 'lost';
}

function isRecording(world: World, smmu: number): boolean {
  return isEnabled(world, smmu, 'EVENTQEN') && !isErrorActive(world, smmu, 'EVENTQ_ABT_ERR');
}

/** Whether a record can be written now. One of a stalled transaction waits for that, and overflows nothing. SMMUv3 7.4. */
export function canRecord(world: World, smmu: number): boolean {
  return isRecording(world, smmu) && !isQueueFull(world, smmu, 'EVENTQ');
}

/** Writes the record of a transaction that stalls, where one can be written; false if no memory answers. */
export function writeStall(world: World, smmu: number, message: Message, event: number, stag: number): boolean {
  const record = faultRecord(whoOf(world, message, event), message, { Stall: 1, STAG: stag });
  return pushEntry(world, smmu, 'EVENTQ', record, `event ${eventName(event)}, stalled: STAG ${stag}`);
}
