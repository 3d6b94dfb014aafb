/** A link between one device and the SMMU in front of memory: two ordered queues of messages. */
import { assert, present } from '../../lib/assert.ts';
import { hex } from '../../lib/format.ts';
import { writesAs } from '../../sim/telling.ts';
import type { Draft, Row } from '../../world/row.ts';
import { table } from '../../world/table.ts';
import type { World } from '../../world/world.ts';

/** Flow-control credits: messages that can be under way in one direction; who wants to send more waits. */
export const LINK_CREDITS = 16;
/** ATS: outstanding Invalidate Requests of a link, one for each ITag. PCIe 10.3.1. */
export const ITAGS = 32;

/**
 * What a link is part of. On PCIe writes are posted: nobody is told what became of one. On the interconnect of a system
 * on chip (AXI) each write is answered, so a device there can wait for a write that stalls. CXL is PCIe with caches.
 */
export type Bus = 'pci' | 'platform' | 'cxl';

export interface Link extends Row {
  readonly name: string;
  readonly bus: Bus;
  /** Id of the SMMU or other IOMMU at its upper end. */
  readonly smmu: number;
  /** StreamID of the device at its lower end; bits 15:0 are its RequesterID. */
  readonly sid: number;
  /** One bit for each ITag of an Invalidate Request that the device has not answered, as an unsigned number. */
  readonly itags: number;
  /** 1: its head was pushed back because the SMMU could not stall it; what stands behind waits too. */
  readonly held: number;
}

export const links = table<Link>(
  'link',
  { name: 'name', bus: 'text', smmu: 'int', sid: 'int', itags: 'int', held: 'int' },
  (id, r) => ({
    id,
    h0: 0,
    h1: 0,
    name: r.name,
    bus: r.bus,
    smmu: r.smmu,
    sid: r.sid,
    itags: r.itags,
    held: r.held,
  }),
);

export type UpKind = 'translation-request' | 'page-request' | 'read' | 'write' | 'invalidate-completion';
export type DownKind =
  | 'translation-completion'
  | 'read-completion'
  | 'write-completion'
  | 'page-response'
  | 'invalidate-request';
/** The AT field of a read or write. PCIe 10.2.1. */
export type AddressType = 'untranslated' | 'translated';
/** Of a completion: Unsupported Request and Completer Abort on PCIe, abort elsewhere. Nothing for what is no completion. */
export type Status = '' | 'success' | 'UR' | 'CA' | 'abort';

/** Place of a message that has left its queue and that the SMMU still holds. */
const PARKED = -1;

export interface Message extends Row {
  readonly link: number;
  /** 1: towards the SMMU. */
  readonly up: number;
  /** Position in its queue, 0 for the head; -1: it has left the queue, and the SMMU holds it. */
  readonly place: number;
  readonly kind: UpKind | DownKind;
  readonly at: AddressType;
  /** From the PASID prefix; -1 for none, then `priv` and `exec` are 0. */
  readonly pasid: number;
  readonly priv: number;
  readonly exec: number;
  /** NW of a Translation Request: the device does not want to write. */
  readonly noWrite: number;
  /** The address, the body of a message as it is on the wire, or the first 8 bytes read, in two words. */
  readonly hi: number;
  readonly lo: number;
  readonly bytes: number;
  /** A write puts `data`, `data` + 1 and so on into the words that it covers. */
  readonly data: number;
  /** Pairs a completion with its request; the ITag of an invalidation. */
  readonly tag: number;
  readonly status: Status;
}

export const messages = table<Message>(
  'message',
  {
    link: 'int',
    up: 'int',
    place: 'int',
    kind: 'text',
    at: 'text',
    pasid: 'int',
    priv: 'int',
    exec: 'int',
    noWrite: 'int',
    hi: 'int',
    lo: 'int',
    bytes: 'int',
    data: 'int',
    tag: 'int',
    status: 'text',
  },
  (id, r) => ({
    id,
    h0: 0,
    h1: 0,
    link: r.link,
    up: r.up,
    place: r.place,
    kind: r.kind,
    at: r.at,
    pasid: r.pasid,
    priv: r.priv,
    exec: r.exec,
    noWrite: r.noWrite,
    hi: r.hi,
    lo: r.lo,
    bytes: r.bytes,
    data: r.data,
    tag: r.tag,
    status: r.status,
  }),
);

/** What a sender gives; what it leaves out is 0, untranslated, without PASID, without status. */
export type Sent<K> = { readonly kind: K } & Partial<Omit<Message, keyof Row | 'link' | 'up' | 'place' | 'kind'>>;

const KIND_WORDS: Readonly<Record<UpKind | DownKind, string>> = {
  'translation-request': 'a translation request',
  'page-request': 'a page request',
  read: 'a read',
  write: 'a write',
  'invalidate-completion': 'an invalidation completion',
  'translation-completion': 'a translation completion',
  'read-completion': 'a read completion',
  'write-completion': 'a write completion',
  'page-response': 'a page response',
  'invalidate-request': 'an invalidation request',
};

writesAs('link', (world, id) => links.find(world, id)?.name ?? `link ${id}`);
writesAs('message', (world, id) => {
  const message = messages.find(world, id);
  return message === undefined ? `message ${id}` : describeMessage(message);
});
writesAs('sid', (_world, sid) => `0x${hex(sid)}`);

/** What a message is, with its article: 'a translated write'. */
export function describeMessage(message: Pick<Message, 'kind' | 'at'>): string {
  if (message.kind !== 'read' && message.kind !== 'write') return KIND_WORDS[message.kind];
  return message.at === 'translated' ? `a translated ${message.kind}` : `an untranslated ${message.kind}`;
}

/** Plugs a device in under an SMMU; nothing is under way. */
export function createLink(world: World, name: string, smmu: number, sid: number, bus: Bus = 'pci'): number {
  return links.insert(world, { name, bus, smmu, sid, itags: 0, held: 0 }).id;
}

/** The links below an SMMU, in the order of their ids. */
export function linksOf(world: World, smmu: number): Link[] {
  return links.all(world).filter((link) => link.smmu === smmu);
}

/** The link to the device with this StreamID, null where there is none. */
export function linkTo(world: World, smmu: number, sid: number): Link | null {
  return links.first(world, (link) => link.smmu === smmu && link.sid === sid) ?? null;
}

/** Page number (address >> 12) of the address that a message carries. */
export function addressPage(message: Pick<Message, 'hi' | 'lo'>): number {
  return message.hi * 2 ** 20 + (message.lo >>> 12);
}

export function hasRoomUp(world: World, link: number): boolean {
  return lengthOf(world, link, 1) < LINK_CREDITS;
}

/** Room for a message. Completions need none: who asks has room for the answer (PCIe 2.6.1, infinite credits). */
export function hasRoomDown(world: World, link: number): boolean {
  return lengthOf(world, link, 0) < LINK_CREDITS;
}

/** The device sends towards the SMMU; it has waited for `hasRoomUp`. */
export function sendUp(world: World, link: number, message: Sent<UpKind>): Message {
  assert(hasRoomUp(world, link), 'a device has a credit for what it sends');
  return append(world, link, 1, message);
}

/** The SMMU sends towards the device. */
export function sendDown(world: World, link: number, message: Sent<DownKind>): Message {
  return append(world, link, 0, message);
}

export function headUp(world: World, link: number): Message | null {
  return headOf(world, link, 1);
}

/** Heads of what comes up to an SMMU, in the order of its links. */
export function headsUp(world: World, smmu: number): Message[] {
  const heads: Message[] = [];
  for (const link of links.slots(world)) {
    const head = link?.smmu === smmu ? headUp(world, link.id) : null;
    if (head !== null) heads.push(head);
  }
  return heads;
}

export function headDown(world: World, link: number): Message | null {
  return headOf(world, link, 0);
}

/** Takes the head off, as the SMMU does. */
export function popUp(world: World, link: number): Message {
  return pop(world, link, 1);
}

/** Takes the head off and keeps it in the SMMU, which has a place for it: what stands behind goes on. */
export function parkUp(world: World, link: number): Message {
  const head = present(headOf(world, link, 1), 'a message is parked off a queue that has one');
  const parked = messages.edit(world, head.id, (row) => {
    row.place = PARKED;
  });
  closeRanks(world, link, 1);
  return parked;
}

export function isParked(message: Message): boolean {
  return message.place === PARKED;
}

/** Pushes the head of a link back, or lets it try again. */
export function setHeld(world: World, link: number, held: number): void {
  links.edit(world, link, (row) => {
    row.held = held;
  });
}

/** Takes the head off, as the device does. */
export function popDown(world: World, link: number): Message {
  return pop(world, link, 0);
}

function lengthOf(world: World, link: number, up: number): number {
  let length = 0;
  for (const message of messages.slots(world)) {
    if (message?.link === link && message.up === up && message.place !== PARKED) length++;
  }
  return length;
}

function headOf(world: World, link: number, up: number): Message | null {
  for (const row of messages.slots(world)) {
    if (row?.link === link && row.up === up && row.place === 0) return row;
  }
  return null;
}

function append(world: World, link: number, up: number, sent: Sent<UpKind | DownKind>): Message {
  // Field by field, for all drafts to be of one shape: a spread of what senders give costs more than the rest of a step.
  return messages.insert(world, {
    link,
    up,
    place: lengthOf(world, link, up),
    kind: sent.kind,
    at: sent.at ?? 'untranslated',
    pasid: sent.pasid ?? -1,
    priv: sent.priv ?? 0,
    exec: sent.exec ?? 0,
    noWrite: sent.noWrite ?? 0,
    hi: sent.hi ?? 0,
    lo: sent.lo ?? 0,
    bytes: sent.bytes ?? 0,
    data: sent.data ?? 0,
    tag: sent.tag ?? 0,
    status: sent.status ?? '',
  });
}

function pop(world: World, link: number, up: number): Message {
  const head = present(headOf(world, link, up), 'a message is taken off a queue that has one');
  messages.remove(world, head.id);
  closeRanks(world, link, up);
  return head;
}

/** The head is gone: all behind it move up. */
function closeRanks(world: World, link: number, up: number): void {
  for (const row of messages.slots(world)) {
    if (row?.link === link && row.up === up && row.place !== PARKED) messages.edit(world, row.id, moveUp);
  }
}

function moveUp(message: Draft<Message>): void {
  message.place -= 1;
}
