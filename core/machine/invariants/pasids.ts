import { devices } from '../../devices/device.ts';
import { pasidUses } from '../../devices/pasid-use.ts';
import { faults, iopfGroups } from '../../faults/fault.ts';
import { isTaken } from '../../iommu/pasid.ts';
import { type IommuProcess, processes } from '../../iommu/process.ts';
import { mms } from '../../process/mm.ts';
import type { World } from '../../world/world.ts';
import { every, type Invariant, type Verdict } from './invariant.ts';

export const PASID_INVARIANTS: readonly Invariant[] = [
  {
    id: 'one-pasid',
    stands: ['P1'],
    claim: 'A PASID belongs to at most one process, and a process has at most one PASID.',
    cases: 'processes that hold a PASID',
    check: (world) => every(processes.slots(world), (process) => sharedPasid(world, process)),
  },
  {
    id: 'pasid-in-flight',
    stands: ['I2', 'P7'],
    claim: 'A PASID is given back only when no device uses it and no fault of it is on its way through the kernel.',
    cases: 'devices that use a PASID, faults in the kernel',
    check: deadPasidInUse,
  },
];

function sharedPasid(world: World, { id, mm, pasid, state }: IommuProcess): string | null {
  if (state === 'dead') return null;
  const other = processes.first(
    world,
    (row) => row.id > id && row.state !== 'dead' && (row.pasid === pasid || row.mm === mm),
  );
  if (other === undefined) return null;
  if (other.pasid === pasid) return `PASID ${pasid} belongs to two processes`;
  return `${mms.get(world, mm).name} has two PASIDs, ${pasid} and ${other.pasid}`;
}

interface Carrier {
  readonly pasid: number;
}

function deadPasidInUse(world: World): Verdict {
  const isDead = ({ pasid }: Carrier): boolean => pasid >= 0 && !isTaken(world, pasid);
  const used = every(pasidUses.slots(world), (use) =>
    isDead(use) ? `PASID ${use.pasid} was given back while ${devices.get(world, use.device).name} uses it` : null,
  );
  if (typeof used === 'string') return used;
  const inKernel: readonly (Carrier | undefined)[] = [...faults.slots(world), ...iopfGroups.slots(world)];
  const reported = every(inKernel, (fault) =>
    isDead(fault) && wasGivenBack(world, fault.pasid)
      ? `PASID ${fault.pasid} was given back with a fault still in the kernel`
      : null,
  );
  return typeof reported === 'string' ? reported : used + reported;
}

/** A device can make up a PASID that nobody ever had: a fault of that is none of a dead process. */
function wasGivenBack(world: World, pasid: number): boolean {
  return processes.first(world, (row) => row.state === 'dead' && row.pasid === pasid) !== undefined;
}
