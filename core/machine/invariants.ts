import { devices } from '../devices/device.ts';
import { creditsUsed, groupsOf } from '../devices/page-request.ts';
import { pasidUses } from '../devices/pasid-use.ts';
import { contextPlace, type SmmuDomain, smmuDomains } from '../drivers/arm-smmu-v3/domain.ts';
import { faults, iopfGroups } from '../faults/fault.ts';
import { getField, pageOf } from '../hardware/layout.ts';
import { CD } from '../hardware/smmuv3/context.layout.ts';
import { bonds, contextOf, contexts, contextsOf } from '../iommu/context.ts';
import { pasidCursor } from '../iommu/pasid.ts';
import { processes, processLock, processWithPasid } from '../iommu/process.ts';
import { hex } from '../lib/format.ts';
import { mms } from '../process/mm.ts';
import { actors, isEnabled } from '../sim/actor.ts';
import { isFree, locks } from '../sim/lock.ts';
import { stepOf } from '../sim/procedure.ts';
import { wordsOf } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { danglingTranslation, staleTranslation } from './cached-translations.ts';

/** A truth about the machine that must hold in every state; `fails` says where it does not, null if it holds. */
export interface Invariant {
  readonly id: string;
  readonly claim: string;
  readonly fails: (world: World) => string | null;
}

export interface Broken {
  readonly id: string;
  readonly claim: string;
  readonly detail: string;
}

/** What every state of a correct machine satisfies. The kernel's bugs that break them are listed in the references. */
export const INVARIANTS: readonly Invariant[] = [
  {
    id: 'pasid-entries',
    claim: 'A valid context descriptor leads to the page tables of a living process that holds the PASID.',
    fails: deadContext,
  },
  {
    id: 'pasid-in-flight',
    claim: 'A PASID is given back only when no device uses it and no fault of it is on its way through the kernel.',
    fails: deadPasidInUse,
  },
  {
    id: 'context-entries',
    claim: 'A domain has an entry for exactly the processes that a context links it to.',
    fails: entryWithoutContext,
  },
  {
    id: 'one-pasid',
    claim: 'A PASID belongs to at most one process, and a process has at most one PASID.',
    fails: sharedPasid,
  },
  {
    id: 'frames-cached',
    claim: 'No TLB, IOTLB or ATC entry leads to a page of memory that nobody owns.',
    fails: danglingTranslation,
  },
  {
    id: 'caches-agree',
    claim: 'While nobody changes its page tables, no cache grants an access to an mm that they do not grant.',
    fails: staleTranslation,
  },
  { id: 'context-devices', claim: 'A context counts exactly the devices that have a bond.', fails: miscountedContext },
  {
    id: 'context-refs',
    claim: 'A process has at least one reference for each of its contexts.',
    fails: missingReference,
  },
  {
    id: 'credits',
    claim: 'A device has no more page requests outstanding than it was allocated, each group index once.',
    fails: overspentCredits,
  },
  { id: 'atomic-sleep', claim: 'Nobody sleeps while holding a spinlock.', fails: sleepingHolder },
];

/** Every invariant that does not hold now. */
export function brokenClaims(world: World): Broken[] {
  const broken: Broken[] = [];
  for (const { id, claim, fails } of INVARIANTS) {
    const detail = fails(world);
    if (detail !== null) broken.push({ id, claim, detail });
  }
  return broken;
}

/** PASIDs that are looked at: those that the cursor has passed, and all of a table so small that it has wrapped. */
const PASIDS_CHECKED = 64;

function lastPasid(world: World, domain: SmmuDomain): number {
  const all = 2 ** domain.contextBits;
  return Math.min(all <= PASIDS_CHECKED ? all : pasidCursor.get(world, 0).next, PASIDS_CHECKED);
}

/** The root that the valid entry of a PASID leads to, -1 for no valid entry. */
function rootOf(world: World, domain: SmmuDomain, pasid: number): number {
  const place = contextPlace(world, domain, pasid);
  if (place === null) return -1;
  const words = wordsOf(world, place.page);
  const first = place.offset >>> 2;
  if (getField(words, CD.fields.V, first) === 0) return -1;
  return pageOf(getField(words, CD.fields.TTB0, first), CD.fields.TTB0.shift ?? 4);
}

function deadContext(world: World): string | null {
  for (const domain of smmuDomains.all(world)) {
    for (let pasid = lastPasid(world, domain) - 1; pasid > 0; pasid--) {
      const root = rootOf(world, domain, pasid);
      if (root < 0) continue;
      const process = processWithPasid(world, pasid);
      const mm = process && mms.find(world, process.mm);
      if (mm === undefined) return `PASID ${pasid} has a valid entry and no process`;
      if (mm.pgd !== root) return `PASID ${pasid} leads to page tables at 0x${hex(root)}, not those of ${mm.name}`;
    }
  }
  return null;
}

/** Entry and context come and go together, under the lock; the entry of a process that exits goes first. */
function entryWithoutContext(world: World): string | null {
  if (!isFree(world, processLock.id)) return null;
  for (const domain of smmuDomains.all(world)) {
    for (let pasid = lastPasid(world, domain) - 1; pasid > 0; pasid--) {
      const process = processWithPasid(world, pasid);
      const isLinked = process !== undefined && contextOf(world, process.id, domain.domain) !== undefined;
      const isValid = rootOf(world, domain, pasid) >= 0;
      if (isLinked && !isValid) return `PASID ${pasid} has a context and no valid entry`;
      if (isValid && !isLinked) return `PASID ${pasid} has a valid entry and no context`;
    }
  }
  return null;
}

function deadPasidInUse(world: World): string | null {
  const isDead = ({ pasid }: { readonly pasid: number }): boolean =>
    pasid >= 0 && processWithPasid(world, pasid) === undefined;
  const use = pasidUses.first(world, isDead);
  if (use !== undefined)
    return `PASID ${use.pasid} was given back while ${devices.get(world, use.device).name} uses it`;
  const waits = faults.first(world, (fault) => isDead(fault) && wasGivenBack(world, fault.pasid));
  const fault = waits ?? iopfGroups.first(world, (group) => isDead(group) && wasGivenBack(world, group.pasid));
  return fault === undefined ? null : `PASID ${fault.pasid} was given back with a fault still in the kernel`;
}

/** A device can make up a PASID that nobody ever had: a fault of that is none of a dead process. */
function wasGivenBack(world: World, pasid: number): boolean {
  return processes.first(world, (row) => row.state === 'dead' && row.pasid === pasid) !== undefined;
}

function sharedPasid(world: World): string | null {
  const seen = new Map<number, number>();
  for (const { mm, pasid, state } of processes.all(world)) {
    if (state === 'dead') continue;
    if (seen.has(pasid)) return `PASID ${pasid} belongs to two processes`;
    if ([...seen.values()].includes(mm)) return `${mms.get(world, mm).name} has two PASIDs`;
    seen.set(pasid, mm);
  }
  return null;
}

function miscountedContext(world: World): string | null {
  for (const context of contexts.slots(world)) {
    if (context === undefined) continue;
    let count = 0;
    for (const bond of bonds.slots(world)) if (bond?.context === context.id) count++;
    if (count !== context.devices) return `context ${context.id} counts ${context.devices} devices and has ${count}`;
  }
  return null;
}

function missingReference(world: World): string | null {
  for (const { id, kref, pasid } of processes.all(world)) {
    const links = contextsOf(world, id).length;
    if (links > kref) return `PASID ${pasid} has ${links} contexts and ${kref} references`;
  }
  return null;
}

function overspentCredits(world: World): string | null {
  for (const device of devices.all(world)) {
    if (creditsUsed(world, device.id) > device.credits) return `${device.name} has too many page requests outstanding`;
    const indices = groupsOf(world, device.id).map((group) => group.prgi);
    if (new Set(indices).size !== indices.length) return `${device.name} uses a group index twice`;
  }
  return null;
}

function sleepingHolder(world: World): string | null {
  for (const lock of locks.all(world)) {
    if (lock.kind !== 'spin' || lock.owner < 0) continue;
    const holder = actors.get(world, lock.owner);
    if (holder.frame === null) return `${holder.name} went away with ${lock.name}`;
    const { notes } = stepOf(holder.frame);
    if (notes.wait === 'sleep' && !isEnabled(world, holder)) return `${holder.name} sleeps with ${lock.name}`;
  }
  return null;
}
