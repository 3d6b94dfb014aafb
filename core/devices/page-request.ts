import { getField, setField } from '../hardware/layout.ts';
import { sendUp } from '../hardware/pcie/link.ts';
import { PAGE_REQUEST_BODY } from '../hardware/pcie/messages.layout.ts';
import { send } from '../sim/telling.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { devices } from './device.ts';
import type { Job } from './job.ts';

/** Page Request Group indices: 9 bits. PCIe 10.4.1. */
const GROUPS = 512;

/** A page request group that waits for its response: it holds a credit for each of its requests. */
export interface RequestGroup extends Row {
  readonly device: number;
  readonly prgi: number;
  readonly pasid: number;
  /** The job that waits for the answer; -1 for a group that was sent by hand, request by request. */
  readonly job: number;
  readonly requests: number;
  /** 1 until its last request has been sent. */
  readonly open: number;
  /** 1: the device gave up; the response is only taken back for its credits. */
  readonly stale: number;
}

export const requestGroups = table<RequestGroup>(
  'request-group',
  { device: 'int', prgi: 'int', pasid: 'int', job: 'int', requests: 'int', open: 'int', stale: 'int' },
  (id, r) => ({
    id,
    h0: 0,
    h1: 0,
    device: r.device,
    prgi: r.prgi,
    pasid: r.pasid,
    job: r.job,
    requests: r.requests,
    open: r.open,
    stale: r.stale,
  }),
);

/** A page request that was sent and not answered yet: what the device remembers of it. */
export interface SentRequest extends Row {
  /** Id of its request group. */
  readonly group: number;
  readonly page: number;
  readonly write: number;
  readonly exec: number;
}

export const sentRequests = table<SentRequest>(
  'sent-request',
  { group: 'int', page: 'int', write: 'int', exec: 'int' },
  (id, r) => ({
    id,
    h0: 0,
    h1: 0,
    group: r.group,
    page: r.page,
    write: r.write,
    exec: r.exec,
  }),
);

export function groupsOf(world: World, device: number): RequestGroup[] {
  return requestGroups.all(world).filter((row) => row.device === device);
}

/** The group that is outstanding under an index, undefined where the index is free. */
export function groupAt(world: World, device: number, prgi: number): RequestGroup | undefined {
  return requestGroups.first(world, (row) => row.device === device && row.prgi === prgi);
}

/** Sends a request of a group up the link; the sender has waited for room. PCIe 10.4.1. */
export function sendRequest(
  world: World,
  group: RequestGroup,
  request: Pick<SentRequest, 'page' | 'write' | 'exec'> & { readonly last: boolean },
): void {
  const { name, link } = devices.get(world, group.device);
  const { pasid, prgi } = group;
  const { page, write, exec, last } = request;
  sentRequests.insert(world, { group: group.id, page, write, exec });
  if (last) {
    requestGroups.edit(world, group.id, (row) => {
      row.open = 0;
    });
  }
  const body = pageRequestBody(page, write === 1, last, prgi);
  sendUp(world, link, { kind: 'page-request', pasid, exec, tag: group.job, ...body });
  const access = write === 1 ? 'write' : exec === 1 ? 'execute' : 'read';
  const text = `page request: group ${prgi}${last ? ', last' : ''}, ${access}`;
  send(world, 'message', name, 'smmu', text, { pasid, fault: 1 });
}

/** The index is free again: the response has come. */
export function endGroup(world: World, group: RequestGroup): void {
  for (const sent of sentRequests.all(world)) if (sent.group === group.id) sentRequests.remove(world, sent.id);
  requestGroups.remove(world, group.id);
}

/** After a Response Failure no request is sent any more: groups that wait for their last one will never be whole. */
export function forgetOpenGroups(world: World, device: number): void {
  for (const group of groupsOf(world, device)) if (group.open === 1 && group.job < 0) endGroup(world, group);
}

/** The device does not wait for these answers any more: they are only taken back for their credits. */
export function markStale(world: World, group: RequestGroup): void {
  requestGroups.edit(world, group.id, (row) => {
    row.stale = 1;
  });
}

/** Credits in use: page requests of the device that no response has answered yet. */
export function creditsUsed(world: World, device: number): number {
  return groupsOf(world, device).reduce((sum, group) => sum + group.requests, 0);
}

export function creditsLeft(world: World, device: number): number {
  return devices.get(world, device).credits - creditsUsed(world, device);
}

/** A device may ask at all: it has PRI, and no Response Failure has told it to stop. */
export function canRequest(world: World, job: Pick<Job, 'device'>): boolean {
  const device = devices.get(world, job.device);
  return device.pri === 1 && device.failed === 0 && device.credits > 0;
}

/**
 * The requests of the next group for so many missing pages. A group whose last request met a full PRI queue is answered
 * Success although nothing was done, so a job asks for half as much each time (assumption: devices are free in this).
 */
export function requestsFor(world: World, job: Pick<Job, 'device' | 'burst'>, missing: number): number {
  return Math.min(missing, devices.get(world, job.device).credits, job.burst);
}

/** The lowest index that is not outstanding: a function must not reuse one before its response came. */
export function freeGroupIndex(world: World, device: number): number {
  const taken = new Set(groupsOf(world, device).map((group) => group.prgi));
  let prgi = 0;
  while (taken.has(prgi) && prgi < GROUPS) prgi++;
  return prgi;
}

/** The body of a Page Request on the wire, lowest word first. PCIe 10.4.1. */
function pageRequestBody(page: number, write: boolean, last: boolean, prgi: number): { lo: number; hi: number } {
  const words = new Uint32Array(2);
  setField(words, PAGE_REQUEST_BODY.fields.R, 1);
  setField(words, PAGE_REQUEST_BODY.fields.W, write ? 1 : 0);
  setField(words, PAGE_REQUEST_BODY.fields.L, last ? 1 : 0);
  setField(words, PAGE_REQUEST_BODY.fields.PRGI, prgi);
  setField(words, PAGE_REQUEST_BODY.fields.PageAddr, page);
  return { lo: words[0] as number, hi: words[1] as number };
}

/** Last, but neither read nor write: the device sends no more page requests with this PASID. PCIe 10.4.1.2.1. */
export function stopMarkerBody(): { lo: number; hi: number } {
  const words = new Uint32Array(2);
  setField(words, PAGE_REQUEST_BODY.fields.L, 1);
  return { lo: words[0] as number, hi: getField(words, PAGE_REQUEST_BODY.fields.R) };
}
