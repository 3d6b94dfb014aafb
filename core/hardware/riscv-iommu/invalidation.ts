/** Invalidations of the caches in devices: each has an ITag until the device says that it is done. RISC-V IOMMU 3.1.4. */
import { assert } from '../../lib/assert.ts';
import { readWord, writeWord } from '../../world/memory.ts';
import type { World } from '../../world/world.ts';
import { getField } from '../layout.ts';
import { hasRoomDown, type Link, links, linksOf, type Message, sendDown } from '../pcie/link.ts';
import { INV_CPL_BODY } from '../pcie/messages.layout.ts';
import { riscvIommus, scratchPage } from './iommu.ts';

/** Whether an Invalidate Request can be sent: a credit of the link, and an ITag of the IOMMU. */
export function canInvalidate(world: World, iommu: number, link: number): boolean {
  return hasRoomDown(world, link) && freeTag(world, iommu) >= 0;
}

/** Sends an Invalidate Request with the lowest free ITag; the body is the payload of the command. */
export function sendInvalidation(
  world: World,
  iommu: number,
  link: number,
  message: Pick<Message, 'pasid' | 'lo' | 'hi'>,
): number {
  const tag = freeTag(world, iommu);
  assert(tag >= 0, 'an invalidation is sent when an ITag is free');
  sendDown(world, link, { kind: 'invalidate-request', tag, ...message });
  setTags(world, link, links.get(world, link).itags | (1 << tag));
  return tag;
}

/**
 * Counts the completions that a device owes for the ITags it names, and frees those that it has all sent. False for a
 * completion that nobody awaits, which is ignored. A message without a body names one ITag and is its only completion.
 */
export function settleInvalidation(world: World, iommu: number, message: Message): boolean {
  const body = [message.lo, message.hi];
  const named = getField(body, INV_CPL_BODY.fields.ITagVector);
  const vector = named === 0 ? 2 ** message.tag : named;
  const count = named === 0 ? 1 : getField(body, INV_CPL_BODY.fields.CC);
  if ((vector & ~links.get(world, message.link).itags) >>> 0 !== 0) return false;
  for (let tag = 0; tag < 32; tag++) {
    if ((vector & (1 << tag)) !== 0) countCompletion(world, iommu, message.link, tag, count);
  }
  return true;
}

/** One more completion for an ITag; of eight, the count on the wire is 0. PCIe 10.3.2. */
function countCompletion(world: World, iommu: number, link: number, tag: number, count: number): void {
  const page = scratchPage(world, iommu);
  const received = (readWord(world, page, tag * 4) + 1) & 7;
  const isLast = received === count;
  writeWord(world, page, tag * 4, isLast ? 0 : received);
  if (isLast) setTags(world, link, links.get(world, link).itags & ~(1 << tag));
}

/** Whether a device below the IOMMU still owes an Invalidate Completion. */
export function isInvalidating(world: World, iommu: number): boolean {
  return tagsOf(world, iommu) !== 0;
}

/** The time-out of ATS has passed: what the link owes now will never come. RISC-V IOMMU 3.1.4. */
export function expireInvalidations(world: World, link: Pick<Link, 'id' | 'smmu' | 'itags'>): void {
  if (link.itags === 0) return;
  setTags(world, link.id, 0);
  setExpired(world, link.smmu, 1);
}

export function hasExpired(world: World, iommu: number): boolean {
  return riscvIommus.get(world, iommu).expired === 1;
}

/** The fence that failed for it has said so. */
export function setExpired(world: World, iommu: number, expired: number): void {
  riscvIommus.edit(world, iommu, (row) => {
    row.expired = expired;
  });
}

function tagsOf(world: World, iommu: number): number {
  let tags = 0;
  for (const { itags } of linksOf(world, iommu)) tags |= itags;
  return tags >>> 0;
}

/** The lowest ITag that no device holds, -1 where none is left. */
function freeTag(world: World, iommu: number): number {
  const taken = tagsOf(world, iommu);
  const { itags } = riscvIommus.get(world, iommu);
  for (let tag = 0; tag < itags; tag++) if ((taken & (1 << tag)) === 0) return tag;
  return -1;
}

function setTags(world: World, link: number, itags: number): void {
  links.edit(world, link, (row) => {
    row.itags = itags >>> 0;
  });
}
