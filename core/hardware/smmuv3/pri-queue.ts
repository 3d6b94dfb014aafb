/** Page requests of devices: the queue for software, and what the SMMU answers by itself. SMMUv3 8. */
import { shortPage } from '../../lib/format.ts';
import type { World } from '../../world/world.ts';
import { encode, getField } from '../layout.ts';
import { addressPage, links, type Message, sendDown } from '../pcie/link.ts';
import { PAGE_REQUEST_BODY, PRG_RESPONSE_BODY, PRG_RESPONSE_CODE } from '../pcie/messages.layout.ts';
import { enterOverflow, isOverflowing, isQueueFull, pushEntry } from './output-queue.ts';
import { PRIQ_ENTRY } from './pri-queue.layout.ts';
import { REGISTER } from './registers.layout.ts';
import { isEnabled, isErrorActive, registerField } from './registers.ts';

/** What becomes of a page request: an entry, nothing, or an automatic answer. With `ask STE` the STE has a say in it. */
export type Reception = 'queued' | 'dropped' | 'refused' | 'succeeds' | 'ask STE';

/** Takes a page request in: writes the entry if it can, marks the overflow if it cannot. */
export function receivePageRequest(world: World, smmu: number, message: Message): Reception {
  const isOn = isEnabled(world, smmu, 'SMMUEN') && isEnabled(world, smmu, 'PRIQEN');
  if (!isOn || isErrorActive(world, smmu, 'PRIQ_ABT_ERR')) return answers(message) ? 'refused' : 'dropped';
  if (isQueueFull(world, smmu, 'PRIQ') && !isOverflowing(world, smmu, 'PRIQ')) enterOverflow(world, smmu, 'PRIQ');
  // Nothing is written while the overflow is not acknowledged, even if there is room again. SMMUv3 8.2.
  if (isOverflowing(world, smmu, 'PRIQ')) return answers(message) ? onOverflow(world, smmu, message) : 'dropped';
  const text = isStopMarker(message) ? 'PRI stop marker' : `PRI record ${shortPage(addressPage(message))}`;
  if (pushEntry(world, smmu, 'PRIQ', entryOf(world, message), text)) return 'queued';
  return answers(message) ? 'refused' : 'dropped';
}

/** The automatic answer to a page request that was received so; null for none. SMMUv3 8.2. */
export function answerTo(
  reception: Reception,
  message: Message,
): { readonly code: number; readonly pasid: number } | null {
  if (reception === 'succeeds') return { code: PRG_RESPONSE_CODE.SUCCESS, pasid: message.pasid };
  return reception === 'refused' ? { code: PRG_RESPONSE_CODE.RESPONSE_FAILURE, pasid: -1 } : null;
}

/** Only the last request of a group is answered, and a Stop Marker never. */
function answers(message: Message): boolean {
  return bodyField(message, 'L') === 1 && !isStopMarker(message);
}

/** With a PASID, and asking for nothing: the device will ask for nothing more under this PASID. SMMUv3 8. */
export function isStopMarker(message: Message): boolean {
  return message.pasid >= 0 && bodyField(message, 'R') === 0 && bodyField(message, 'W') === 0;
}

function onOverflow(world: World, smmu: number, message: Message): Reception {
  if (message.pasid < 0 || registerField(world, smmu, REGISTER.IDR3, 'PPS') === 1) return 'succeeds';
  return 'ask STE';
}

/** The 16 bytes for the queue. */
function entryOf(world: World, message: Message): Uint32Array {
  return encode(PRIQ_ENTRY, {
    StreamID: links.get(world, message.link).sid,
    SubstreamID: Math.max(0, message.pasid),
    SSV: message.pasid < 0 ? 0 : 1,
    Priv: message.priv,
    X: message.exec,
    R: bodyField(message, 'R'),
    W: bodyField(message, 'W'),
    Last: bodyField(message, 'L'),
    PRGIndex: bodyField(message, 'PRGI'),
    PageAddr: addressPage(message),
  });
}

/** The group that a page request belongs to. */
export function groupOf(message: Message): number {
  return bodyField(message, 'PRGI');
}

function bodyField(message: Message, name: keyof typeof PAGE_REQUEST_BODY.fields): number {
  return getField([message.lo, message.hi], PAGE_REQUEST_BODY.fields[name]);
}

/** Sends a PRG Response down a link; `code` as on the wire, `pasid` -1 for none. */
export function sendPageResponse(world: World, link: number, group: number, code: number, pasid: number): void {
  const DestDeviceID = links.get(world, link).sid & 0xffff;
  const body = encode(PRG_RESPONSE_BODY, { PRGI: group, RespCode: code, DestDeviceID });
  sendDown(world, link, { kind: 'page-response', pasid, lo: body[0] ?? 0, hi: body[1] ?? 0 });
}
