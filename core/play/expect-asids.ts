import { asidEntries } from '../drivers/arm-smmu-v3/asid-map.ts';
import { smmuDomainOf } from '../drivers/arm-smmu-v3/domain.ts';
import { domains } from '../iommu/domain.ts';
import { mms } from '../process/mm.ts';
import type { CommandOf } from '../script/index.ts';
import type { World } from '../world/world.ts';
import { held, machineOf, type Play, type Refused, refuse, type Said } from './play.ts';
import { findProcess } from './resolve.ts';

type Claiming<W extends string> = Extract<CommandOf<'expect'>, { what: W }>;

/** Which ASID tags the translations of a process, in the CPUs or in the SMMUs. */
export function expectAsid(play: Play, claim: Claiming<'asid'>): Said | Refused {
  const { world } = machineOf(play);
  const task = findProcess(world, claim.process);
  if (!task.ok) return task.error;
  const asid = claim.tags === 'cpu' ? mms.get(world, task.value.mm).asid : asidInSmmus(world, task.value.mm);
  return held(asid === claim.asid, `its ASID is ${asid ?? 'none'}`);
}

function asidInSmmus(world: World, mm: number): number | null {
  return asidEntries.first(world, (row) => row.mm === mm)?.asid ?? null;
}

/** Which ASID tags the DMA addresses of a domain. */
export function expectDomainAsid(play: Play, claim: Claiming<'domain-asid'>): Said | Refused {
  const { world } = machineOf(play);
  const domain = domains.first(world, (row) => row.name === claim.domain);
  if (domain === undefined) return refuse('ENODEV', `there is no domain ${claim.domain}`);
  const { asid } = smmuDomainOf(world, domain.id);
  return held(asid === claim.asid, `its ASID is ${asid}`);
}
