import { devices } from '../../devices/device.ts';
import { faults } from '../../faults/fault.ts';
import { faultWorker } from '../../faults/worker.ts';
import { type IommuProcess, processes } from '../../iommu/process.ts';
import { hex } from '../../lib/format.ts';
import { doWpPage } from '../../process/cow.ts';
import { handleMmFault } from '../../process/fault.ts';
import { grants, wasRaced } from '../../process/fault-result.ts';
import { mms } from '../../process/mm.ts';
import type { Actor } from '../../sim/actor.ts';
import { stepOf } from '../../sim/procedure.ts';
import type { World } from '../../world/world.ts';
import { everySuch, type Invariant, ofActors, stepIn } from './invariant.ts';

export const FAULT_INVARIANTS: readonly Invariant[] = [
  {
    id: 'mm-users',
    stands: ['I26'],
    claim: 'A fault is handled only in an address space that has users.',
    cases: 'faults that are being handled',
    ...ofActors((actor) => isHandling(actor), faultWithoutUsers),
  },
  {
    id: 'notifiers',
    stands: ['I27', 'P15'],
    claim: 'While an mm lives, each of its processes that was published listens for its changes.',
    cases: 'live processes',
    check: (world) => everySuch(processes.slots(world), isLive, (process) => unheard(world, process)),
  },
  {
    id: 'success-mapped',
    stands: ['I22'],
    claim:
      'A page request is answered Success only for a page that its fault left mapped with the right asked for, or ' +
      'whose descriptor somebody else had changed under it: then the device tries again, as the CPU would.',
    cases: 'page requests that were just resolved',
    ...ofActors((actor) => isResolved(actor), notMapped),
  },
];

const HANDLERS = [handleMmFault.name, doWpPage.name];
const RESOLVED = stepIn(faultWorker, 'unlock');

const isHandling = ({ frame }: Actor): boolean => frame !== null && HANDLERS.includes(stepOf(frame).procedure);

function faultWithoutUsers(world: World, { frame, name }: Actor): string | null {
  const mm = mms.find(world, frame?.locals['mm'] ?? -1);
  return mm !== undefined && mm.users > 0
    ? null
    : `${name} handles a fault of ${mm?.name ?? 'a freed mm'}, without users`;
}

const isLive = ({ state }: IommuProcess): boolean => state === 'live';

function unheard(world: World, { mm, pasid }: IommuProcess): string | null {
  const { name, notifiers, state } = mms.get(world, mm);
  const published = processes.all(world).filter((row) => row.mm === mm && isLive(row)).length;
  if (state !== 'live' || notifiers >= published) return null;
  return `${name} has ${notifiers} notifiers for ${published} processes, one with PASID ${pasid}`;
}

/**
 * The worker after handle_mm_fault() has returned, before it lets go of mmap_lock. What it returned tells of the moment
 * in which it did: reclaim may take the page again before the answer.
 */
const isResolved = ({ frame }: Actor): boolean => frame?.step === RESOLVED && (frame.locals['result'] ?? -1) >= 0;

function notMapped(world: World, { frame }: Actor): string | null {
  const { fault: id = -1, mm: asked = -1, result = 0 } = frame?.locals ?? {};
  const fault = faults.find(world, id);
  const mm = mms.find(world, asked);
  if (fault === undefined || mm === undefined || wasRaced(result) || grants(result, fault.write)) return null;
  const { name } = devices.get(world, fault.device);
  return `the page 0x${hex(fault.page)} of ${mm.name} that ${name} asked for was not mapped`;
}
