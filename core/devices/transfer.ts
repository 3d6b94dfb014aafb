import { type Sent, sendUp, type UpKind } from '../hardware/pcie/link.ts';
import { touch } from '../hardware/replacement.ts';
import { lookup, outputOf, RIGHT, rightsOf } from '../hardware/tlb.ts';
import { send } from '../sim/telling.ts';
import type { World } from '../world/world.ts';
import { atcOf, devices } from './device.ts';
import { accessOf, type Job } from './job.ts';

/** What a job of a DMA engine puts on the link, page by page. A set of its pages is a number with one bit for each. */

/** Stands for a page that is not translated. */
export const NO_PAGE = -1;

/** A translated page that the ATC grants the access for, -1 for none; its entry counts as used. */
export function cachedPage(world: World, job: Job, page: number): number {
  const atc = atcOf(world, job.device);
  const index = lookup(world, atc, { kind: 0, vmid: 0, asid: job.pasid, page });
  if (index < 0) return NO_PAGE;
  const needed = RIGHT[accessOf(job)];
  if ((rightsOf(world, atc, index) & needed) === 0) return NO_PAGE;
  touch(world, atc, index);
  return outputOf(world, atc, index, page);
}

/** The bytes of a job on one of its pages, and the first word that a write puts there. */
export function partOn(job: Job, page: number): { offset: number; bytes: number; data: number } {
  if (job.operation === 'chase') return { offset: job.offset, bytes: 8, data: 0 };
  const before = page === job.page ? 0 : (page - job.page) * 4096 - job.offset;
  const offset = page === job.page ? job.offset : 0;
  return { offset, bytes: Math.min(job.bytes - before, 4096 - offset), data: job.data + before / 4 };
}

/** An address of a page as two words. */
export function addressWords(page: number, offset: number): { lo: number; hi: number } {
  return { lo: ((page % 2 ** 20) * 4096 + offset) >>> 0, hi: Math.floor(page / 2 ** 20) };
}

/** How many pages are in a set. */
export function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** The first `count` pages of a set. */
export function lowestBits(bits: number, count: number): number {
  let rest = bits;
  for (let i = 0; i < count; i++) rest &= rest - 1;
  return bits & ~rest;
}

/** Sends a message of the job up the link; `said` is what the chart shows. */
export function upstream(world: World, job: Job, message: Sent<UpKind>, said: { text: string }): void {
  const device = devices.get(world, job.device);
  const exec = accessOf(job) === 'execute' ? 1 : 0;
  sendUp(world, device.link, { ...message, pasid: job.pasid, exec });
  send(world, 'message', device.name, 'smmu', said.text, { pasid: job.pasid });
}
