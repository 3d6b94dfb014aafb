import { atcOf, devices } from '../../devices/device.ts';
import { requestGroups } from '../../devices/page-request.ts';
import { pasidUses } from '../../devices/pasid-use.ts';
import { faults, iopfGroups } from '../../faults/fault.ts';
import { isParked, messages } from '../../hardware/pcie/link.ts';
import { entriesOf } from '../../hardware/tlb.ts';
import { type Bond, bonds, contexts } from '../../iommu/context.ts';
import { domains } from '../../iommu/domain.ts';
import { isTaken } from '../../iommu/pasid.ts';
import { type IommuProcess, processes, processLock } from '../../iommu/process.ts';
import { siliconOf } from '../../iommu/silicon.ts';
import { decides } from '../../policy/policy.ts';
import { mms } from '../../process/mm.ts';
import { isFree } from '../../sim/lock.ts';
import type { World } from '../../world/world.ts';
import { every, everySuch, type Invariant, type Verdict } from './invariant.ts';

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
    claim:
      'A PASID is given back only when no device uses it, and no fault of it is in a queue, an IOMMU or the kernel.',
    cases: 'devices that use a PASID, page requests and stalled transactions on their way, faults in the kernel',
    check: deadPasidInUse,
  },
  {
    id: 'pasid-range',
    stands: ['I8'],
    claim: 'A process that a device has bound has a PASID that the device and its domain can express, and never 0.',
    cases: 'bonds, while nobody holds iommu_process_lock',
    check: (world) =>
      isFree(world, processLock.id) ? every(bonds.slots(world), (bond) => pasidOutOfRange(world, bond)) : 0,
  },
  {
    id: 'pasid-clean',
    stands: ['I3', 'I4', 'P7'],
    claim: 'A PASID that was just handed out is in no ATC, and in no page request or response under way.',
    cases: 'processes under construction',
    check: (world) => everySuch(processes.slots(world), isNew, (process) => uncleanPasid(world, process)),
  },
];

/** Where a process is a task, the threads of one mm are several. */
function sharedPasid(world: World, { id, mm, pid, pasid, state }: IommuProcess): string | null {
  if (state === 'dead') return null;
  const byTask = decides(world, 'identity', 'task');
  const isSame = (row: IommuProcess): boolean => row.mm === mm && (!byTask || row.pid === pid);
  const other = processes.first(
    world,
    (row) => row.id > id && row.state !== 'dead' && (row.pasid === pasid || isSame(row)),
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
  const given = (carrier: Carrier, where: string): string | null =>
    isDead(carrier) && wasGivenBack(world, carrier.pasid)
      ? `PASID ${carrier.pasid} was given back with a fault still in ${where}`
      : null;
  const inKernel: readonly (Carrier | undefined)[] = [...faults.slots(world), ...iopfGroups.slots(world)];
  const reported = every(inKernel, (fault) => given(fault, 'the kernel'));
  if (typeof reported === 'string') return reported;
  const stalled = everySuch(messages.slots(world), isParked, (message) => given(message, 'a stall buffer'));
  if (typeof stalled === 'string') return stalled;
  const queued = every(siliconOf(world).queuedPasids(world), (pasid) => given({ pasid }, 'a PRI queue'));
  return typeof queued === 'string' ? queued : used + reported + stalled + queued;
}

/** A device can make up a PASID that nobody ever had: a fault of that is none of a dead process. */
function wasGivenBack(world: World, pasid: number): boolean {
  return processes.first(world, (row) => row.state === 'dead' && row.pasid === pasid) !== undefined;
}

function pasidOutOfRange(world: World, { context, device }: Bond): string | null {
  const linked = contexts.find(world, context);
  if (linked === undefined) return null;
  const { pasid } = processes.get(world, linked.process);
  const { minPasid, maxPasid } = domains.get(world, linked.domain);
  const { name, pasidBits } = devices.get(world, device);
  if (pasid < Math.max(1, minPasid) || pasid > maxPasid) return `PASID ${pasid} is out of the range of its domain`;
  return pasid < 2 ** pasidBits ? null : `PASID ${pasid} does not fit into the ${pasidBits} bits of ${name}`;
}

const isNew = ({ state }: IommuProcess): boolean => state === 'constructing';

function uncleanPasid(world: World, { pasid }: IommuProcess): string | null {
  const isOf = (row: Carrier): boolean => row.pasid === pasid;
  if (messages.first(world, isOf) !== undefined) return `a message with PASID ${pasid} is still on a link`;
  if (requestGroups.first(world, isOf) !== undefined)
    return `a page request of PASID ${pasid} still waits for an answer`;
  const holder = devices.first(world, ({ id }) =>
    entriesOf(world, atcOf(world, id)).some(({ asid }) => asid === pasid),
  );
  return holder === undefined ? null : `the ATC of ${holder.name} still has entries of PASID ${pasid}`;
}
