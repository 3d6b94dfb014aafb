import { devices } from '../../devices/device.ts';
import { type PasidUse, pasidUses } from '../../devices/pasid-use.ts';
import { type Bond, bonds, contextOf, contexts, contextsOf, type IommuContext } from '../../iommu/context.ts';
import { domainOf } from '../../iommu/group.ts';
import { processes, processWithPasid } from '../../iommu/process.ts';
import { mms } from '../../process/mm.ts';
import type { World } from '../../world/world.ts';
import { every, type Invariant } from './invariant.ts';

export const CONTEXT_INVARIANTS: readonly Invariant[] = [
  {
    id: 'context-devices',
    stands: ['I5', 'P2'],
    claim: 'A context counts exactly the devices that have a bond.',
    cases: 'contexts',
    check: (world) =>
      every(contexts.slots(world), ({ id, devices }) => {
        const count = bonds.all(world).filter(({ context }) => context === id).length;
        return count === devices ? null : `context ${id} counts ${devices} devices and has ${count}`;
      }),
  },
  {
    id: 'context-refs',
    stands: ['P3'],
    claim: 'A process has at least one reference for each of its contexts.',
    cases: 'processes with a context',
    check: (world) =>
      every(processes.slots(world), ({ id, kref, pasid }) => {
        const links = contextsOf(world, id).length;
        return links <= kref ? null : `PASID ${pasid} has ${links} contexts and ${kref} references`;
      }),
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
