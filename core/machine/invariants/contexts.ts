import { devices } from '../../devices/device.ts';
import { type PasidUse, pasidUses } from '../../devices/pasid-use.ts';
import { type Bond, bonds, contextOf, contexts, contextsOf, type IommuContext, usesOf } from '../../iommu/context.ts';
import { domainOf } from '../../iommu/group.ts';
import { type IommuProcess, processes, processLock, processWithPasid } from '../../iommu/process.ts';
import { mms } from '../../process/mm.ts';
import { type Actor, actors } from '../../sim/actor.ts';
import { isFree } from '../../sim/lock.ts';
import { framesOf } from '../../sim/procedure.ts';
import { inWords } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { every, type Invariant } from './invariant.ts';

export const CONTEXT_INVARIANTS: readonly Invariant[] = [
  {
    id: 'context-devices',
    stands: ['I5', 'P2'],
    claim: 'A context counts exactly the devices that have a bond; where the kernel knows no bonds, their binds.',
    cases: 'contexts, while nobody holds iommu_process_lock',
    check: (world) =>
      isFree(world, processLock.id) ? every(contexts.slots(world), (row) => miscounted(world, row)) : 0,
  },
  {
    id: 'context-refs',
    stands: ['I6', 'P3'],
    claim: 'A process has one reference for each context, and at most one more for each procedure at work with it.',
    cases: 'processes',
    check: (world) => every(processes.slots(world), (process) => strayReference(world, process)),
  },
  {
    id: 'one-context',
    stands: ['I5'],
    claim: 'A process has at most one context in a domain.',
    cases: 'contexts',
    check: (world) => every(contexts.slots(world), (context) => doubledContext(world, context)),
  },
  {
    id: 'context-living',
    stands: ['I28'],
    claim: 'A process that does not exit yet is linked to a domain only while its mm will still tell of its end.',
    cases: 'contexts',
    check: (world) => every(contexts.slots(world), (context) => linkedTooLate(world, context)),
  },
  {
    id: 'bond-domain',
    stands: ['I10'],
    claim: 'A device that has bound a process is attached to the domain of the context.',
    cases: 'bonds',
    check: (world) => every(bonds.slots(world), (bond) => bondOutside(world, bond)),
  },
  {
    id: 'uses-bound',
    stands: ['I29', 'P14'],
    claim: 'A device that was told to use the PASID of a living process is attached to a domain that is linked to it.',
    cases: 'devices that use a PASID',
    check: (world) => every(pasidUses.slots(world), (use) => useWithoutContext(world, use)),
  },
];

/** Once release() has returned the mm tells nobody of anything any more. */
function linkedTooLate(world: World, { process, domain }: IommuContext): string | null {
  const { mm, pasid, state } = processes.get(world, process);
  const { name, notifiers } = mms.get(world, mm);
  return notifiers > 0 || state === 'exiting'
    ? null
    : `PASID ${pasid} is linked to domain ${domain} after the release of ${name}`;
}

/** In words whose process it is. */
function nameOf(world: World, process: number): string {
  const row = processes.find(world, process);
  return row === undefined ? 'a freed process' : inWords(world, 'mm', row.mm);
}

function doubledContext(world: World, { id, process, domain }: IommuContext): string | null {
  const other = contexts.first(world, (row) => row.id > id && row.process === process && row.domain === domain);
  return other === undefined
    ? null
    : `${nameOf(world, process)} has two contexts in ${inWords(world, 'domain', domain)}`;
}

function miscounted(world: World, { id, process, domain, devices: counted }: IommuContext): string | null {
  const uses = usesOf(world, id);
  if (uses === counted) return null;
  const whose = `${nameOf(world, process)} in ${inWords(world, 'domain', domain)}`;
  return `the context of ${whose} counts ${counted}, and there are ${uses}`;
}

/** Temporary references are those of procedures that have the process among their locals. */
function strayReference(world: World, { id, kref, pasid }: IommuProcess): string | null {
  const links = contextsOf(world, id).length;
  const name = nameOf(world, id);
  if (links > kref) return `${name} has ${links} contexts and ${kref} references`;
  if (kref === links) return null;
  const held = links + proceduresAt(world, id);
  return kref <= held
    ? null
    : `${name} counts ${kref} references and ${held} can be held: PASID ${pasid} is never given back`;
}

function proceduresAt(world: World, process: number): number {
  const own = `${process}`;
  return actors
    .viewed(world, processesIn)
    .reduce((sum, text) => sum + text.split(' ').filter((id) => id === own).length, 0);
}

/** The processes that the procedures of an actor have among their locals. */
const processesIn = ({ frame }: Actor): string =>
  framesOf(frame)
    .flatMap(({ locals }) => locals['process'] ?? [])
    .join(' ');

function bondOutside(world: World, { context, device }: Bond): string | null {
  const linked = contexts.find(world, context);
  const { name } = devices.get(world, device);
  if (linked === undefined) return `the bond of ${name} is in context ${context}, which was freed`;
  if (domainOf(world, device) === linked.domain) return null;
  return `${name} has bound PASID ${processes.get(world, linked.process).pasid} in a domain that it is not attached to`;
}

function useWithoutContext(world: World, { device, pasid, state }: PasidUse): string | null {
  const process = processWithPasid(world, pasid);
  if (process === undefined || process.state !== 'live' || state === 'stopping') return null;
  if (contextOf(world, process.id, domainOf(world, device)) !== undefined) return null;
  return `${devices.get(world, device).name} uses PASID ${pasid}, to which its domain is not linked any more`;
}
