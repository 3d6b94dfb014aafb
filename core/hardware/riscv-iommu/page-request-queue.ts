/** Page requests: the queue they are written to, and how the IOMMU answers those that it cannot write. RISC-V IOMMU 2.6.1, 3.3. */

import { shortPage } from '../../lib/format.ts';
import type { World } from '../../world/world.ts';
import { encode, getField } from '../layout.ts';
import { addressPage, links, type Message, sendDown } from '../pcie/link.ts';
import { PAGE_REQUEST_BODY, PRG_RESPONSE_BODY, PRG_RESPONSE_CODE } from '../pcie/messages.layout.ts';
import { deviceIdOf } from './device-directory.ts';
import { notify } from './fault-queue.ts';
import { obstacleOf, push } from './output-queue.ts';
import { CAUSE, PQ_RECORD } from './queues.layout.ts';
import { REGISTER } from './registers.layout.ts';
import { registerField } from './registers.ts';

/** Takes a page request in: null if it was written, else the code of the answer that it gets instead. */
export function receivePageRequest(world: World, iommu: number, message: Message): number | null {
  const before = obstacleOf(world, iommu, 'page');
  const text = isStopMarker(message) ? 'stop marker' : `page request ${shortPage(addressPage(message))}`;
  const obstacle = before ?? push(world, iommu, 'page', recordOf(world, message), text);
  if (before === null && registerField(world, iommu, REGISTER.pqcsr, 'pie') === 1) notify(world, iommu, 'page');
  if (obstacle === null) return null;
  // A queue that is full says Success: the device asks for its translation again, and then for the page.
  return obstacle === 'overflow' ? PRG_RESPONSE_CODE.SUCCESS : PRG_RESPONSE_CODE.RESPONSE_FAILURE;
}

/** The answer to a page request that met a fault on the way to its device context. RISC-V IOMMU 2.6.1. */
export function codeForFault(cause: number): number {
  return cause === CAUSE.TYPE_DISALLOWED ? PRG_RESPONSE_CODE.INVALID_REQUEST : PRG_RESPONSE_CODE.RESPONSE_FAILURE;
}

/** Only the last request of a group is answered, and a Stop Marker never. */
export function isAnswered(message: Message): boolean {
  return bodyField(message, 'L') === 1 && !isStopMarker(message);
}

/** The last of a group, and asking for nothing: the device will ask for nothing more under this PASID. */
export function isStopMarker(message: Message): boolean {
  return bodyField(message, 'L') === 1 && bodyField(message, 'R') === 0 && bodyField(message, 'W') === 0;
}

/** PASID of an automatic answer, -1 for none: a failure carries that of the request, others as DC.tc.PRPR says. */
export function answerPasid(message: Message, code: number, prpr: boolean): number {
  return code === PRG_RESPONSE_CODE.RESPONSE_FAILURE || prpr ? message.pasid : -1;
}

function recordOf(world: World, message: Message): Uint32Array {
  const hasProcess = message.pasid >= 0;
  return encode(PQ_RECORD, {
    PID: Math.max(0, message.pasid),
    PV: hasProcess ? 1 : 0,
    PRIV: hasProcess ? message.priv : 0,
    EXEC: hasProcess ? message.exec : 0,
    DID: deviceIdOf(links.get(world, message.link).sid),
    R: bodyField(message, 'R'),
    W: bodyField(message, 'W'),
    L: bodyField(message, 'L'),
    PRGI: bodyField(message, 'PRGI'),
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

/** Sends a PRG Response down a link; `code` as on the wire, `pasid` -1 for none. The wire body names the device. */
export function sendPageResponse(world: World, link: number, group: number, code: number, pasid: number): void {
  const DestDeviceID = links.get(world, link).sid & 0xffff;
  const body = encode(PRG_RESPONSE_BODY, { PRGI: group, RespCode: code, DestDeviceID });
  sendDown(world, link, { kind: 'page-response', pasid, lo: body[0] ?? 0, hi: body[1] ?? 0 });
}
