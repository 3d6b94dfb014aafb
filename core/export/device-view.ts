import { type Device, devices } from '../devices/device.ts';
import { type Job, jobs, jobsOf } from '../devices/job.ts';
import { creditsUsed, groupsOf, type RequestGroup, requestGroups, sentRequests } from '../devices/page-request.ts';
import { links } from '../hardware/pcie/link.ts';
import { mannerOf } from '../hardware/pcie/tardiness.ts';
import { type Bond, bondsOfDevice, contexts } from '../iommu/context.ts';
import { domains } from '../iommu/domain.ts';
import { groups, members } from '../iommu/group.ts';
import { processes, processWithPasid } from '../iommu/process.ts';
import { hex, pageAddress } from '../lib/format.ts';
import { actors } from '../sim/actor.ts';
import type { World } from '../world/world.ts';
import { actorView } from './actor-view.ts';
import { atcView } from './iommu-view.ts';
import type { DeviceView, GroupView, JobView } from './view.ts';

/** Finished descriptors that are shown beside the live ones. */
const FINISHED_SHOWN = 3;

export function groupViews(world: World): GroupView[] {
  return groups.all(world).map((group) => ({
    key: `group/${group.id}`,
    name: group.name,
    domain: domains.find(world, group.domain)?.name ?? null,
    devices: members
      .all(world)
      .filter((member) => member.group === group.id)
      .map((member) => deviceView(world, devices.get(world, member.device))),
  }));
}

function deviceView(world: World, device: Device): DeviceView {
  const { sid, bus } = links.get(world, device.link);
  const capabilities = [
    device.pasidBits > 0 ? `PASID ${device.pasidBits}` : '',
    device.ats === 1 ? ['ATS', mannerOf(world, device.link) ?? ''].filter(Boolean).join(', ') : '',
    device.pri === 1 ? 'PRI' : '',
    device.stall === 1 ? 'Stall' : '',
  ];
  return {
    key: `device/${device.id}`,
    name: device.name,
    bus: bus === 'pci' ? bdf(sid) : 'platform',
    sid: `0x${hex(sid)}`,
    capabilities: capabilities.filter(Boolean),
    bonds: bondsOfDevice(world, device.id).flatMap((bond) => bondView(world, bond)),
    atc: device.ats === 1 ? atcView(world, device.id) : null,
    jobs: jobViews(world, device),
    credits: device.pri === 1 ? { used: creditsUsed(world, device.id), allowed: device.credits } : null,
    requests: groupsOf(world, device.id).map((group) => ({
      key: `request-group/${group.id}`,
      group: group.prgi,
      pages: pagesIn(world, group),
      mm: processWithPasid(world, group.pasid)?.mm ?? null,
    })),
    actors: actors
      .all(world)
      .filter((row) => row.lane === device.name)
      .map((row) => actorView(world, row.id)),
  };
}

/** How many pages a group asks for: those that were sent, of a group sent by hand, as nobody knows what is to come. */
function pagesIn(world: World, group: RequestGroup): string {
  const sent = sentRequests.all(world).filter((row) => row.group === group.id).length;
  const pages = group.job < 0 ? sent : group.requests;
  return `${pages === 1 ? '1 page' : `${pages} pages`}${group.job < 0 && group.open === 1 ? ', not the last' : ''}`;
}

/** A bond whose context was freed under it is not shown: it is what an invariant then reports. */
function bondView(world: World, { id, context, binds }: Bond): DeviceView['bonds'][number][] {
  const process = processes.find(world, contexts.find(world, context)?.process ?? -1);
  return process === undefined ? [] : [{ key: `bond/${id}`, mm: process.mm, pasid: process.pasid, uses: binds }];
}

/** Routing ID as PCI writes it: bus, device, function. */
function bdf(sid: number): string {
  return `${hex((sid >>> 8) & 0xff, 2)}:${hex((sid >>> 3) & 0x1f, 2)}.${sid & 7}`;
}

function jobViews(world: World, device: Device): JobView[] {
  const all = jobsOf(world, device.id);
  const over = all.filter((job) => job.state === 'done' || job.state === 'failed');
  const hidden = new Set(over.slice(0, Math.max(0, over.length - FINISHED_SHOWN)).map((job) => job.id));
  return all.filter((job) => !hidden.has(job.id)).map((job) => jobView(world, job));
}

function jobView(world: World, job: Job): JobView {
  return {
    key: `job/${job.id}`,
    what: job.operation === 'chase' ? 'follow pointers' : `${job.operation} ${job.bytes} B`,
    address: pageAddress(job.page, job.offset),
    mm: processWithPasid(world, job.pasid)?.mm ?? null,
    pasid: job.pasid < 0 ? null : job.pasid,
    state: job.state,
    note: noteOf(world, job),
  };
}

function noteOf(world: World, job: Job): string {
  if (job.state !== 'waiting') return job.state;
  const asked = requestGroups.first(world, (row) => row.job === job.id && row.stale === 0) ?? null;
  return asked === null || jobs.get(world, job.id).answer !== 'none' ? 'answered' : 'waiting for page';
}
