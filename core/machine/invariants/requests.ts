import { devices } from '../../devices/device.ts';
import { creditsUsed, groupAt, groupsOf, requestGroups, sentRequests } from '../../devices/page-request.ts';
import { type Fault, faultsIn, type IopfGroup, iopfGroups } from '../../faults/fault.ts';
import { shortPage } from '../../lib/format.ts';
import type { World } from '../../world/world.ts';
import { every, type Invariant, type Verdict } from './invariant.ts';

export const REQUEST_INVARIANTS: readonly Invariant[] = [
  {
    id: 'credits',
    stands: ['I23', 'P17'],
    claim: 'A device has no more page requests outstanding than it was allocated, each group index once.',
    cases: 'page request groups of devices',
    check: overspentCredits,
  },
  {
    id: 'group-members',
    stands: ['I19'],
    claim: 'A group that the kernel handles holds only requests that its device sent as members of that group.',
    cases: 'page request groups in the kernel',
    check: (world) => every(iopfGroups.slots(world), (group) => strangerIn(world, group)),
  },
];

function overspentCredits(world: World): Verdict {
  for (const device of devices.all(world)) {
    if (creditsUsed(world, device.id) > device.credits) return `${device.name} has too many page requests outstanding`;
    const indices = groupsOf(world, device.id).map((group) => group.prgi);
    if (new Set(indices).size !== indices.length) return `${device.name} uses a group index twice`;
  }
  return requestGroups.all(world).length;
}

/**
 * Each request in the group answers to one that the device remembers as outstanding under this index: what was sent
 * before the index was last free is remembered no more. A device that is not there any more remembers nothing.
 */
function strangerIn(world: World, iopf: IopfGroup): string | null {
  const device = devices.find(world, iopf.device);
  if (device === undefined || iopf.pending === 0) return null;
  const group = groupAt(world, iopf.device, iopf.prgi);
  const sent = group === undefined ? [] : sentRequests.all(world).filter((row) => row.group === group.id);
  for (const fault of faultsIn(world, iopf.id)) {
    const isOwn = ({ page, write }: { readonly page: number; readonly write: number }): boolean =>
      page === fault.page && write === fault.write && fault.pasid === group?.pasid;
    const at = sent.findIndex(isOwn);
    if (at < 0) return strangerInWords(device.name, iopf, fault);
    sent.splice(at, 1);
  }
  return null;
}

function strangerInWords(device: string, { prgi }: IopfGroup, { page, pasid }: Fault): string {
  const whose = pasid < 0 ? 'without PASID' : `with PASID ${pasid}`;
  return `group ${prgi} of ${device} holds a request for ${shortPage(page)} ${whose} of an earlier group ${prgi}`;
}
