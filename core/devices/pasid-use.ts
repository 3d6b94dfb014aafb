import { links, messages } from '../hardware/pcie/link.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { devices } from './device.ts';
import { jobs, jobsOf, setJob } from './job.ts';
import { groupsOf, markStale, type RequestGroup, requestGroups } from './page-request.ts';

/** A PASID that a device was told to use. No row: the device has stopped using it, or never did. */
export interface PasidUse extends Row {
  readonly device: number;
  readonly pasid: number;
  readonly state: 'running' | 'stopping';
}

export const pasidUses = table<PasidUse>('pasid-use', { device: 'int', pasid: 'int', state: 'text' }, (id, r) => ({
  id,
  h0: 0,
  h1: 0,
  device: r.device,
  pasid: r.pasid,
  state: r.state,
}));

export function pasidUseOf(world: World, device: number, pasid: number): PasidUse | undefined {
  return pasidUses.first(world, (row) => row.device === device && row.pasid === pasid);
}

/** No device uses the PASID any more. */
export function isStopped(world: World, pasid: number): boolean {
  return pasidUses.first(world, (row) => row.pasid === pasid) === undefined;
}

/** The device uses no PASID any more. */
export function usesNoPasid(world: World, device: number): boolean {
  return pasidUses.first(world, (row) => row.device === device) === undefined;
}

export function startUse(world: World, device: number, pasid: number): void {
  if (pasidUseOf(world, device, pasid) === undefined) pasidUses.insert(world, { device, pasid, state: 'running' });
}

/**
 * Tells the device to stop: it starts no more work with the PASID. Work that runs is finished or given up in the
 * device's own way; the use has ended when its row is gone. PCIe 6.20.1, 10.4.1.2.
 */
export function stopUse(world: World, device: number, pasid: number): void {
  const use = pasidUseOf(world, device, pasid);
  if (use === undefined || use.state === 'stopping') return;
  pasidUses.edit(world, use.id, (row) => {
    row.state = 'stopping';
  });
  for (const job of jobsOf(world, device)) {
    if (job.pasid === pasid && job.state === 'queued') setJob(world, job.id, { state: 'failed' });
  }
  for (const group of groupsOf(world, device)) {
    if (group.open === 0 && isByHand(group) && mustGiveUp(world, device, group.pasid)) markStale(world, group);
  }
}

const isByHand = ({ job }: RequestGroup): boolean => job < 0;

/** A group sent by hand whose PASID is being stopped before its last request: the device has to send that now. */
export function groupToClose(world: World, device: number): RequestGroup | undefined {
  const isStopping = (pasid: number): boolean => pasidUseOf(world, device, pasid)?.state === 'stopping';
  return groupsOf(world, device).find((group) => group.open === 1 && isByHand(group) && isStopping(group.pasid));
}

/** A use that has come to its end: no work runs with it, and all it had sent has left the link. */
export function endedUse(world: World, device: number): PasidUse | undefined {
  return pasidUses.first(world, (use) => use.device === device && use.state === 'stopping' && isQuiet(world, use));
}

function isQuiet(world: World, use: PasidUse): boolean {
  const { link } = devices.get(world, use.device);
  const busy = (state: string): boolean => state === 'running' || state === 'waiting';
  if (jobs.first(world, (job) => job.device === use.device && job.pasid === use.pasid && busy(job.state))) return false;
  const waits = (row: RequestGroup): boolean => row.device === use.device && row.pasid === use.pasid && row.stale === 0;
  if (requestGroups.first(world, (row) => isByHand(row) && waits(row))) return false;
  const sent = messages.first(world, (row) => row.link === links.get(world, link).id && row.pasid === use.pasid);
  return sent === undefined;
}

/** Work with this PASID has to be given up now: the device stops and does not wait for answers. */
export function mustGiveUp(world: World, device: number, pasid: number): boolean {
  const use = pasidUseOf(world, device, pasid);
  return use?.state === 'stopping' && devices.get(world, device).stop === 'marker';
}
