/** TLB invalidations that CPUs broadcast (DVM messages), as an SMMU hears them. SMMUv3 3.17. */
import { send } from '../../sim/telling.ts';
import type { World } from '../../world/world.ts';
import { invalidate, type TlbMatch } from '../tlb.ts';
import { REGISTER } from './registers.layout.ts';
import { registerField } from './registers.ts';
import { iotlb, overtakeUnit, smmus } from './smmu.ts';

/** Takes part in broadcast TLB maintenance: it can, and software has not told it to ignore what it hears. */
export function hearsBroadcast(world: World, smmu: number): boolean {
  const can = registerField(world, smmu, REGISTER.IDR0, 'BTM') === 1;
  return can && registerField(world, smmu, REGISTER.CR2, 'PTM') === 0;
}

/** Every SMMU that takes part drops what fits, unless its ASID is private (CD.ASET). */
export function hearInvalidation(world: World, match: TlbMatch): void {
  for (const { id, name } of smmus.all(world)) {
    if (!hearsBroadcast(world, id)) continue;
    send(world, 'message', 'mm', name, `broadcast TLBI asid ${match.asid ?? 'all'}`);
    invalidate(world, iotlb(world, id), { ...match, keepPrivate: true });
    overtakeUnit(world, id);
  }
}
