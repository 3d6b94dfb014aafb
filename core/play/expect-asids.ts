import { domains } from '../iommu/domain.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { NO_SPACE } from '../iommu/space.ts';
import { mms } from '../process/mm.ts';
import type { CommandOf } from '../script/index.ts';
import type { World } from '../world/world.ts';
import { held, machineOf, type Play, type Refused, refuse, type Said } from './play.ts';
import { findProcess } from './resolve.ts';

type Claiming<W extends string> = Extract<CommandOf<'expect'>, { what: W }>;

/** Which ASID tags the translations of a process, in the CPUs or in the IOMMUs, where it may be a PSCID. */
export function expectAsid(play: Play, claim: Claiming<'asid'>): Said | Refused {
  const { world } = machineOf(play);
  const task = findProcess(world, claim.process);
  if (!task.ok) return task.error;
  const asid = claim.tags === 'cpu' ? mms.get(world, task.value.mm).asid : tagInIommus(world, task.value.mm);
  return held(asid === claim.asid, `its ASID is ${asid ?? 'none'}`);
}

function tagInIommus(world: World, mm: number): number | null {
  const tag = siliconOf(world).tagOfMm(world, mm);
  return tag < 0 ? null : tag;
}

/** Which ASID tags the DMA addresses of a domain. */
export function expectDomainAsid(play: Play, claim: Claiming<'domain-asid'>): Said | Refused {
  const { world } = machineOf(play);
  const domain = domains.first(world, (row) => row.name === claim.domain);
  if (domain === undefined) return refuse('ENODEV', `there is no domain ${claim.domain}`);
  const { tag } = siliconOf(world).ioTables(world, domain.id, NO_SPACE);
  return held(tag === claim.asid, `its ASID is ${tag}`);
}
