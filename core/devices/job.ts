import { assert } from '../lib/assert.ts';
import { shortPage } from '../lib/format.ts';
import { writesAs } from '../sim/telling.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';

/** Work descriptors that a device holds, finished ones included until a newer one takes their place. */
export const WORK_QUEUE = 8;
/** Pages that one work descriptor may touch: the engine keeps one bit for each. */
export const JOB_PAGES = 16;

/** execute: it fetches what it reads as instructions. */
export const OPERATIONS = ['read', 'write', 'chase', 'execute'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** What the last translation request or page request of a job was answered with. */
export type Answer = 'none' | 'granted' | 'missing' | 'refused' | 'success' | 'invalid' | 'failure';

/** A work descriptor and what has become of it. */
export interface Job extends Row {
  readonly device: number;
  /** Position in the work queue, in order of submission. */
  readonly place: number;
  readonly operation: Operation;
  /** -1: without PASID, by the DMA addresses of the domain. */
  readonly pasid: number;
  /** Whose memory it was submitted for, -1 with a pasid of -1: what the device does not know, and invariants ask. */
  readonly mm: number;
  readonly page: number;
  readonly offset: number;
  readonly bytes: number;
  /** First word written; the next words count up from it. */
  readonly data: number;
  /** Pointers still to follow. */
  readonly hops: number;
  readonly state: 'queued' | 'running' | 'waiting' | 'done' | 'failed';
  readonly answer: Answer;
  /** The page that a translation was asked for last. */
  readonly asking: number;
  /** Page of a translated read that is under way, -1 for none: its ATC entry may not be given up yet. */
  readonly reading: number;
  /** What the last read returned: its first two words. */
  readonly value: number;
  readonly valueHi: number;
  /** Page requests that its next group may have. */
  readonly burst: number;
}

export const jobs = table<Job>(
  'job',
  {
    device: 'int',
    place: 'int',
    operation: 'text',
    pasid: 'int',
    mm: 'int',
    page: 'int',
    offset: 'int',
    bytes: 'int',
    data: 'int',
    hops: 'int',
    state: 'text',
    answer: 'text',
    asking: 'int',
    reading: 'int',
    value: 'int',
    valueHi: 'int',
    burst: 'int',
  },
  (id, r) => ({
    id,
    h0: 0,
    h1: 0,
    device: r.device,
    place: r.place,
    operation: r.operation,
    pasid: r.pasid,
    mm: r.mm,
    page: r.page,
    offset: r.offset,
    bytes: r.bytes,
    data: r.data,
    hops: r.hops,
    state: r.state,
    answer: r.answer,
    asking: r.asking,
    reading: r.reading,
    value: r.value,
    valueHi: r.valueHi,
    burst: r.burst,
  }),
);

export function jobsOf(world: World, device: number): Job[] {
  return jobs
    .all(world)
    .filter((row) => row.device === device)
    .sort((a, b) => a.place - b.place);
}

const isOver = (job: Job): boolean => job.state === 'done' || job.state === 'failed';

/** There is a place in the work queue, if need be that of a finished descriptor. */
export function hasPlace(world: World, device: number): boolean {
  const own = jobsOf(world, device);
  return own.length < WORK_QUEUE || own.some(isOver);
}

/** Puts a descriptor into the work queue, as one 64-byte store to the device's portal does. */
export function submit(
  world: World,
  device: number,
  work: Pick<Job, 'operation' | 'pasid' | 'mm' | 'page' | 'offset' | 'bytes' | 'data' | 'hops'>,
): Job {
  const own = jobsOf(world, device);
  const oldest = own.find(isOver);
  if (own.length === WORK_QUEUE) {
    assert(oldest !== undefined, 'a descriptor is submitted where there is a place');
    removeJob(world, oldest);
  }
  const place = jobsOf(world, device).length;
  const fresh = {
    state: 'queued',
    answer: 'none',
    asking: -1,
    reading: -1,
    value: 0,
    valueHi: 0,
    burst: JOB_PAGES,
  } as const;
  return jobs.insert(world, { device, place, ...work, ...fresh });
}

function removeJob(world: World, job: Job): void {
  jobs.remove(world, job.id);
  for (const other of jobsOf(world, job.device)) {
    if (other.place < job.place) continue;
    jobs.edit(world, other.id, (row) => {
      row.place -= 1;
    });
  }
}

export function setJob(
  world: World,
  id: number,
  change: Partial<Pick<Job, 'state' | 'answer' | 'asking' | 'reading' | 'burst'>>,
): void {
  jobs.edit(world, id, (row) => {
    Object.assign(row, change);
  });
}

/** Pages that a job touches from its first address on; a pointer chase touches one at a time. */
export function pagesOf(job: Pick<Job, 'offset' | 'bytes'>): number {
  return Math.max(1, Math.ceil((job.offset + job.bytes) / 4096));
}

/** The access that a job needs. To execute is to read, marked as a fetch: only a PASID prefix can do that. PCIe 6.20. */
export function accessOf({ operation, pasid }: Pick<Job, 'operation' | 'pasid'>): 'read' | 'write' | 'execute' {
  return operation === 'chase' || (operation === 'execute' && pasid < 0) ? 'read' : operation;
}

export function wantsWrite(job: Pick<Job, 'operation'>): boolean {
  return job.operation === 'write';
}

writesAs('job', (world, id) => {
  const job = jobs.find(world, id);
  if (job === undefined) return `job ${id}`;
  if (job.operation === 'chase') return `the pointer chase at ${shortPage(job.page)}`;
  const what = job.operation === 'execute' ? 'fetch' : job.operation;
  return `the ${what} of ${job.bytes} bytes at ${shortPage(job.page)}`;
});
