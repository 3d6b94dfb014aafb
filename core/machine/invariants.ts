import { atcOf, devices } from '../devices/device.ts';
import { creditsUsed, groupsOf } from '../devices/page-request.ts';
import { contextPlace, smmuDomains } from '../drivers/arm-smmu-v3/domain.ts';
import { faults, iopfGroups } from '../faults/fault.ts';
import { decode, pageOf } from '../hardware/layout.ts';
import { CD } from '../hardware/smmuv3/context.layout.ts';
import { iotlb, smmus } from '../hardware/smmuv3/smmu.ts';
import { entriesOf, type TlbShape } from '../hardware/tlb.ts';
import { bonds, contexts, contextsOf } from '../iommu/context.ts';
import { pasidCursor } from '../iommu/pasid.ts';
import { processes, processWithPasid } from '../iommu/process.ts';
import { hex } from '../lib/format.ts';
import { frames } from '../process/frame.ts';
import { mms } from '../process/mm.ts';
import { actors, isEnabled } from '../sim/actor.ts';
import { locks } from '../sim/lock.ts';
import { stepOf } from '../sim/procedure.ts';
import { isMemory, readWords } from '../world/memory.ts';
import type { World } from '../world/world.ts';

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
    claim: 'A PASID is given back only when no fault of it is on its way through the kernel.',
    fails: faultOfDeadPasid,
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

const scratch = new Uint32Array(CD.size / 4);
/** PASIDs below the cursor were handed out at some time; those above never were. */
const PASIDS_CHECKED = 64;

function deadContext(world: World): string | null {
  const last = Math.min(pasidCursor.get(world, 0).next, PASIDS_CHECKED);
  for (const domain of smmuDomains.all(world)) {
    for (let pasid = 1; pasid < last; pasid++) {
      const place = contextPlace(world, domain, pasid);
      if (place === null) continue;
      const words = readWords(world, place.page, place.offset, scratch.length, scratch);
      if ((words[0] as number) >>> 31 === 0) continue;
      const root = pageOf(decode(CD, words).TTB0, CD.fields.TTB0.shift ?? 4);
      const process = processWithPasid(world, pasid);
      const mm = process && mms.find(world, process.mm);
      if (mm === undefined) return `PASID ${pasid} has a valid entry and no process`;
      if (mm.pgd !== root) return `PASID ${pasid} leads to page tables at 0x${hex(root)}, not those of ${mm.name}`;
    }
  }
  return null;
}

function faultOfDeadPasid(world: World): string | null {
  for (const process of processes.all(world)) {
    if (process.state !== 'dead' || processWithPasid(world, process.pasid) !== undefined) continue;
    const fault = faults.first(world, (row) => row.pasid === process.pasid);
    const group = iopfGroups.first(world, (row) => row.pasid === process.pasid);
    if (fault ?? group) return `PASID ${process.pasid} was given back with a fault still in the kernel`;
  }
  return null;
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

function danglingTranslation(world: World): string | null {
  for (const { id, name } of smmus.all(world)) {
    const page = danglingIn(world, iotlb(world, id));
    if (page !== null) return `the IOTLB of ${name} ${page}`;
  }
  for (const { id, name } of devices.all(world)) {
    const page = danglingIn(world, atcOf(world, id));
    if (page !== null) return `the ATC of ${name} ${page}`;
  }
  return null;
}

function danglingIn(world: World, cache: TlbShape): string | null {
  for (const entry of entriesOf(world, cache)) {
    if (!isMemory(world, entry.output)) continue;
    const owned = frames.find(world, entry.output - world.slots.ramFirst) !== undefined;
    if (!owned) return `maps page 0x${hex(entry.page)} to 0x${hex(entry.output)}, which is free`;
  }
  return null;
}

function miscountedContext(world: World): string | null {
  for (const context of contexts.all(world)) {
    const count = bonds.all(world).filter((bond) => bond.context === context.id).length;
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
