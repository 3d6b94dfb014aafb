import type { Device } from '../../devices/device.ts';
import type { Fault } from '../../faults/fault.ts';
import { addressPage, messages } from '../../hardware/pcie/link.ts';
import { REGISTER } from '../../hardware/smmuv3/registers.layout.ts';
import { registerField } from '../../hardware/smmuv3/registers.ts';
import { smmus } from '../../hardware/smmuv3/smmu.ts';
import { type Stall, stalls, stallsIn } from '../../hardware/smmuv3/stall.ts';
import type { World } from '../../world/world.ts';
import { every, type Invariant } from './invariant.ts';

export const STALL_INVARIANTS: readonly Invariant[] = [
  {
    id: 'stall-buffer',
    stands: ['I23'],
    claim: 'An SMMU stalls no more transactions than it has places for, each with a tag of its own.',
    cases: 'stalled transactions',
    check: (world) => every(stalls.slots(world), (stall) => overfull(world, stall)),
  },
];

function overfull(world: World, { id, smmu, stag }: Stall): string | null {
  const { name } = smmus.get(world, smmu);
  const all = stallsIn(world, smmu);
  const most = registerField(world, smmu, REGISTER.IDR5, 'STALL_MAX');
  if (all.length > most) return `${name} stalls ${all.length} transactions and has places for ${most}`;
  const isTwice = stag >= 0 && all.some((row) => row.id !== id && row.stag === stag);
  return isTwice ? `${name} stalls two transactions with STAG ${stag}` : null;
}

/** What a device waits for. */
export type Outstanding = Pick<Fault, 'page' | 'write' | 'pasid'>;

/** The transaction of a device that stalls with this tag: a group by itself. */
export function stalledOf(world: World, { link }: Device, stag: number): Outstanding[] {
  const held = stalls.all(world).filter((row) => row.stag === stag);
  const own = held.map((row) => messages.get(world, row.message)).filter((message) => message.link === link);
  return own.map((each) => ({ page: addressPage(each), write: each.kind === 'write' ? 1 : 0, pasid: each.pasid }));
}
