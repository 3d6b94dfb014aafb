/** Invalidations of the caches in devices: each has an ITag until the device says that it is done. SMMUv3 3.9.1. */
import { assert } from '../../lib/assert.ts';
import type { World } from '../../world/world.ts';
import { encode } from '../layout.ts';
import { encodePages, type PageRun } from '../pcie/address-range.ts';
import { hasRoomDown, ITAGS, links, linksOf, type Message, sendDown } from '../pcie/link.ts';
import { INV_REQ_BODY } from '../pcie/messages.layout.ts';
import { smmus } from './smmu.ts';

/** Whether a link can take one more Invalidate Request: a credit and a free ITag. */
export function canInvalidate(world: World, link: number): boolean {
  return hasRoomDown(world, link) && freeTag(links.get(world, link).itags) < ITAGS;
}

/** Sends an Invalidate Request with the lowest free ITag; `pasid` -1 means entries without PASID, and no `global`. */
export function sendInvalidation(world: World, link: number, pasid: number, pages: PageRun, global: number): number {
  const tag = freeTag(links.get(world, link).itags);
  assert(tag < ITAGS, 'an invalidation is sent when an ITag is free');
  const body = encode(INV_REQ_BODY, { G: pasid < 0 ? 0 : global, ...encodePages(pages) });
  sendDown(world, link, { kind: 'invalidate-request', pasid, tag, lo: body[0] ?? 0, hi: body[1] ?? 0 });
  setTags(world, link, (links.get(world, link).itags | (1 << tag)) >>> 0);
  return tag;
}

/**
 * Frees the ITag that an Invalidate Completion names. A device uses one traffic class and answers one request at a time
 * (on the wire: CC=1, one bit in the ITag vector). A tag that is not in use is an unexpected completion, and ignored.
 */
export function settleInvalidation(world: World, { link, tag }: Message): void {
  setTags(world, link, (links.get(world, link).itags & ~(1 << tag)) >>> 0);
}

/** Whether a device below the SMMU still owes an Invalidate Completion. */
export function isInvalidating(world: World, smmu: number): boolean {
  return linksOf(world, smmu).some((link) => link.itags !== 0);
}

/** The time-out of ATS has passed (PCIe 10.3.2: a minute): what the link owes now will never come. SMMUv3 3.9.1.4. */
export function expireInvalidations(world: World, link: number): void {
  const { smmu, itags } = links.get(world, link);
  if (itags === 0) return;
  setTags(world, link, 0);
  smmus.edit(world, smmu, (row) => {
    row.expired = 1;
  });
}

/** Whether one has timed out since this was last asked: the answer is given once, to the CMD_SYNC that fails. */
export function takeExpired(world: World, smmu: number): boolean {
  if (smmus.get(world, smmu).expired === 0) return false;
  smmus.edit(world, smmu, (row) => {
    row.expired = 0;
  });
  return true;
}

function freeTag(itags: number): number {
  let tag = 0;
  while (tag < ITAGS && ((itags >>> tag) & 1) !== 0) tag++;
  return tag;
}

function setTags(world: World, link: number, itags: number): void {
  links.edit(world, link, (row) => {
    row.itags = itags;
  });
}
