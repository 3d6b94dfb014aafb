import { atcOf, devices } from '../devices/device.ts';
import { lookup } from '../hardware/tlb.ts';
import { devicesIn } from '../iommu/group.ts';
import { siliconOf } from '../iommu/silicon.ts';
import { spaces } from '../iommu/space.ts';
import { isValid, pfnOf, readPte } from '../process/page-table.ts';
import type { CommandOf } from '../script/index.ts';
import { readWord } from '../world/memory.ts';
import type { World } from '../world/world.ts';
import { findTables, iovaSpot, type Tables } from './iova-commands.ts';
import { held, machineOf, type Play, type Refused, type Said } from './play.ts';

type Claiming<W extends string> = Extract<CommandOf<'expect'>, { what: W }>;

/** What is there for a DMA address. */
export function expectIova(play: Play, claim: Claiming<'iova'>): Said | Refused {
  const { world } = machineOf(play);
  const tables = findTables(world, claim.space);
  if (!tables.ok) return tables.error;
  const { page, offset } = iovaSpot(claim.iova);
  if (claim.state === 'cached' || claim.state === 'uncached') {
    const cached = isCached(world, tables.value, page, claim.cache);
    const there = cached ? `the ${claim.cache} has it` : `no ${claim.cache} has it`;
    return held(cached === (claim.state === 'cached'), there);
  }
  const pte = readPte(world, siliconOf(world).ioTables(world, tables.value.domain, tables.value.space).pgd, page);
  const there = isValid(pte) ? 'it is mapped' : 'it is not mapped';
  if (claim.state !== 'holds') return held(isValid(pte) === (claim.state === 'mapped'), there);
  if (!isValid(pte)) return held(false, there);
  const word = readWord(world, pfnOf(pte), offset);
  return held(word === claim.number, `memory holds 0x${word.toString(16)}`);
}

function isCached(world: World, { domain, space }: Tables, page: number, cache: 'iotlb' | 'atc'): boolean {
  const { iommus, iotlb, ioTables } = siliconOf(world);
  const { tag, pasid } = ioTables(world, domain, space);
  const key = { kind: 0, vmid: 0, page };
  if (cache === 'iotlb')
    return iommus.all(world).some(({ id }) => lookup(world, iotlb(world, id), { ...key, asid: tag }) >= 0);
  const own = devicesIn(world, domain).filter((device) => devices.get(world, device).ats === 1);
  return own.some((device) => lookup(world, atcOf(world, device), { ...key, asid: pasid }) >= 0);
}

/** The PASID of a private space, none where there is no such space. */
export function expectPrivate(play: Play, claim: Claiming<'private'>): Said {
  const { world } = machineOf(play);
  const pasid = spaces.first(world, (row) => row.name === claim.space)?.pasid ?? null;
  return held(pasid === claim.pasid, pasid === null ? 'there is no such PASID' : `its PASID is ${pasid}`);
}
