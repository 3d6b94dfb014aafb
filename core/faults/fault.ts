import { decides } from '../policy/policy.ts';
import { writesAs } from '../sim/telling.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

/** A page request in the kernel (struct iommu_fault), between the interrupt thread and the response. */
export interface Fault extends Row {
  readonly device: number;
  /** -1 without PASID. */
  readonly pasid: number;
  readonly prgi: number;
  readonly page: number;
  readonly read: number;
  readonly write: number;
  readonly exec: number;
  readonly priv: number;
  /** The group it was put into; -1 while it waits as a partial for the last of its group. */
  readonly iopf: number;
  /** Order of arrival among the faults that wait or are in its group. */
  readonly place: number;
}

export const faults = table<Fault>(
  'fault',
  {
    device: 'int',
    pasid: 'int',
    prgi: 'int',
    page: 'int',
    read: 'int',
    write: 'int',
    exec: 'int',
    priv: 'int',
    iopf: 'int',
    place: 'int',
  },
  (id, r) => ({
    id,
    h0: 0,
    h1: 0,
    device: r.device,
    pasid: r.pasid,
    prgi: r.prgi,
    page: r.page,
    read: r.read,
    write: r.write,
    exec: r.exec,
    priv: r.priv,
    iopf: r.iopf,
    place: r.place,
  }),
);

/** What a group is answered with; FAILURE also tells the device to stop asking (RFCv2 IOMMU_FAULT_STATUS_*). */
export const RESPONSE = { success: 0, invalid: 1, failure: 2 } as const;

export function responseName(code: number): string {
  return Object.entries(RESPONSE).find(([, value]) => value === code)?.[0] ?? `code ${code}`;
}

/** A complete page request group, handled as one item of the fault workqueue and answered once. */
export interface IopfGroup extends Row {
  readonly device: number;
  readonly pasid: number;
  readonly prgi: number;
  /** The fault queue that it is work of. */
  readonly queue: number;
  /** taken: a handler of its driver has taken it over and owes the answer; no work of a queue (-1) then. */
  readonly state: 'queued' | 'running' | 'taken';
  /** Position in the workqueue; that of a running one and of one that was taken over is -1. */
  readonly place: number;
  /** Errors are sticky: once set, later requests of the group are not handled. */
  readonly response: number;
  /** 1 while its device is owed the answer; 0 once it has been given one because the device leaves. */
  readonly pending: number;
  /** The flush that it belongs to (faults/flush.ts). */
  readonly color: number;
}

export const iopfGroups = table<IopfGroup>(
  'iopf',
  {
    device: 'int',
    pasid: 'int',
    prgi: 'int',
    queue: 'int',
    state: 'text',
    place: 'int',
    response: 'int',
    pending: 'int',
    color: 'int',
  },
  (id, r) => ({
    id,
    h0: 0,
    h1: 0,
    device: r.device,
    pasid: r.pasid,
    prgi: r.prgi,
    queue: r.queue,
    state: r.state,
    place: r.place,
    response: r.response,
    pending: r.pending,
    color: r.color,
  }),
);

const byPlace = (a: Fault, b: Fault): number => a.place - b.place;

export function faultsIn(world: World, iopf: number): Fault[] {
  return faults
    .all(world)
    .filter((row) => row.iopf === iopf)
    .sort(byPlace);
}

/** Requests of a group whose last has not come yet, in order of arrival. */
export function partialsOf(world: World, device: number, prgi: number): Fault[] {
  return faults
    .all(world)
    .filter((row) => row.iopf < 0 && row.device === device && row.prgi === prgi)
    .sort(byPlace);
}

/** All partials of a device, whatever their group. */
export function partialsFrom(world: World, device: number): Fault[] {
  return faults.all(world).filter((row) => row.iopf < 0 && row.device === device);
}

/** Partials that cannot be completed any more are dropped; the posted list keeps them for the next with their index. */
export function dropsPartials(world: World): boolean {
  return decides(world, 'partials', 'discarded');
}

/** Responses are matched with what is pending; the posted code sends them whether anybody waits for them or not. */
export function matchesResponses(world: World): boolean {
  return decides(world, 'responses', 'matched');
}

/** A group that a handler has taken over stays pending until its driver answers. */
export function keepTaken(world: World, { device, pasid, prgi }: Pick<IopfGroup, 'device' | 'pasid' | 'prgi'>): void {
  const fresh = { state: 'taken', place: -1, queue: -1, color: -1, response: RESPONSE.success, pending: 1 } as const;
  iopfGroups.insert(world, { device, pasid, prgi, ...fresh });
}

/** The group of a device that a handler has taken over and nobody has answered. */
export function takenAt(world: World, device: number, prgi: number): IopfGroup | undefined {
  return iopfGroups.first(world, (row) => row.state === 'taken' && row.device === device && row.prgi === prgi);
}

/** A group of a device that is owed its answer. */
export function pendingOf(world: World, device: number): IopfGroup | undefined {
  return iopfGroups.first(world, (row) => row.device === device && row.pending === 1);
}

/** iopf_queue_discard_partial(). */
export function discardPartials(world: World, partials: readonly Fault[]): void {
  for (const fault of partials) faults.remove(world, fault.id);
}

writesAs('iopf', (world, id) => `group ${iopfGroups.find(world, id)?.prgi ?? id}`);
writesAs('response', (_world, code) => responseName(code));
