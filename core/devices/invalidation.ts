import { getField } from '../hardware/layout.ts';
import { decodePages } from '../hardware/pcie/address-range.ts';
import { hasRoomUp, type Message, sendUp } from '../hardware/pcie/link.ts';
import { INV_REQ_BODY } from '../hardware/pcie/messages.layout.ts';
import { invalidate, type TlbMatch } from '../hardware/tlb.ts';
import { send } from '../sim/telling.ts';
import type { Row } from '../world/row.ts';
import { table } from '../world/table.ts';
import type { World } from '../world/world.ts';
import { atcOf, devices } from './device.ts';
import { type Job, jobs } from './job.ts';

/**
 * An Invalidate Request that the device has carried out in its ATC and not yet completed: a read that uses an old
 * translation is still out. Its completion stands behind in the queue, so the device must go on taking messages.
 */
export interface PendingInvalidation extends Row {
  readonly device: number;
  /** ITag of the request. */
  readonly tag: number;
  /** -1 without PASID, EVERY_PASID where it is for all of them. */
  readonly pasid: number;
  /** It covers 2^span pages from `page` on. */
  readonly page: number;
  readonly span: number;
}

const EVERY_PASID = -2;

export const pendingInvalidations = table<PendingInvalidation>(
  'pending-invalidation',
  { device: 'int', tag: 'int', pasid: 'int', page: 'int', span: 'int' },
  (id, r) => ({ id, h0: 0, h1: 0, device: r.device, tag: r.tag, pasid: r.pasid, page: r.page, span: r.span }),
);

/** Drops what an Invalidate Request names from the ATC, and remembers that it is to be completed; the entries dropped. */
export function dropTranslations(world: World, device: number, message: Message): number {
  const words = [message.lo, message.hi];
  const addr = getField(words, INV_REQ_BODY.fields.Addr);
  const run = decodePages({ S: getField(words, INV_REQ_BODY.fields.S), Addr: addr });
  const pasid = getField(words, INV_REQ_BODY.fields.G) === 1 ? EVERY_PASID : message.pasid;
  const match: TlbMatch = pasid === EVERY_PASID ? run : { asid: pasid, ...run };
  pendingInvalidations.insert(world, { device, tag: message.tag, pasid, page: run.page, span: run.span });
  return invalidate(world, atcOf(world, device), match);
}

/** One that can be completed: no read uses what it dropped; writes are posted before the completion, so they are past. */
export function settledInvalidation(world: World, device: number): PendingInvalidation | undefined {
  if (!hasRoomUp(world, devices.get(world, device).link)) return undefined;
  return pendingInvalidations.first(world, (row) => row.device === device && !isRead(world, row));
}

function isRead(world: World, { device, pasid, page, span }: PendingInvalidation): boolean {
  const fits = (job: Job): boolean => job.reading >= page && job.reading < page + 2 ** span;
  const isOf = (job: Job): boolean => job.device === device && (pasid === EVERY_PASID || job.pasid === pasid);
  return jobs.first(world, (job) => isOf(job) && fits(job)) !== undefined;
}

/** Sends the Invalidate Completion. PCIe 10.3.2: from here on the old translation is not used. */
export function completeInvalidation(world: World, { id, device, tag, pasid }: PendingInvalidation): void {
  const { link, name } = devices.get(world, device);
  pendingInvalidations.remove(world, id);
  sendUp(world, link, { kind: 'invalidate-completion', tag });
  send(world, 'response', name, 'smmu', 'invalidation done', { pasid });
}
