import { jobs } from '../../devices/job.ts';
import { type Message, messages } from '../../hardware/pcie/link.ts';
import { NO_SPACE, spaceWithPasid } from '../../iommu/space.ts';
import type { TraceEntry } from '../../machine/trace.ts';
import { frames } from '../../process/frame.ts';
import type { World } from '../../world/world.ts';

/** Whose memory a job of a device may write: pages of the mm, or of the private PASID, that it was submitted with. */
export type Owners = Map<number, { readonly use: 'anon' | 'private'; readonly owner: number }>;

/** Notes a submission after the event. */
export function noteSubmission(world: World, owners: Owners, { step, facts: { job, mm, pasid } }: TraceEntry): void {
  if (typeof job !== 'number') return;
  if (step === 'accel_submit.submit') owners.set(job, { use: 'anon', owner: Number(mm) });
  if (step !== 'accel_submit_dma.submit') return;
  owners.set(job, { use: 'private', owner: spaceWithPasid(world, Number(pasid))?.id ?? NO_SPACE });
}

/** The message that the SMMU carries out in memory next, null if the event is another one. Asked before the event. */
export function accessOf(world: World, entry: TraceEntry): Message | null {
  if (entry.step !== 'smmuv3_translation.access') return null;
  return messages.find(world, Number(entry.facts['message'])) ?? null;
}

/** Why a device's access to memory is one into somebody else's; null if it is not. */
export function trespass(world: World, owners: Owners, message: Message, page: number): string | null {
  if (message.pasid < 0) return null;
  const frame = frames.find(world, page - world.slots.ramFirst);
  if (frame === undefined) return `${message.kind} of free page ${page}`;
  if (message.kind !== 'write' || jobs.find(world, message.tag) === undefined) return null;
  const owner = owners.get(message.tag);
  if (frame.use === owner?.use && frame.owner === owner.owner) return null;
  return `a write for ${owner?.use} memory of ${owner?.owner} lands in ${frame.use} page ${page} of ${frame.owner}`;
}
