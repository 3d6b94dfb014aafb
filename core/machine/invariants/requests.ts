import { deviceOn, devices } from '../../devices/device.ts';
import { creditsUsed, groupAt, groupsOf, requestGroups, sentRequests } from '../../devices/page-request.ts';
import { readl } from '../../drivers/arm-smmu-v3/unit.ts';
import { type Fault, faults, faultsIn, type IopfGroup, iopfGroups } from '../../faults/fault.ts';
import { isPending } from '../../hardware/irq.ts';
import { getField } from '../../hardware/layout.ts';
import { links, type Message, messages } from '../../hardware/pcie/link.ts';
import { PRG_RESPONSE_BODY } from '../../hardware/pcie/messages.layout.ts';
import { REGISTER } from '../../hardware/smmuv3/registers.layout.ts';
import { smmus } from '../../hardware/smmuv3/smmu.ts';
import { stalls, stallsIn } from '../../hardware/smmuv3/stall.ts';
import { siliconOf } from '../../iommu/silicon.ts';
import { shortPage } from '../../lib/format.ts';
import type { World } from '../../world/world.ts';
import { every, everySuch, except, type Invariant, type Verdict } from './invariant.ts';
import { type Outstanding, stalledOf } from './stalls.ts';

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
  {
    id: 'one-response',
    stands: ['I17', 'I20', 'I35', 'P5', 'P6', 'P17'],
    claim: 'A page response on its way answers a group that its device waits for, with its PASID, and only once.',
    cases: 'page responses on a link',
    check: (world) => everySuch(messages.slots(world), isResponse, (message) => straysResponse(world, message)),
  },
  {
    id: 'partials-outstanding',
    stands: ['I19', 'P11'],
    claim:
      'While no overflow is to be acknowledged, a partial that waits for its last belongs to a group that its device waits for.',
    cases: 'partial page requests in the kernel',
    exceptions: [
      except('partials', 'kept', 'Partials are never discarded; the harm shows when they join another group.'),
    ],
    check: forgottenPartial,
  },
  {
    id: 'stalls',
    stands: ['P9'],
    claim: 'An SMMU holds no more transactions than STALL_MAX, and no two with one tag.',
    cases: 'transactions in a stall buffer',
    check: overfullBuffer,
  },
  {
    id: 'queues-noticed',
    stands: ['I18'],
    claim: 'While an event or PRI queue has an entry or an overflow, its interrupt is pending or its thread at work.',
    cases: 'event and PRI queues with an entry or an overflow',
    check: unnoticed,
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
  const sent = device.stall === 1 ? stalledOf(world, device, iopf.prgi) : requestedOf(world, device.id, iopf.prgi);
  for (const fault of faultsIn(world, iopf.id)) {
    const isOwn = ({ page, write, pasid }: Outstanding): boolean =>
      page === fault.page && write === fault.write && pasid === fault.pasid;
    const at = sent.findIndex(isOwn);
    if (at < 0) return strangerInWords(device.name, iopf, fault);
    sent.splice(at, 1);
  }
  return null;
}

function requestedOf(world: World, device: number, prgi: number): Outstanding[] {
  const group = groupAt(world, device, prgi);
  if (group === undefined) return [];
  const sent = sentRequests.all(world).filter((row) => row.group === group.id);
  return sent.map(({ page, write }) => ({ page, write, pasid: group.pasid }));
}

function strangerInWords(device: string, { prgi }: IopfGroup, { page, pasid }: Fault): string {
  const whose = pasid < 0 ? 'without PASID' : `with PASID ${pasid}`;
  return `group ${prgi} of ${device} holds a request for ${shortPage(page)} ${whose} of an earlier group ${prgi}`;
}

const isResponse = ({ kind }: Message): boolean => kind === 'page-response';

const indexOf = ({ lo, hi }: Message): number => getField([lo, hi], PRG_RESPONSE_BODY.fields.PRGI);

function straysResponse(world: World, message: Message): string | null {
  const { link, pasid, id } = message;
  const prgi = indexOf(message);
  const device = deviceOn(world, link);
  if (device === undefined) return `a response to group ${prgi} goes to a device that is gone`;
  const group = groupsOf(world, device.id).find((row) => row.prgi === prgi);
  if (group === undefined) return `a response to group ${prgi} goes to ${device.name}, which waits for none`;
  if (pasid >= 0 && pasid !== group.pasid) return `a response to group ${prgi} of ${device.name} has PASID ${pasid}`;
  const isTwin = (row: Message): boolean =>
    isResponse(row) && row.id !== id && row.link === link && indexOf(row) === prgi;
  return messages.first(world, isTwin) !== undefined ? `group ${prgi} of ${device.name} gets two responses` : null;
}

const isPartial = ({ iopf }: Fault): boolean => iopf < 0;

function forgottenPartial(world: World): Verdict {
  return everySuch(faults.slots(world), isPartial, ({ device: id, prgi }) => {
    const device = devices.get(world, id);
    if (siliconOf(world).isOverflowing(world, links.get(world, device.link).smmu)) return null;
    const isOutstanding = groupAt(world, id, prgi) !== undefined || stalledOf(world, device, prgi).length > 0;
    return isOutstanding ? null : `a partial of group ${prgi} is left, for which ${device.name} waits no longer`;
  });
}

function overfullBuffer(world: World): Verdict {
  for (const { id, name } of smmus.all(world)) {
    const held = stallsIn(world, id);
    const most = getField([readl(world, id, REGISTER.IDR5)], REGISTER.IDR5.layout.fields.STALL_MAX);
    if (held.length > most) return `${name} holds ${held.length} transactions, and its STALL_MAX is ${most}`;
    const tags = held.filter(({ stag }) => stag >= 0).map(({ stag }) => stag);
    if (new Set(tags).size !== tags.length) return `${name} has given one tag to two transactions`;
  }
  return stalls.all(world).length;
}

/** Each queue that an IOMMU fills, the thread that empties it and the line that wakes this one. */
function unnoticed(world: World): Verdict {
  let looked = 0;
  for (const { iommu, name, hasWork, irq, sleeper } of siliconOf(world).filledQueues(world)) {
    if (!hasWork) continue;
    looked++;
    const asleep = isPending(world, irq) ? null : sleeper();
    if (asleep !== null) return `the ${asleep} sleeps while the ${name} of ${iommu} is not empty`;
  }
  return looked;
}
