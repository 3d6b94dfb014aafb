import { jobs } from '../../devices/job.ts';
import { type Message, messages } from '../../hardware/pcie/link.ts';
import type { TraceEntry } from '../../machine/trace.ts';
import { frames } from '../../process/frame.ts';
import type { World } from '../../world/world.ts';

/** For whom each job of a device works: the mm whose PASID it was submitted with. */
export type Owners = Map<number, number>;

/** Notes a submission after the event. */
export function noteSubmission(owners: Owners, entry: TraceEntry): void {
  const { job, mm } = entry.facts;
  if (entry.step === 'accel_submit.submit' && typeof job === 'number') owners.set(job, Number(mm));
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
  const isOwn = frame.use === 'anon' && frame.owner === owner;
  return isOwn ? null : `a write for mm ${owner} lands in ${frame.use} page ${page} of ${frame.owner}`;
}
